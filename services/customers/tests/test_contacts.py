"""The people at a customer, seen through it."""

import pytest

HERE = "/api/v1/contacts"


def test_a_contact_stands_for_its_customer(client_of, ada, a_customer, a_contact):
    customer = a_customer(by=ada)
    contact = a_contact(customer, by=ada, mobile=" 138-0000-6666 ", title="采购经理")

    assert contact["customer_ids"] == [customer["id"]]
    assert contact["mobile"] == "138-0000-6666"
    assert client_of(ada).get(f"{HERE}/{contact['id']}").json == contact
    assert client_of(ada).get(f"{HERE}?customer_id={customer['id']}").json["items"] == [contact]


def test_a_contact_nobody_could_reach_is_refused(client_of, ada, a_customer):
    form = {"customer_id": a_customer(by=ada)["id"], "name": "赵敏"}

    answer = client_of(ada).post(HERE, json=form)

    assert (answer.status_code, answer.json["code"]) == (422, "contact-way-missing")
    assert {e["field"] for e in answer.json["errors"]} == {
        *("mobile", "phone", "email", "qq", "wechat"),
    }


@pytest.mark.parametrize("field", ["name", "customer_id"])
def test_a_contact_needs_a_name_and_a_customer(client_of, ada, a_customer, field):
    form = {"customer_id": a_customer(by=ada)["id"], "name": "赵敏", "qq": "10001"}
    del form[field]

    answer = client_of(ada).post(HERE, json=form)

    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, "required")]


def test_a_new_contact_changes_what_is_known_of_the_customer(
    client_of, ada, a_customer, a_contact, recorded
):
    customer = a_customer(by=ada)

    a_contact(customer, by=ada)

    now = client_of(ada).get(f"/api/v1/customers/{customer['id']}").json
    assert (customer["version"], now["version"]) == (1, 2)
    assert len(recorded("customer.state.v1")) == 2


def test_contacts_of_a_customer_that_one_may_not_see_are_not_there(
    client_of, ada, bob, a_customer, a_contact
):
    customer = a_customer(by=ada)
    contact = a_contact(customer, by=ada)
    client = client_of(bob)
    form = {"customer_id": customer["id"], "name": "王磊", "qq": "10002"}

    assert client.get(f"{HERE}/{contact['id']}").status_code == 404
    assert client.get(HERE).json["items"] == []
    assert client.get(f"{HERE}?customer_id={customer['id']}").json["items"] == []
    assert client.post(HERE, json=form).status_code == 404
