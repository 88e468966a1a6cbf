"""What others are told of a customer: whole, once a transaction, in the order of versions."""

import pytest
from sqlalchemy import text


@pytest.fixture
def stated(database, crew):
    """The version and the data of every state that was recorded, in order."""
    asked = text(
        "SELECT (envelope->>'version')::int, envelope->>'subject', envelope->'data' FROM outbox"
        " WHERE tenant_id = :tenant AND topic = 'customer.state.v1' ORDER BY position"
    )

    def read():
        with database.engine.connect() as connection:
            return connection.execute(asked, {"tenant": crew.id}).all()

    return read


def test_a_new_customer_is_stated_once_with_its_follower(ada, a_customer, stated):
    customer = a_customer(by=ada)

    ((version, subject, told),) = stated()

    assert (version, subject) == (1, customer["id"])
    assert told["followers"] == [{"person_id": str(ada.person_id), "is_main": True}]


def test_a_customer_of_a_lead_is_stated_once_with_its_lead(ada, a_request, stated):
    asked, _ = a_request()

    ((version, subject, told),) = stated()

    assert (version, subject, told["name"]) == (1, asked["customer_id"], asked["customer"]["name"])
    assert told["lead_id"]
    assert told["followers"] == [{"person_id": str(ada.person_id), "is_main": True}]


def test_whatever_happens_to_a_customer_raises_its_version(
    client_of, ada, bob, a_customer, a_contact, a_follower, a_collaborator, stated
):
    customer = a_customer(by=ada)
    a_contact(by=ada, at=customer)
    a_follower(bob, customer)
    a_collaborator(bob, customer)
    client_of(ada).patch(
        f"/api/v1/customers/{customer['id']}", json={"remark": "x"}, headers={"If-Match": '"4"'}
    )

    assert [version for version, _, _ in stated()] == [1, 2, 3, 4, 5]
    assert len(stated()[-1][2]["followers"]) == 2
    assert stated()[-1][2]["collaborators"] == [
        {"person_id": str(bob.person_id), "kind": "pre_sales"}
    ]


def test_nothing_is_stated_where_nothing_changed(client_of, ada, a_customer, stated):
    customer = a_customer(by=ada, remark="x")
    path, read = f"/api/v1/customers/{customer['id']}", {"If-Match": '"1"'}

    same = client_of(ada).patch(path, json={"remark": "x"}, headers=read)

    assert (same.status_code, same.json["version"]) == (200, 1)
    assert len(stated()) == 1


def test_a_state_has_no_personal_data(ada, a_request, stated):
    a_request()

    told = str(stated())

    for secret in ("13800006666", "138-0000-6666", "62880000", "min@example.cn", "赵敏"):
        assert secret not in told
