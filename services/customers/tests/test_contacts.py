"""The people whom we speak to at a customer."""

from uuid import uuid4

import pytest

HERE = "/api/v1/contacts"


@pytest.fixture
def customer(ada, a_customer):
    return a_customer(by=ada)


def test_a_contact_stands_for_its_customer(client_of, ada, customer):
    form = {"customer_id": customer["id"], "name": "赵敏", "mobile": " 138-0000-6666 "}

    answer = client_of(ada).post(HERE, json={**form, "gender": "female", "title": "经理"})

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.json["customer_ids"] == [customer["id"]]
    assert answer.json["creator_id"] == str(ada.person_id)
    assert (answer.json["mobile"], answer.json["gender"]) == ("138-0000-6666", "female")


def test_an_item_of_the_list_is_the_record_itself(client_of, ada, customer, a_contact):
    contact = a_contact(by=ada, at=customer, email="Min@Example.CN", wechat="zhaomin88")

    assert client_of(ada).get(HERE).json["items"] == [contact]
    assert client_of(ada).get(f"{HERE}/{contact['id']}").json == contact


def test_contacts_are_listed_for_one_customer(client_of, ada, customer, a_customer, a_contact):
    other = a_customer(by=ada, name="北极星贸易有限公司")
    first = a_contact(by=ada, at=customer)
    second = a_contact(by=ada, at=customer, name="王磊")
    a_contact(by=ada, at=other)

    listed = client_of(ada).get(f"{HERE}?customer_id={customer['id']}").json["items"]

    assert listed == [second, first]
    assert client_of(ada).get(HERE).json["total"] == 3
    assert client_of(ada).get(f"{HERE}?archived=true").json["total"] == 0


def test_following_the_cursor_reads_every_contact_once(client_of, ada, customer, a_contact):
    made = [a_contact(by=ada, at=customer, name=f"联系人{n}")["id"] for n in range(5)]
    seen, answer = [], client_of(ada).get(f"{HERE}?page_size=2")
    while True:
        seen += [item["id"] for item in answer.json["items"]]
        if not answer.json["next"]:
            break
        answer = client_of(ada).get(f"{HERE}?page_size=2&after={answer.json['next']}")

    assert seen == made[::-1]


def test_a_new_contact_is_a_change_of_its_customer(client_of, ada, customer, a_contact, recorded):
    a_contact(by=ada, at=customer)

    read = client_of(ada).get(f"/api/v1/customers/{customer['id']}").json
    assert (customer["version"], read["version"]) == (1, 2)
    assert len(recorded("customer.state.v1")) == 2


def test_two_contacts_may_share_a_number(ada, customer, a_contact):
    """Switchboards exist: a number is no key of a person (rules 2)."""
    first, second = (a_contact(by=ada, at=customer, mobile="13800006666") for _ in range(2))

    assert first["id"] != second["id"]


@pytest.mark.parametrize("way", ["mobile", "phone", "email", "qq", "wechat"])
def test_one_contact_way_is_enough(client_of, ada, customer, way):
    written = {"email": "min@example.cn", "qq": "10001"}.get(way, "13800006666")
    form = {"customer_id": customer["id"], "name": "赵敏", way: written}

    assert client_of(ada).post(HERE, json=form).status_code == 201


def test_a_contact_that_nobody_could_reach_is_refused(client_of, ada, customer):
    form = {"customer_id": customer["id"], "name": "赵敏", "mobile": " "}

    answer = client_of(ada).post(HERE, json=form)

    assert (answer.status_code, answer.json["code"]) == (422, "contact-way-missing")
    assert {e["field"] for e in answer.json["errors"]} == {
        "mobile",
        "phone",
        "email",
        "qq",
        "wechat",
    }


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("name", "", "wrong-length"),
        ("name", "名" * 51, "wrong-length"),
        ("customer_id", None, "null"),
        ("customer_id", "mine", "wrong-type"),
        ("mobile", "1380000666a", "bad-phone"),
        ("email", "min.example.cn", "bad-email"),
        ("qq", "01234", "bad-qq"),
        ("wechat", "微信同号", "bad-wechat"),
        ("gender", "other", "unknown-choice"),
        ("creator_id", "018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11", "unknown-field"),
    ],
)
def test_a_wrong_field_is_named_with_its_code(client_of, ada, customer, field, written, code):
    form = {"customer_id": customer["id"], "name": "赵敏", "mobile": "13800006666"}

    answer = client_of(ada).post(HERE, json={**form, field: written})

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]


def test_a_contact_needs_a_customer_that_is_there(client_of, ada):
    """CONT-02."""
    form = {"customer_id": str(uuid4()), "name": "赵敏", "mobile": "13800006666"}

    answer = client_of(ada).post(HERE, json=form)

    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_pressing_twice_adds_one_contact(client_of, ada, customer):
    form = {"customer_id": customer["id"], "name": "赵敏", "mobile": "13800006666"}
    key = {"Idempotency-Key": "press-1"}

    first = client_of(ada).post(HERE, json=form, headers=key)
    again = client_of(ada).post(HERE, json=form, headers=key)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert client_of(ada).get(HERE).json["total"] == 1
