"""Leads that ask to become customers, and for themselves back (rules 14)."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from customers.usecases import openings

HERE = "/api/v1/customers"
CONTACTS = "/api/v1/contacts"
USCC = "91440300708461136T"


@pytest.fixture
def undo(deliver, ada):
    """Has a lead ask for itself back; answers what became of that."""

    def ask(asked, *, undo=None, times=1):
        data = {"customer_id": asked["customer_id"], "undo": undo or str(uuid4())}
        return data, deliver("lead.reverted.v1", data, times=times, actor=ada.person_id)

    return ask


@pytest.fixture
def refused(recorded):
    """What leads were refused: the code, and by which keys."""

    def read():
        return [
            (one["code"], [(m["customer_id"], m["key"]) for m in one["matches"]])
            for one in recorded("customer.refused.v1")
        ]

    return read


def test_a_lead_becomes_the_customer_whose_id_it_chose(client_of, ada, a_request, recorded):
    asked, delivered = a_request()

    customer = client_of(ada).get(f"{HERE}/{asked['customer_id']}").json
    (contact,) = client_of(ada).get(f"{CONTACTS}?customer_id={customer['id']}").json["items"]
    (answer,) = recorded("customer.created.v1")
    assert delivered.state == "done"
    assert {name: customer[name] for name in asked["customer"]} == asked["customer"]
    assert {name: contact[name] for name in asked["contact"]} == asked["contact"]
    assert answer == {"lead_id": customer["lead_id"], "contact_id": contact["id"]}


def test_the_owner_of_the_lead_follows_the_customer(client_of, ada, bob, a_request, recorded):
    asked, _ = a_request(owner_id=str(bob.person_id), asked_by=str(ada.person_id))

    customer = client_of(bob).get(f"{HERE}/{asked['customer_id']}").json

    assert customer["followers"] == [{"person_id": str(bob.person_id), "is_main": True}]
    assert customer["creator_id"] == str(ada.person_id)
    assert recorded("customer.state.v1")[0]["followers"] == customer["followers"]
    assert client_of(ada).get(f"{HERE}/{asked['customer_id']}").status_code == 404


def test_a_question_that_the_clock_repeated_still_has_its_asker(
    client_of, ada, deliver, example, recorded
):
    """Nobody is behind what a job records, and the first asking may have been lost."""
    person = str(ada.person_id)
    asked = example("lead.converted.v1", customer_id=str(uuid4()), owner_id=person, asked_by=person)

    deliver("lead.converted.v1", asked, actor=None)

    customer = client_of(ada).get(f"{HERE}/{asked['customer_id']}").json
    (contact,) = client_of(ada).get(CONTACTS).json["items"]
    assert customer["creator_id"] == contact["creator_id"] == person


def test_asked_twice_it_answers_twice_the_same_with_one_customer(
    client_of, ada, deliver, a_request, recorded
):
    lead = uuid4()
    asked, _ = a_request()
    first = recorded("customer.created.v1")

    again = deliver("lead.converted.v1", asked, subject=lead, actor=ada.person_id)

    assert again.state == "done"
    assert [one["contact_id"] for one in recorded("customer.created.v1")] == [
        first[0]["contact_id"]
    ] * 2
    assert client_of(ada).get(HERE).json["total"] == 1
    assert client_of(ada).get(CONTACTS).json["total"] == 1
    assert len(recorded("customer.state.v1")) == 1


def test_a_refusal_is_repeated_though_its_reason_is_gone(
    a_customer, ada, a_request, deliver, undo, refused, recorded
):
    first, _ = a_request()
    second, _ = a_request()
    undo(first)

    deliver("lead.converted.v1", second, actor=ada.person_id)

    told = refused()
    assert len(told) == 2
    assert told[0] == told[1]
    assert len(recorded("customer.created.v1")) == 1


@pytest.mark.parametrize(
    ("there", "asked", "code", "key"),
    [
        ({}, {"uscc": None}, "customer-exists", "name"),
        ({"name": "北极星贸易有限公司", "uscc": USCC}, {}, "customer-exists", "uscc"),
        ({"name": "晨曦精密机械（上海）有限公司"}, {}, "similar-customers", "core"),
        (
            {"name": "北极星贸易有限公司", "mobile": "13800006666"},
            {},
            "similar-customers",
            "mobile",
        ),
    ],
)
def test_a_company_that_is_here_is_refused_with_its_matches(
    client_of, ada, a_customer, a_request, refused, recorded, there, asked, code, key
):
    customer = a_customer(by=ada, **there)

    said, delivered = a_request(customer=asked)

    assert delivered.state == "done"
    assert refused() == [(code, [(customer["id"], key)])]
    assert client_of(ada).get(HERE).json["total"] == 1
    assert client_of(ada).get(f"{HERE}/{said['customer_id']}").status_code == 404
    assert len(recorded("customer.state.v1")) == 1


def test_the_mobile_of_somebody_elses_contact_asks_for_confirmation(
    bob, a_customer, a_contact, a_request, refused
):
    customer = a_customer(by=bob, name="北极星贸易有限公司")
    a_contact(by=bob, at=customer)

    a_request()

    assert refused() == [("similar-customers", [(customer["id"], "mobile")])]


def test_a_similar_company_that_was_confirmed_is_opened(client_of, ada, a_customer, a_request):
    similar = a_customer(by=ada, name="晨曦精密机械（上海）有限公司")

    asked, _ = a_request(confirmed_similar=[similar["id"]], confirmed_because="各自采购")

    assert client_of(ada).get(f"{HERE}/{asked['customer_id']}").status_code == 200


def test_a_confirmation_without_a_reason_is_refused(ada, a_customer, a_request, refused):
    similar = a_customer(by=ada, name="晨曦精密机械（上海）有限公司")

    a_request(confirmed_similar=[similar["id"]])

    assert refused() == [("reason-missing", [])]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"customer": {"uscc": "911100006000373416"}}, "bad-uscc"),
        ({"customer": {"name": "\u200b"}}, "unreadable-name"),
        ({"contact": {"mobile": None, "email": None, "wechat": None}}, "contact-way-missing"),
    ],
)
def test_what_is_no_customer_is_refused_and_not_parked(
    client_of, ada, a_request, refused, told, code
):
    _, delivered = a_request(**told)

    assert delivered.state == "done"
    assert refused() == [(code, [])]
    assert client_of(ada).get(HERE).json["total"] == 0


def test_a_lead_without_a_contact_opens_the_customer_alone(client_of, ada, deliver, example):
    asked = example("lead.converted.v1", customer_id=str(uuid4()), owner_id=str(ada.person_id))

    deliver("lead.converted.v1", {**asked, "contact": None}, actor=ada.person_id)

    assert client_of(ada).get(HERE).json["total"] == 1
    assert client_of(ada).get(CONTACTS).json["total"] == 0


def test_a_company_entered_by_hand_at_the_same_instant_ends_as_a_refusal(
    client_of, ada, bob, database, deliver, a_request, a_customer, refused, monkeypatch
):
    """Between our look and our insert somebody else was faster; the index decides."""
    by_hand = []

    def look_and_lose(*told, **more):
        really(*told, **more)
        if not by_hand:
            by_hand.append(a_customer(by=bob))

    really = openings.must_be_new
    monkeypatch.setattr(openings, "must_be_new", look_and_lose)

    asked, lost = a_request()
    with database.engine.begin() as connection:
        due = text("UPDATE inbox SET next_at = now() WHERE event_id = :id")
        connection.execute(due, {"id": lost.id})
    again = deliver("lead.converted.v1", asked, id=str(lost.id), actor=ada.person_id)

    assert (lost.state, lost.attempts) == ("pending", 1)
    assert again.state == "done"
    assert refused() == [("customer-exists", [(by_hand[0]["id"], "name")])]


def test_a_customer_with_nothing_on_it_is_withdrawn(client_of, ada, a_request, undo, recorded):
    asked, _ = a_request()

    data, delivered = undo(asked)

    assert delivered.state == "done"
    assert [one["undo"] for one in recorded("customer.withdrawn.v1")] == [data["undo"]]
    assert client_of(ada).get(HERE).json["total"] == 0
    assert client_of(ada).get(CONTACTS).json["total"] == 0
    assert recorded("customer.state.v1")[-1]["archived_at"]


def test_a_customer_with_a_further_contact_is_kept(
    client_of, ada, a_request, a_contact, undo, recorded
):
    asked, _ = a_request()
    a_contact(by=ada, at={"id": asked["customer_id"]}, name="王磊", mobile="13900007777")

    data, _ = undo(asked)

    (kept,) = recorded("customer.kept.v1")
    assert (kept["undo"], kept["code"]) == (data["undo"], "has-contacts")
    assert recorded("customer.withdrawn.v1") == []
    assert client_of(ada).get(HERE).json["total"] == 1


def test_one_undo_asked_again_is_answered_the_same(
    ada, a_request, a_contact, undo, recorded, client_of
):
    asked, _ = a_request()
    data, _ = undo(asked)

    undo(asked, undo=data["undo"])

    first, second = recorded("customer.withdrawn.v1")
    assert first["undo"] == second["undo"] == data["undo"]
    assert len(recorded("customer.state.v1")) == 2


def test_an_undo_that_was_refused_may_be_asked_anew(ada, a_request, a_contact, undo, recorded):
    asked, _ = a_request()
    a_contact(by=ada, at={"id": asked["customer_id"]}, name="王磊", mobile="13900007777")
    first, _ = undo(asked)

    second, _ = undo(asked)

    assert [one["undo"] for one in recorded("customer.kept.v1")] == [first["undo"], second["undo"]]


def test_an_undo_waits_for_the_opening_that_it_undoes(undo, recorded):
    _, waiting = undo({"customer_id": str(uuid4())})

    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert recorded("customer.withdrawn.v1") == recorded("customer.kept.v1") == []


def test_a_lead_that_was_refused_has_nothing_to_withdraw(
    client_of, ada, a_customer, a_request, undo, recorded
):
    a_customer(by=ada)
    asked, _ = a_request()

    undo(asked)

    assert len(recorded("customer.withdrawn.v1")) == 1
    assert client_of(ada).get(HERE).json["total"] == 1


def test_a_lead_of_another_tenant_finds_none_of_our_openings(
    a_request, other_crew, deliver, recorded
):
    asked, _ = a_request()
    undo = {"customer_id": asked["customer_id"], "undo": str(uuid4())}

    waiting = deliver("lead.reverted.v1", undo, tenant=str(other_crew.id))

    assert waiting.state == "pending"
    assert recorded("customer.withdrawn.v1") == []


def test_a_withdrawn_company_may_be_opened_anew(client_of, ada, a_request, undo):
    first, _ = a_request()
    undo(first)

    second, _ = a_request()

    assert [one["id"] for one in client_of(ada).get(HERE).json["items"]] == [second["customer_id"]]
