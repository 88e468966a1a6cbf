"""Who sees which customer: by scope, by following, by helping; list and detail alike."""

import pytest
from sqlalchemy import select

from chassis import db
from chassis.calendar import now
from customers.models import Collaborator, Customer, Kind

HERE = "/api/v1/customers"


@pytest.fixture
def help_with(database, crew):
    """Lets somebody help with a customer."""

    def add(customer, who):
        token = db.database.set(database)
        with db.transaction(crew.id) as tx:
            row = tx.session.scalars(select(Customer).where(Customer.id == customer["id"])).one()
            helper = Collaborator(person_id=who.person_id, kind=Kind.PRE_SALES, since=now())
            row.collaborators.append(helper)
        db.database.reset(token)

    return add


@pytest.fixture
def let_go(database, crew):
    """Leaves a customer without anybody who follows it."""

    def remove(customer):
        token = db.database.set(database)
        with db.transaction(crew.id) as tx:
            row = tx.session.scalars(select(Customer).where(Customer.id == customer["id"])).one()
            row.followers.clear()
        db.database.reset(token)

    return remove


def _seen(client, customer):
    """Whether a customer is in somebody's list, which must be whether they may read it."""
    listed = customer["id"] in [item["id"] for item in client.get(HERE).json["items"]]
    read = client.get(f"{HERE}/{customer['id']}").status_code
    assert read == (200 if listed else 404)
    return listed


def test_followers_leaders_and_readers_see_it_and_nobody_else(
    client_of, crew, other_crew, a_customer
):
    grants = {"customer.view": "own", "customer.create": "own"}
    leader = crew.person(grants={"customer.view": "team"})
    follower = crew.person(grants=grants, reports_to=leader)
    customer = a_customer(by=follower)
    people = {
        "follower": follower,
        "leader": leader,
        "colleague": crew.person(grants=grants, reports_to=leader),
        "other leader": crew.person(grants={"customer.view": "team"}),
        "reader": crew.person(grants={"customer.view": "all"}),
        "stranger": other_crew.person(grants={"customer.view": "all"}),
    }

    assert {name: _seen(client_of(who), customer) for name, who in people.items()} == {
        "follower": True,
        "leader": True,
        "colleague": False,
        "other leader": False,
        "reader": True,
        "stranger": False,
    }


def test_who_helps_sees_it_and_edits_it_for_the_follower(
    client_of, ada, bob, a_customer, help_with
):
    customer = a_customer(by=ada)
    help_with(customer, bob)
    client = client_of(bob)

    shown = client.get(f"{HERE}/{customer['id']}")
    changed = client.patch(
        f"{HERE}/{customer['id']}",
        json={"address": "上海"},
        headers={"If-Match": shown.headers["ETag"]},
    )

    assert shown.json["collaborators"] == [{"person_id": str(bob.person_id), "kind": "pre_sales"}]
    assert shown.json["allowed_actions"] == ["edit", "add_contact"]
    assert changed.status_code == 200
    assert _seen(client, customer)


def test_who_may_see_and_not_edit_is_told_so(client_of, crew, ada, a_customer):
    customer = a_customer(by=ada)
    reader = crew.person(grants={"customer.view": "all", "customer.edit": "own"})

    answer = client_of(reader).patch(
        f"{HERE}/{customer['id']}", json={"address": "x"}, headers={"If-Match": '"1"'}
    )

    assert (answer.status_code, answer.json["code"]) == (403, "not-yours")
    assert client_of(reader).get(f"{HERE}/{customer['id']}").json["allowed_actions"] == []


def test_who_may_see_all_sees_what_nobody_follows(client_of, crew, ada, a_customer, let_go):
    customer = a_customer(by=ada)
    let_go(customer)

    assert not _seen(client_of(ada), customer)
    assert _seen(client_of(crew.person(grants={"customer.view": "all"})), customer)


def test_without_the_permission_the_door_is_closed(client_of, crew):
    nobody = client_of(crew.person())

    assert nobody.get(HERE).status_code == 403
    assert nobody.post(HERE, json={"name": "晨曦"}).status_code == 403
    assert client_of().get(HERE).status_code == 401
