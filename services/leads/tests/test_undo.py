"""A lead taken back on the same business day (rules 14), and what may come of it."""

from datetime import UTC, datetime

import pytest

from chassis.testing import Crew

HERE = "/api/v1/leads"
NINE = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
LAST_SECOND = datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)


@pytest.fixture
def undo(client_of):
    def press(who, lead):
        return client_of(who).post(f"{HERE}/{lead['id']}/undo-conversion")

    return press


@pytest.mark.parametrize(
    ("moment", "status"), [(NINE, 202), (LAST_SECOND, 202), (MIDNIGHT, 409)], ids=str
)
def test_the_day_of_undoing_ends_at_midnight_in_shanghai(
    undo, cleo, a_converted_lead, read, clock, moment, status
):
    clock(NINE)
    lead = a_converted_lead(by=cleo)

    clock(moment)
    answer = undo(cleo, lead)

    assert answer.status_code == status
    assert read(cleo, lead)["state"] == ("undoing" if status == 202 else "converted")
    if status == 409:
        assert (answer.json["code"], answer.json["title"]) == (
            "undo-too-late",
            "只能在转为客户的当天撤销",
        )


def test_the_day_is_that_of_the_tenant(database, undo, a_converting_lead, client_of, clock, hear):
    berlin = Crew(database, time_zone="Europe/Berlin")
    sales = berlin.person(grants={f"lead.{verb}": "own" for verb in ("view", "create", "convert")})
    clock(NINE)
    lead = a_converting_lead(by=sales)
    hear("customer.created.v1", lead, tenant=str(berlin.id))

    clock(MIDNIGHT)

    assert undo(sales, lead).status_code == 202


def test_the_undo_is_asked_under_an_id_of_its_own(undo, cleo, a_converted_lead, recorded):
    lead = a_converted_lead(by=cleo)

    answer = undo(cleo, lead)

    (asked,) = recorded("lead.reverted.v1")
    assert answer.json["state"] == "undoing"
    assert answer.json["allowed_actions"] == []
    assert asked["customer_id"] == lead["customer_id"]
    assert set(asked) == {"customer_id", "undo"}


def test_a_withdrawn_customer_gives_the_lead_back(
    undo, cleo, a_converted_lead, hear, recorded, read, client_of
):
    lead = a_converted_lead(by=cleo)
    undo(cleo, lead)

    hear("customer.withdrawn.v1", lead, undo=recorded("lead.reverted.v1")[0]["undo"], times=2)

    back = read(cleo, lead)
    assert (back["state"], back["customer_id"], back["converted_at"]) == ("open", None, None)
    assert (back["refused_reason"], back["customer_name"]) == (None, None)
    assert back["allowed_actions"] == ["edit", "convert", "archive"]


def test_a_kept_customer_leaves_the_lead_converted_with_the_reason(
    undo, cleo, a_converted_lead, hear, recorded, read
):
    lead = a_converted_lead(by=cleo)
    undo(cleo, lead)

    hear("customer.kept.v1", lead, undo=recorded("lead.reverted.v1")[0]["undo"], times=2)

    kept = read(cleo, lead)
    assert (kept["state"], kept["refused_reason"]) == ("converted", "has-contacts")
    assert (kept["customer_id"], kept["converted_at"]) == (
        lead["customer_id"],
        lead["converted_at"],
    )
    assert kept["allowed_actions"] == ["undo_conversion"]


@pytest.mark.parametrize("late", ["customer.withdrawn.v1", "customer.kept.v1"])
def test_an_answer_to_an_earlier_undo_changes_nothing(
    undo, cleo, a_converted_lead, hear, recorded, read, late
):
    lead = a_converted_lead(by=cleo)
    undo(cleo, lead)
    first = recorded("lead.reverted.v1")[0]["undo"]
    hear("customer.kept.v1", lead, undo=first)
    undo(cleo, lead)
    before = read(cleo, lead)

    delivered = hear(late, lead, undo=first)

    assert delivered.state == "done"
    assert read(cleo, lead) == before
    assert before["state"] == "undoing"
    assert len({one["undo"] for one in recorded("lead.reverted.v1")}) == 2


def test_an_answer_to_an_undo_that_nobody_awaits_changes_nothing(
    cleo, a_converted_lead, hear, read
):
    lead = a_converted_lead(by=cleo)

    for topic in ("customer.withdrawn.v1", "customer.kept.v1"):
        assert hear(topic, lead).state == "done"

    assert read(cleo, lead) == lead


def test_a_lead_that_came_back_may_become_another_customer(
    undo, cleo, a_converted_lead, hear, recorded, client_of, conversions
):
    lead = a_converted_lead(by=cleo)
    undo(cleo, lead)
    hear("customer.withdrawn.v1", lead, undo=recorded("lead.reverted.v1")[0]["undo"])

    again = client_of(cleo).post(f"{HERE}/{lead['id']}/convert", json={})

    assert again.status_code == 202
    assert again.json["customer_id"] != lead["customer_id"]
    assert [str(one.id) for one in conversions(lead)] == [
        lead["customer_id"],
        again.json["customer_id"],
    ]


def test_a_late_yes_to_the_first_question_does_not_end_an_undo(
    undo, cleo, a_converted_lead, hear, read
):
    lead = a_converted_lead(by=cleo)
    undo(cleo, lead)

    hear("customer.created.v1", lead)

    assert read(cleo, lead)["state"] == "undoing"
