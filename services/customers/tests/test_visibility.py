"""Who sees and touches which customer and contact: one definition, in lists and in checks."""

from uuid import uuid4

import pytest

from customers.models import Customer

HERE = "/api/v1/customers"
CONTACTS = "/api/v1/contacts"
ALL = {"customer.view": "all", "customer.edit": "all"}


@pytest.fixture
def customer(ada, a_customer):
    return a_customer(by=ada)


@pytest.fixture
def contact(ada, customer, a_contact):
    return a_contact(by=ada, at=customer)


@pytest.fixture
def sees(client_of):
    """Whether somebody sees a record; fails where the list and the record do not agree."""

    def ask(who, path, record):
        one = client_of(who).get(f"{path}/{record['id']}")
        listed = client_of(who).get(path).json["items"]
        assert [one.json] * (one.status_code == 200) == listed
        return one.status_code == 200

    return ask


def _but_for_its_id(answer):
    return {name: value for name, value in answer.json.items() if name != "request_id"}


@pytest.mark.parametrize(
    ("scope", "seen"), [("own", False), ("team", True), ("dept", False), ("all", True)]
)
def test_a_scope_reaches_as_far_as_it_says(sees, crew, ada, customer, contact, scope, seen):
    above = crew.person(grants={"customer.view": scope})
    crew.change(ada, superior_id=above.person_id)

    assert sees(above, HERE, customer) is seen
    assert sees(above, CONTACTS, contact) is seen


def test_every_follower_sees_the_customer(sees, ada, bob, customer, contact, a_follower):
    before = sees(bob, HERE, customer)

    a_follower(bob, customer)

    assert before is False
    for who in (ada, bob):
        assert sees(who, HERE, customer)
        assert sees(who, CONTACTS, contact)


def test_a_leader_sees_what_a_second_follower_of_the_team_has(
    sees, crew, ada, bob, customer, a_follower
):
    above = crew.person(grants={"customer.view": "team"})
    crew.change(bob, superior_id=above.person_id)

    before = sees(above, HERE, customer)
    a_follower(bob, customer)

    assert (before, sees(above, HERE, customer)) == (False, True)


def test_a_collaborator_sees_and_edits_for_the_salesperson(
    client_of, sees, bob, customer, contact, a_collaborator
):
    """COLL-03, COLL-04."""
    a_collaborator(bob, customer)
    shown = client_of(bob).get(f"{HERE}/{customer['id']}")
    version = {"If-Match": shown.headers["ETag"]}

    change = client_of(bob).patch(f"{HERE}/{customer['id']}", json={"remark": "x"}, headers=version)
    added = client_of(bob).post(
        CONTACTS, json={"customer_id": customer["id"], "name": "王磊", "qq": "10001"}
    )

    assert shown.json["allowed_actions"] == ["edit", "add_contact"]
    assert (change.status_code, added.status_code) == (200, 201)
    assert client_of(bob).get(CONTACTS).json["total"] == 2
    assert [one["person_id"] for one in change.json["followers"]] != [str(bob.person_id)]


def test_helping_shows_a_customer_to_the_helper_and_not_to_their_superior(
    sees, crew, bob, customer, a_collaborator
):
    above = crew.person(grants={"customer.view": "team"})
    crew.change(bob, superior_id=above.person_id)

    a_collaborator(bob, customer)

    assert (sees(bob, HERE, customer), sees(above, HERE, customer)) == (True, False)


def test_what_a_colleague_follows_looks_like_what_does_not_exist(client_of, bob, customer, contact):
    client, nowhere, version = client_of(bob), uuid4(), {"If-Match": '"1"'}
    form = {"name": "王磊", "qq": "10001"}

    answers = [
        (client.get(f"{HERE}/{customer['id']}"), client.get(f"{HERE}/{nowhere}")),
        (client.get(f"{CONTACTS}/{contact['id']}"), client.get(f"{CONTACTS}/{nowhere}")),
        (
            client.patch(f"{HERE}/{customer['id']}", json={"remark": "x"}, headers=version),
            client.patch(f"{HERE}/{nowhere}", json={"remark": "x"}, headers=version),
        ),
        (
            client.post(CONTACTS, json={"customer_id": customer["id"], **form}),
            client.post(CONTACTS, json={"customer_id": str(nowhere), **form}),
        ),
    ]

    for theirs, missing in answers:
        assert theirs.status_code == missing.status_code == 404
        assert _but_for_its_id(theirs) == _but_for_its_id(missing)
    assert client.get(f"{CONTACTS}?customer_id={customer['id']}").json["items"] == []


def test_another_tenant_sees_nothing(client_of, sees, eve, customer, contact):
    assert sees(eve, HERE, customer) is False
    assert sees(eve, CONTACTS, contact) is False
    answer = client_of(eve).post(
        CONTACTS, json={"customer_id": customer["id"], "name": "王磊", "qq": "10001"}
    )
    assert answer.status_code == 404


def test_a_visible_customer_of_somebody_else_may_not_be_changed(client_of, crew, customer):
    reader = crew.person(grants={"customer.view": "all", "customer.edit": "own"})

    seen = client_of(reader).get(f"{HERE}/{customer['id']}")
    change = client_of(reader).patch(
        f"{HERE}/{customer['id']}", json={"remark": "x"}, headers={"If-Match": '"1"'}
    )
    added = client_of(reader).post(
        CONTACTS, json={"customer_id": customer["id"], "name": "王磊", "qq": "10001"}
    )

    assert (seen.status_code, seen.json["allowed_actions"]) == (200, [])
    assert (change.status_code, change.json["code"]) == (403, "not-yours")
    assert (added.status_code, added.json["code"]) == (403, "not-yours")


def test_a_leader_edits_what_the_team_follows(client_of, leader, customer):
    answer = client_of(leader).patch(
        f"{HERE}/{customer['id']}", json={"remark": "x"}, headers={"If-Match": '"1"'}
    )

    assert answer.status_code == 200


def test_a_person_without_the_permission_is_refused(client_of, crew, customer):
    nobody = crew.person(grants={"customer.create": "own"})

    for path in (HERE, f"{HERE}/{customer['id']}", CONTACTS):
        answer = client_of(nobody).get(path)
        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")


def test_the_list_of_everything_has_what_nobody_follows(client_of, crew, in_tenant, customer):
    with in_tenant() as session:
        session.add(Customer(name="北极星贸易有限公司", creator_id=uuid4()))
    reader = crew.person(grants=ALL)

    items = client_of(reader).get(HERE).json["items"]

    assert [len(one["followers"]) for one in items] == [0, 1]
    assert items == [client_of(reader).get(f"{HERE}/{one['id']}").json for one in items]
