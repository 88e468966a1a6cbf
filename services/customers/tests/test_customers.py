"""Customers through their interface: entering, reading and completing them."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

HERE = "/api/v1/customers"
NAME = "晨曦精密机械（苏州）有限公司"
USCC = "91440300708461136T"


@pytest.fixture
def a_withdrawn_customer(a_request, deliver, client_of, ada):
    """A customer whose lead asked for itself back at once."""
    asked, _ = a_request()
    undo = {"customer_id": asked["customer_id"], "undo": str(uuid4())}
    deliver("lead.reverted.v1", undo, actor=ada.person_id)
    return client_of(ada).get(f"{HERE}/{asked['customer_id']}").json


def _ids(answer):
    return [item["id"] for item in answer.json["items"]]


def test_who_enters_a_customer_follows_it_and_answers_for_it(client_of, ada):
    answer = client_of(ada).post(HERE, json={"name": f" {NAME} ", "phone": "0512-6288 0000"})

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert (answer.json["name"], answer.json["phone"]) == (NAME, "0512-6288 0000")
    assert answer.json["creator_id"] == str(ada.person_id)
    assert answer.json["followers"] == [{"person_id": str(ada.person_id), "is_main": True}]
    assert (answer.json["collaborators"], answer.json["lead_id"]) == ([], None)
    assert answer.json["allowed_actions"] == ["edit", "add_contact"]


def test_entering_a_customer_is_announced_once(client_of, ada, recorded):
    client_of(ada).post(HERE, json={"name": NAME})

    assert recorded("customer.created.v1") == [{"lead_id": None, "contact_id": None}]


def test_a_second_follower_does_not_answer_for_it(a_customer, a_follower, client_of, ada, bob):
    customer = a_customer(by=ada)

    a_follower(bob, customer)

    assert client_of(ada).get(f"{HERE}/{customer['id']}").json["followers"] == [
        {"person_id": str(ada.person_id), "is_main": True},
        {"person_id": str(bob.person_id), "is_main": False},
    ]


def test_an_item_of_the_list_is_the_record_itself(
    client_of, ada, bob, crew, a_customer, a_follower, a_collaborator
):
    customer = a_customer(by=ada, uscc=USCC, mobile="138 0000 6666", fax="0512-1", remark="展会")
    a_follower(bob, customer)
    a_collaborator(crew.person("周杰"), customer, kind="after_sales")
    a_collaborator(crew.person("吴敏"), customer)

    listed = client_of(ada).get(HERE).json["items"]

    assert listed == [client_of(ada).get(f"{HERE}/{customer['id']}").json]
    assert [one["kind"] for one in listed[0]["collaborators"]] == ["after_sales", "pre_sales"]
    assert listed[0]["uscc"] == USCC


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("name", " ", "wrong-length"),
        ("name", "名" * 101, "wrong-length"),
        ("name", None, "null"),
        ("name", "nul\0", "bad-characters"),
        ("uscc", "911100006000373416", "bad-uscc"),
        ("mobile", "1380000666a", "bad-phone"),
        ("phone", "0" * 50, "bad-phone"),
        ("fax", "传真", "bad-phone"),
        ("followers", [], "unknown-field"),
        ("creator_id", "018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11", "unknown-field"),
        ("lead_id", "018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11", "unknown-field"),
        ("version", 3, "unknown-field"),
        ("confirmed_similar", None, "null"),
        ("confirmed_because", "因" * 201, "too-long"),
    ],
)
def test_a_wrong_field_is_named_with_its_code(client_of, ada, field, written, code):
    answer = client_of(ada).post(HERE, json={"name": NAME, field: written})

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]


@pytest.mark.parametrize("written", ["\u200b", "（）", "\u200b&\ufeff"])
def test_a_name_that_nobody_could_read_is_refused(client_of, ada, written):
    answer = client_of(ada).post(HERE, json={"name": written})

    assert (answer.status_code, answer.json["code"]) == (422, "unreadable-name")
    assert [e["field"] for e in answer.json["errors"]] == ["name"]


@pytest.mark.parametrize(("length", "status"), [(49, 201), (50, 422)])
@pytest.mark.parametrize("field", ["mobile", "phone", "fax"])
def test_a_number_has_fewer_than_fifty_characters(client_of, ada, field, length, status):
    """CUST-02."""
    answer = client_of(ada).post(HERE, json={"name": NAME, field: "1" * length})

    assert answer.status_code == status


def test_a_code_is_kept_as_it_is_compared(a_customer, ada):
    assert a_customer(by=ada, uscc=" ９１４４０３００７０８４６１１３６ｔ")["uscc"] == USCC


def test_pressing_twice_enters_once(client_of, ada, recorded):
    key = {"Idempotency-Key": "press-1"}

    first = client_of(ada).post(HERE, json={"name": NAME}, headers=key)
    again = client_of(ada).post(HERE, json={"name": NAME}, headers=key)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert again.headers["Idempotent-Replay"] == "true"
    assert len(recorded("customer.created.v1")) == 1


def test_eight_presses_at_once_enter_one_customer(client_of, ada):
    key = {"Idempotency-Key": "press-8"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: client_of(ada).post(HERE, json={"name": NAME}, headers=key), range(8)
            )
        )

    assert {a.status_code for a in answers} == {201}
    assert len({a.json["id"] for a in answers}) == 1


def test_a_change_needs_the_version_that_was_read(client_of, ada, a_customer):
    customer = a_customer(by=ada)

    answer = client_of(ada).patch(f"{HERE}/{customer['id']}", json={"address": "星湖街 1 号"})

    assert (answer.status_code, answer.json["code"]) == (428, "version-needed")


def test_a_change_keeps_what_it_does_not_name(client_of, ada, a_customer):
    customer = a_customer(by=ada, remark="展会上认识")

    answer = client_of(ada).patch(
        f"{HERE}/{customer['id']}", json={"address": "星湖街 1 号"}, headers={"If-Match": '"1"'}
    )

    assert answer.status_code == 200
    assert (answer.json["address"], answer.json["remark"]) == ("星湖街 1 号", "展会上认识")
    assert (answer.json["version"], answer.headers["ETag"]) == (2, '"2"')
    assert client_of(ada).get(f"{HERE}/{customer['id']}").json == answer.json


def test_a_stale_change_answers_with_the_current_record(client_of, ada, a_customer):
    path, read = f"{HERE}/{a_customer(by=ada)['id']}", {"If-Match": '"1"'}
    client_of(ada).patch(path, json={"remark": "甲"}, headers=read)

    stale = client_of(ada).patch(path, json={"remark": "乙"}, headers=read)

    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert stale.json["current"] == client_of(ada).get(path).json
    assert stale.json["current"]["remark"] == "甲"


def test_of_two_changes_at_once_one_is_stale(client_of, ada, a_customer):
    path = f"{HERE}/{a_customer(by=ada)['id']}"

    def change(remark):
        return client_of(ada).patch(path, json={"remark": remark}, headers={"If-Match": '"1"'})

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(change, ["甲", "乙"]))

    assert sorted(a.status_code for a in answers) == [200, 412]


def test_a_name_changes_by_request_only(client_of, ada, a_customer):
    """REN-01."""
    customer = a_customer(by=ada)

    answer = client_of(ada).patch(
        f"{HERE}/{customer['id']}", json={"name": "新名"}, headers={"If-Match": '"1"'}
    )

    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [("name", "unknown-field")]


def test_a_wrong_code_is_refused_in_a_change(client_of, ada, a_customer):
    path = f"{HERE}/{a_customer(by=ada, uscc=USCC)['id']}"

    answer = client_of(ada).patch(
        path, json={"uscc": "911100006000373416"}, headers={"If-Match": '"1"'}
    )

    assert (answer.status_code, answer.json["code"]) == (422, "bad-uscc")
    assert client_of(ada).get(path).json["uscc"] == USCC


def test_a_customer_that_was_put_away_can_no_longer_be_changed(
    client_of, ada, a_withdrawn_customer
):
    customer = a_withdrawn_customer
    version = {"If-Match": f'"{customer["version"]}"'}

    change = client_of(ada).patch(f"{HERE}/{customer['id']}", json={"remark": "x"}, headers=version)
    contact = client_of(ada).post(
        "/api/v1/contacts", json={"customer_id": customer["id"], "name": "王磊", "qq": "10001"}
    )

    assert (change.status_code, change.json["code"]) == (409, "customer-archived")
    assert (contact.status_code, contact.json["code"]) == (409, "customer-archived")
    assert change.json["title"] == "这个客户已归档，不能再修改"


def test_a_customer_that_was_put_away_leaves_the_list_and_stays_readable(
    client_of, ada, a_withdrawn_customer
):
    assert a_withdrawn_customer["archived_at"]
    assert a_withdrawn_customer["allowed_actions"] == []
    assert client_of(ada).get(HERE).json["items"] == []
    assert client_of(ada).get(f"{HERE}?archived=true").json["items"] == [a_withdrawn_customer]


def test_every_change_is_told_to_others_whole(client_of, ada, a_customer, recorded):
    customer = a_customer(by=ada)

    client_of(ada).patch(
        f"{HERE}/{customer['id']}", json={"uscc": USCC}, headers={"If-Match": '"1"'}
    )

    states = recorded("customer.state.v1")
    assert len(states) == 2
    assert states[1] == {
        "name": NAME,
        "lead_id": None,
        "creator_id": str(ada.person_id),
        "followers": [{"person_id": str(ada.person_id), "is_main": True}],
        "collaborators": [],
        "created_at": customer["created_at"],
        "archived_at": None,
    }


def test_a_refused_customer_is_told_to_nobody(client_of, ada, a_customer, recorded):
    a_customer(by=ada)

    client_of(ada).post(HERE, json={"name": NAME})

    assert len(recorded("customer.state.v1")) == len(recorded("customer.created.v1")) == 1


def test_a_person_without_the_permission_is_refused(client_of, crew):
    reader = crew.person(grants={"customer.view": "all"})

    answer = client_of(reader).post(HERE, json={"name": NAME})

    assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")


def test_an_id_that_is_none_is_no_customer(client_of, ada):
    assert client_of(ada).get(f"{HERE}/{UUID(int=0)}").json["code"] == "not-found"
    assert client_of(ada).get(f"{HERE}/nonsense").status_code == 404
