"""Customers through their interface: who gets what, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

HERE = "/api/v1/customers"
USCC = "91440300708461136T"


def test_who_enters_a_customer_follows_it(client_of, ada):
    answer = client_of(ada).post(
        HERE, json={"name": " 晨曦软件有限公司 ", "phone": "021-6288 0000"}
    )

    assert answer.status_code == 201
    assert answer.json["name"] == "晨曦软件有限公司"
    assert answer.json["followers"] == [{"person_id": str(ada.person_id), "is_main": True}]
    assert (answer.json["collaborators"], answer.json["lead_id"]) == ([], None)
    assert answer.json["allowed_actions"] == ["edit", "add_contact"]


def test_an_item_of_the_list_is_the_record_itself(client_of, ada, a_customer):
    customer = a_customer(by=ada, uscc=USCC, mobile="138-0000-6666")

    assert client_of(ada).get(HERE).json["items"] == [customer]
    assert client_of(ada).get(f"{HERE}/{customer['id']}").json == customer


def test_pressing_twice_enters_once(client_of, ada):
    form, key = {"name": "晨曦软件有限公司"}, {"Idempotency-Key": "press-1"}

    first = client_of(ada).post(HERE, json=form, headers=key)
    again = client_of(ada).post(HERE, json=form, headers=key)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert client_of(ada).get(HERE).json["total"] == 1


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("name", "", "wrong-length"),
        ("name", "名" * 101, "wrong-length"),
        ("name", None, "null"),
        ("name", "（）", "unreadable-name"),
        ("uscc", "911100006000373416", "bad-uscc"),
        ("phone", "0" * 50, "bad-phone"),
        ("fax", "12a", "bad-phone"),
        ("confirmed_similar", ["x"], "wrong-type"),
        ("followers", [], "unknown-field"),
        ("creator_id", "018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11", "unknown-field"),
    ],
)
def test_a_wrong_field_is_named_with_its_code(client_of, ada, field, written, code):
    answer = client_of(ada).post(HERE, json={"name": "晨曦软件有限公司", field: written})

    assert answer.status_code == 422
    assert [e["code"] for e in answer.json["errors"]] == [code]
    assert answer.json["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize(
    "spelling", ["晨曦软件有限公司", "晨曦 軟件有限公司", "晨曦软件有限公司\u3000"]
)
def test_the_same_company_is_refused_in_any_spelling(client_of, ada, bob, a_customer, spelling):
    a_customer(by=ada, name="晨曦软件有限公司")

    answer = client_of(bob).post(HERE, json={"name": spelling})

    assert (answer.status_code, answer.json["code"]) == (409, "customer-exists")


def test_the_same_code_is_the_same_company_under_any_name(client_of, ada, bob, a_customer):
    a_customer(by=ada, uscc=USCC)

    answer = client_of(bob).post(HERE, json={"name": "别的名字有限公司", "uscc": USCC.lower()})

    assert (answer.status_code, answer.json["code"]) == (409, "customer-exists")


def test_a_company_of_another_tenant_is_nobodys_business(client_of, ada, a_customer, other_crew):
    a_customer(by=ada, name="晨曦软件有限公司", uscc=USCC)
    stranger = other_crew.person(grants={"customer.create": "own", "customer.view": "own"})

    answer = client_of(stranger).post(HERE, json={"name": "晨曦软件有限公司", "uscc": USCC})

    assert answer.status_code == 201


def test_a_similar_company_is_entered_once_it_is_confirmed_with_a_reason(
    client_of, ada, a_customer
):
    known = a_customer(by=ada, name="上海晨曦软件有限公司")
    form = {"name": "北京晨曦软件有限公司"}
    confirmed = {**form, "confirmed_similar": [known["id"]]}

    asked = client_of(ada).post(HERE, json=form)
    silent = client_of(ada).post(HERE, json=confirmed)
    entered = client_of(ada).post(HERE, json={**confirmed, "confirmed_because": "独立法人"})

    assert (asked.status_code, asked.json["code"]) == (409, "similar-customers")
    assert (silent.status_code, silent.json["code"]) == (422, "reason-missing")
    assert entered.status_code == 201


def test_a_contact_with_the_same_mobile_makes_a_company_similar(
    client_of, ada, a_customer, a_contact
):
    a_contact(a_customer(by=ada), by=ada, mobile="+86 138-0000-6666")

    answer = client_of(ada).post(HERE, json={"name": "远山贸易行", "mobile": "13800006666"})

    assert (answer.status_code, answer.json["code"]) == (409, "similar-customers")


def test_eight_people_enter_one_company_at_once_and_one_has_it(client_of, crew):
    sales = [crew.person(grants={"customer.create": "own"}) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda who: client_of(who).post(HERE, json={"name": "晨曦软件有限公司"}), sales
            )
        )

    assert sorted(a.status_code for a in answers) == [201] + [409] * 7
    assert {a.json["code"] for a in answers if a.status_code == 409} == {"customer-exists"}


def test_a_change_needs_the_version_that_was_read(client_of, ada, a_customer):
    path = f"{HERE}/{a_customer(by=ada)['id']}"
    client = client_of(ada)

    blind = client.patch(path, json={"address": "上海"})
    changed = client.patch(path, json={"address": "上海"}, headers={"If-Match": '"1"'})
    stale = client.patch(path, json={"address": "北京"}, headers={"If-Match": '"1"'})

    assert (blind.status_code, changed.status_code, stale.status_code) == (428, 200, 412)
    assert stale.json["current"] == client.get(path).json
    assert stale.json["current"]["address"] == "上海"


def test_the_name_of_a_customer_is_not_simply_changed(client_of, ada, a_customer):
    path = f"{HERE}/{a_customer(by=ada)['id']}"

    answer = client_of(ada).patch(path, json={"name": "新名"}, headers={"If-Match": '"1"'})

    assert [e["code"] for e in answer.json["errors"]] == ["unknown-field"]


def test_the_code_of_another_customer_cannot_be_given(client_of, ada, a_customer):
    a_customer(by=ada, uscc=USCC)
    path = f"{HERE}/{a_customer(by=ada)['id']}"

    answer = client_of(ada).patch(path, json={"uscc": USCC}, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.json["code"]) == (409, "customer-exists")


def test_filters_narrow_the_list(client_of, ada, bob, crew, a_customer):
    mine, theirs = a_customer(by=ada), a_customer(by=bob)
    client = client_of(crew.person(grants={"customer.view": "all"}))

    def ids(query):
        return [item["id"] for item in client.get(f"{HERE}?{query}").json["items"]]

    assert ids(f"follower_id={ada.person_id}") == [mine["id"]]
    assert ids(f"created_from={theirs['created_at']}") == [theirs["id"]]
    assert ids(f"created_before={theirs['created_at']}") == [mine["id"]]
    assert ids("archived=true") == []
    assert ids("sort=created_at") == [mine["id"], theirs["id"]]


def test_following_the_cursor_reads_every_customer_once(client_of, ada, a_customer):
    made = [a_customer(by=ada)["id"] for _ in range(5)]
    client, seen = client_of(ada), []
    answer = client.get(f"{HERE}?page_size=2")
    while True:
        seen += [item["id"] for item in answer.json["items"]]
        if not answer.json["next"]:
            break
        answer = client.get(f"{HERE}?page_size=2&after={answer.json['next']}")

    assert seen == made[::-1]


def test_every_change_is_stated_once_with_who_follows(client_of, ada, a_customer, recorded):
    customer = a_customer(by=ada, name="晨曦软件有限公司")
    path, version = f"{HERE}/{customer['id']}", {"If-Match": '"1"'}
    client_of(ada).patch(path, json={"address": "上海"}, headers=version)

    states = recorded("customer.state.v1")

    assert len(states) == 2
    assert states[-1] == {
        "name": "晨曦软件有限公司",
        "lead_id": None,
        "creator_id": str(ada.person_id),
        "followers": [{"person_id": str(ada.person_id), "is_main": True}],
        "collaborators": [],
        "created_at": customer["created_at"],
        "archived_at": None,
    }
    assert recorded("customer.created.v1") == [{"lead_id": None, "contact_id": None}]


def test_a_refused_customer_leaves_nothing_behind(client_of, ada, a_customer, recorded):
    a_customer(by=ada, name="晨曦软件有限公司")
    client_of(ada).post(HERE, json={"name": "晨曦软件有限公司"})

    assert len(recorded("customer.created.v1")) == len(recorded("customer.state.v1")) == 1


def test_what_is_not_there_is_not_found(client_of, ada):
    assert client_of(ada).get(f"{HERE}/{uuid4()}").status_code == 404
