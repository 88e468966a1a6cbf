"""Every fact that we listen to: its published example, delivered twice, has one effect."""

import json
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest
from sqlalchemy import func, select

from customers.app import service as customers
from customers.models import Contact, Customer, Opening

EVENTS = Path(__file__).resolve().parents[3] / "api/events"


@pytest.fixture
def as_published(recorded):
    """Holds everything that was recorded of a topic to its published file; answers it."""

    def read(topic):
        schema = json.loads((EVENTS / f"{topic}.json").read_text(encoding="utf-8"))
        check = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        told = recorded(topic)
        for one in told:
            check.validate(one)
            assert set(one) == set(schema["properties"])
        return told

    return read


def _count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_the_published_lead_opens_one_customer(deliver, example, in_tenant, as_published):
    asked = example("lead.converted.v1")

    delivered = deliver("lead.converted.v1", times=2)

    with in_tenant() as session:
        customer = session.scalars(select(Customer)).one()
        assert customer.id == UUID(asked["customer_id"])
        [follower] = customer.followers
        assert (follower.person_id, follower.is_main) == (UUID(asked["owner_id"]), True)
        assert _count(session, Contact) == _count(session, Opening) == 1
        assert customer.creator_id == UUID(asked["asked_by"])
    assert (delivered.state, delivered.attempts) == ("done", 0)
    assert len(as_published("customer.created.v1")) == 1
    assert len(as_published("customer.state.v1")) == 1


def test_the_published_undo_withdraws_one_customer(deliver, in_tenant, as_published):
    deliver("lead.converted.v1")

    delivered = deliver("lead.reverted.v1", times=2)

    with in_tenant() as session:
        assert session.scalars(select(Customer)).one().archived_at
        assert session.scalars(select(Contact)).one().archived_at
    assert delivered.state == "done"
    assert len(as_published("customer.withdrawn.v1")) == 1


def test_what_is_refused_and_kept_is_as_published(
    ada, a_request, a_contact, deliver, example, as_published
):
    asked, _ = a_request()
    a_request()
    a_contact(by=ada, at={"id": asked["customer_id"]}, name="王磊")

    deliver("lead.reverted.v1", example("lead.reverted.v1", customer_id=asked["customer_id"]))

    assert len(as_published("customer.refused.v1")) == 1
    assert len(as_published("customer.kept.v1")) == 1


def test_these_are_all_the_facts_that_are_listened_to():
    assert set(customers.consumers.subscriptions) == {"lead.converted.v1", "lead.reverted.v1"}


@pytest.mark.parametrize("missing", ["customer_id", "asked_by", "owner_id", "customer"])
def test_a_fact_that_lacks_what_is_needed_is_parked(deliver, example, recorded, missing):
    asked = example("lead.converted.v1")
    del asked[missing]

    delivered = deliver("lead.converted.v1", asked)

    assert delivered.state == "parked"
    assert missing in delivered.error
    assert recorded("customer.created.v1") == recorded("customer.refused.v1") == []


def test_what_a_lead_tells_beyond_our_needs_passes_by(deliver, example, as_published):
    asked = example("lead.converted.v1", colour="red")
    asked["customer"]["industry"] = "machines"

    assert deliver("lead.converted.v1", asked).state == "done"
    assert len(as_published("customer.created.v1")) == 1
