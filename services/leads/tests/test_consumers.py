"""What customers answer and tell: each published example, delivered twice, has one effect."""

import json
from pathlib import Path
from uuid import uuid4

import jsonschema
import pytest

from leads.app import service as leads

EVENTS = Path(__file__).resolve().parents[3] / "api/events"
HERE = "/api/v1/leads"


def test_these_are_all_the_facts_that_are_listened_to():
    answers = ("created", "refused", "withdrawn", "kept", "state")

    assert set(leads.consumers.subscriptions) == {
        *(f"customer.{name}.v1" for name in answers),
        # The end of an announcement of customers.
        "customer.announced.v1",
    }


@pytest.mark.parametrize("topic", ["lead.converted.v1", "lead.reverted.v1"])
def test_what_is_asked_is_as_published(client_of, cleo, a_converted_lead, recorded, topic):
    lead = a_converted_lead(by=cleo, form={"confirmed_similar": [str(uuid4())]})
    client_of(cleo).post(f"{HERE}/{lead['id']}/undo-conversion")
    schema = json.loads((EVENTS / f"{topic}.json").read_text(encoding="utf-8"))

    (asked,) = recorded(topic)

    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(asked)
    assert set(asked) == set(schema["properties"])


def test_a_yes_makes_the_lead_a_customer(cleo, a_converting_lead, hear, read):
    lead = a_converting_lead(by=cleo)

    delivered = hear("customer.created.v1", lead, times=2)

    now = read(cleo, lead)
    assert (delivered.state, now["state"]) == ("done", "converted")
    assert now["customer_id"] == lead["customer_id"]
    assert now["converted_at"]
    assert now["allowed_actions"] == ["undo_conversion"]
    assert now["version"] == lead["version"] + 1


def test_a_customer_that_was_no_lead_is_none_of_ours(deliver, example):
    delivered = deliver("customer.created.v1", example("customer.created.v1", 1), times=2)

    assert (delivered.state, delivered.attempts) == ("done", 0)


def test_a_no_gives_the_lead_back_with_the_reason(cleo, a_converting_lead, hear, read, example):
    lead = a_converting_lead(by=cleo)

    delivered = hear("customer.refused.v1", lead, times=2)

    back = read(cleo, lead)
    assert (delivered.state, back["state"], back["customer_id"]) == ("done", "open", None)
    assert back["refused_reason"] == "customer-exists"
    assert back["refused_matches"] == example("customer.refused.v1")["matches"]
    assert back["allowed_actions"] == ["edit", "convert", "archive"]


def test_a_refused_lead_may_ask_again_under_another_id(
    client_of, cleo, a_converting_lead, hear, recorded
):
    lead = a_converting_lead(by=cleo)
    hear("customer.refused.v1", lead)

    again = client_of(cleo).post(f"{HERE}/{lead['id']}/convert", json={})

    assert (again.status_code, again.json["state"]) == (202, "converting")
    assert (again.json["refused_reason"], again.json["refused_matches"]) == (None, [])
    first, second = recorded("lead.converted.v1")
    assert first["customer_id"] == lead["customer_id"] != second["customer_id"]


@pytest.mark.parametrize("topic", ["customer.created.v1", "customer.refused.v1"])
def test_an_answer_about_another_customer_changes_nothing(
    cleo, a_converting_lead, hear, read, topic
):
    lead = a_converting_lead(by=cleo)

    delivered = hear(topic, lead, subject=str(uuid4()))

    assert delivered.state == "done"
    assert read(cleo, lead) == lead


@pytest.mark.parametrize("late", ["customer.created.v1", "customer.refused.v1"])
@pytest.mark.parametrize("first", ["customer.created.v1", "customer.refused.v1"])
def test_only_the_first_answer_counts(cleo, a_converting_lead, hear, read, first, late):
    lead = a_converting_lead(by=cleo)
    hear(first, lead)
    before = read(cleo, lead)

    delivered = hear(late, lead)

    assert delivered.state == "done"
    assert read(cleo, lead) == before


@pytest.mark.parametrize("late", ["customer.created.v1", "customer.refused.v1"])
def test_an_answer_to_an_earlier_attempt_changes_nothing(
    client_of, cleo, a_converting_lead, hear, read, late
):
    lead = a_converting_lead(by=cleo)
    hear("customer.refused.v1", lead)
    again = client_of(cleo).post(f"{HERE}/{lead['id']}/convert", json={}).json

    hear(late, lead)

    assert read(cleo, lead) == again


@pytest.mark.parametrize(
    "topic",
    [f"customer.{name}.v1" for name in ("created", "refused", "withdrawn", "kept")],
)
def test_an_answer_for_a_lead_that_is_not_here_is_tried_again(deliver, topic):
    delivered = deliver(topic)

    assert (delivered.state, delivered.attempts) == ("pending", 1)


def test_an_answer_for_another_tenants_lead_changes_nothing(
    cleo, other_crew, a_converting_lead, hear, deliver, example, read
):
    lead = a_converting_lead(by=cleo)
    answer = example("customer.created.v1", lead_id=lead["id"])

    deliver("customer.created.v1", answer, subject=lead["customer_id"], tenant=str(other_crew.id))

    assert read(cleo, lead) == lead


@pytest.mark.parametrize("topic", ["customer.created.v1", "customer.refused.v1"])
def test_what_was_told_of_a_person_is_not_kept_once_it_was_answered(
    cleo, a_converting_lead, hear, conversions, topic
):
    lead = a_converting_lead(by=cleo)
    (asked,) = conversions(lead)

    hear(topic, lead)

    (answered,) = conversions(lead)
    assert asked.contact["mobile"] == "13800006666"
    assert (answered.question, answered.customer, answered.contact) == (None, None, None)


def test_a_lead_shows_its_customer_by_the_name_of_today(
    cleo, a_converted_lead, deliver, example, read
):
    lead = a_converted_lead(by=cleo)
    about = {"subject": lead["customer_id"]}
    renamed = example("customer.state.v1", name="晨曦智能装备（苏州）有限公司")

    delivered = deliver("customer.state.v1", times=2, version=1, **about)
    first = read(cleo, lead)["customer_name"]
    deliver("customer.state.v1", renamed, version=3, **about)
    deliver("customer.state.v1", version=2, **about)

    assert delivered.state == "done"
    assert first == example("customer.state.v1")["name"]
    assert read(cleo, lead)["customer_name"] == "晨曦智能装备（苏州）有限公司"


def test_another_tenants_copy_names_none_of_our_customers(
    cleo, a_converted_lead, other_crew, deliver, read
):
    lead = a_converted_lead(by=cleo)

    deliver("customer.state.v1", subject=lead["customer_id"], tenant=str(other_crew.id))

    assert read(cleo, lead)["customer_name"] is None
