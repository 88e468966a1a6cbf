"""Leads that ask to become customers, and for themselves back (rules 14)."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

HERE, CONTACTS = "/api/v1/customers", "/api/v1/contacts"
CONVERTED, REVERTED = "lead.converted.v1", "lead.reverted.v1"


@pytest.fixture
def ask(deliver, example, ada):
    """A lead asks to become a customer; answers the id that it chose, and what came of it."""

    def make(times=1, lead_id=None, customer_id=None, **changed):
        who = str(ada.person_id)
        asked = example(CONVERTED, owner_id=who, asked_by=who, confirmed_similar=[], **changed)
        asked["customer_id"] = str(customer_id or uuid4())
        lead_id = lead_id or uuid4()
        done = deliver(CONVERTED, asked, times=times, subject=lead_id)
        return asked["customer_id"], lead_id, done

    return make


@pytest.fixture
def ask_back(deliver):
    def make(customer_id, lead_id, undo=None, times=1):
        asked = {"customer_id": customer_id, "undo": str(undo or uuid4())}
        return asked["undo"], deliver(REVERTED, asked, times=times, subject=lead_id)

    return make


def _company(name, **more):
    empty = dict.fromkeys(("uscc", "phone", "address", "postcode", "remark"))
    return {**empty, "name": name, **more}


def test_the_lead_becomes_a_customer_with_its_contact_once(ask, client_of, ada, recorded):
    customer_id, lead_id, done = ask(times=2)

    customer = client_of(ada).get(f"{HERE}/{customer_id}").json
    [contact] = client_of(ada).get(f"{CONTACTS}?customer_id={customer_id}").json["items"]
    assert done.state == "done"
    assert customer["name"] == "晨曦精密机械（苏州）有限公司"
    assert (customer["uscc"], customer["lead_id"]) == ("91440300708461136T", str(lead_id))
    assert customer["followers"] == [{"person_id": str(ada.person_id), "is_main": True}]
    # Whoever asks again, the clock for example, it was she who wanted it.
    assert customer["creator_id"] == contact["creator_id"] == str(ada.person_id)
    assert (contact["name"], contact["mobile"]) == ("赵敏", "+86 138-0000-6666")
    assert recorded("customer.created.v1") == [
        {"lead_id": str(lead_id), "contact_id": contact["id"]}
    ]


def test_asked_again_it_answers_again_and_the_same(ask, client_of, ada, recorded):
    customer_id, lead_id, _ = ask()

    ask(lead_id=lead_id, customer_id=customer_id)

    first, second = recorded("customer.created.v1")
    assert first == second
    assert client_of(ada).get(HERE).json["total"] == 1


def test_the_same_company_is_refused_with_who_is_here(
    ask, client_of, ada, bob, a_customer, recorded
):
    known = a_customer(by=bob, name="晨曦精密机械(苏州)有限公司")

    customer_id, lead_id, done = ask()

    assert done.state == "done"
    assert client_of(ada).get(f"{HERE}/{customer_id}").status_code == 404
    assert recorded("customer.refused.v1") == [
        {
            "lead_id": str(lead_id),
            "code": "customer-exists",
            "matches": [{"customer_id": known["id"], "key": "name"}],
        }
    ]


def test_a_refusal_stands_though_the_reason_is_gone(ask, database, bob, a_customer, recorded):
    known = a_customer(by=bob, name="晨曦精密机械(苏州)有限公司")
    customer_id, lead_id, _ = ask()
    with database.engine.begin() as connection:
        tenant = {"tenant": str(bob.tenant_id)}
        connection.execute(text("SELECT set_config('xiaoke.tenant', :tenant, true)"), tenant)
        connection.execute(
            text("UPDATE customers SET archived_at = now() WHERE id = :id"), {"id": known["id"]}
        )

    ask(lead_id=lead_id, customer_id=customer_id)
    ask()

    assert [answer["code"] for answer in recorded("customer.refused.v1")] == ["customer-exists"] * 2
    assert len(recorded("customer.created.v1")) == 2


def test_a_similar_company_is_refused_until_it_was_confirmed(ask, bob, a_customer, recorded):
    known = a_customer(by=bob, name="上海晨曦精密有限公司")
    company = _company("北京晨曦精密有限公司")

    ask(customer=company, contact=None, confirmed_because=None)
    refused = recorded("customer.refused.v1")

    assert [answer["code"] for answer in refused] == ["similar-customers"]
    assert refused[0]["matches"] == [{"customer_id": known["id"], "key": "core"}]


def test_what_was_confirmed_is_accepted(deliver, example, ada, bob, a_customer, recorded):
    known = a_customer(by=bob, name="上海晨曦精密有限公司")
    asked = example(
        CONVERTED,
        customer_id=str(uuid4()),
        owner_id=str(ada.person_id),
        customer=_company("北京晨曦精密有限公司"),
        confirmed_similar=[known["id"]],
        confirmed_because="独立采购",
    )

    deliver(CONVERTED, asked, subject=uuid4())

    assert recorded("customer.created.v1")[-1]["lead_id"]
    assert recorded("customer.refused.v1") == []


def test_a_code_that_is_none_is_a_refusal_and_not_a_fault(ask, recorded):
    _, lead_id, done = ask(customer=_company("晨曦有限公司", uscc="911100006000373416"))

    assert done.state == "done"
    assert recorded("customer.refused.v1") == [
        {"lead_id": str(lead_id), "code": "bad-uscc", "matches": []}
    ]


def test_a_lead_without_a_contact_becomes_a_customer_alone(ask, client_of, ada, recorded):
    customer_id, lead_id, _ = ask(contact=None)

    assert client_of(ada).get(f"{CONTACTS}?customer_id={customer_id}").json["items"] == []
    assert recorded("customer.created.v1") == [{"lead_id": str(lead_id), "contact_id": None}]


def test_a_customer_on_which_nothing_hangs_goes_back_with_its_contact(
    ask, ask_back, client_of, ada, recorded
):
    customer_id, lead_id, _ = ask()

    undo, _ = ask_back(customer_id, lead_id, times=2)

    assert client_of(ada).get(f"{HERE}/{customer_id}").json["archived_at"]
    assert client_of(ada).get(CONTACTS).json["items"] == []
    assert recorded("customer.withdrawn.v1") == [{"lead_id": str(lead_id), "undo": undo}]
    assert recorded("customer.state.v1")[-1]["archived_at"]


def test_a_further_contact_keeps_the_customer(ask, ask_back, client_of, ada, a_contact, recorded):
    customer_id, lead_id, _ = ask()
    a_contact({"id": customer_id}, by=ada)

    undo, _ = ask_back(customer_id, lead_id)

    assert client_of(ada).get(f"{HERE}/{customer_id}").json["archived_at"] is None
    assert recorded("customer.kept.v1") == [
        {"lead_id": str(lead_id), "undo": undo, "code": "has-contacts"}
    ]


def test_the_same_request_for_a_lead_is_answered_the_same(
    ask, ask_back, ada, a_contact, client_of, recorded
):
    customer_id, lead_id, _ = ask()
    undo, _ = ask_back(customer_id, lead_id)
    again, _ = ask_back(customer_id, lead_id, undo=UUID(undo))

    assert again == undo
    assert recorded("customer.withdrawn.v1") == [{"lead_id": str(lead_id), "undo": undo}] * 2


def test_a_request_for_a_customer_that_was_not_asked_for_waits(ask_back):
    _, done = ask_back(str(uuid4()), uuid4())

    assert (done.state, done.attempts) == ("pending", 1)


def test_a_withdrawn_company_is_free_again(ask, ask_back, recorded):
    customer_id, lead_id, _ = ask()
    ask_back(customer_id, lead_id)

    ask(lead_id=lead_id)

    assert len(recorded("customer.created.v1")) == 2
    assert recorded("customer.refused.v1") == []
