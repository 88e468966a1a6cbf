"""No lead stays on its way: customers are asked again, and after that somebody is (rules 14)."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from chassis import db
from leads.jobs import ask_for_answers

NINE = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PAUSES = [timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=1)]


@pytest.fixture
def run(database, crew):
    """Runs the job for the crew's tenant, at a moment; answers the alarms that it raised."""

    def at(moment):
        token = db.database.set(database)
        with capture_logs() as logs, db.transaction(crew.id) as tx:
            ask_for_answers(tx.session, moment)
        db.database.reset(token)
        return [log for log in logs if log["event"] == "conversion.unanswered"]

    return at


def test_the_same_question_is_asked_again_in_growing_pauses(
    cleo, a_converting_lead, clock, run, recorded
):
    clock(NINE)
    lead, moment = a_converting_lead(by=cleo), NINE
    alarms, asked = [], []

    for pause in PAUSES:
        moment += pause
        run(moment - SECOND)
        asked.append(len(recorded("lead.converted.v1")))
        alarms.append([(a["log_level"], a["lead_id"]) for a in run(moment)])

    assert asked == [1, 2, 3, 4]
    assert alarms == [[], [], [], [("error", lead["id"])]]
    questions = recorded("lead.converted.v1")
    assert questions == [questions[0]] * 5


def test_an_alarm_names_no_person(cleo, a_converting_lead, clock, run):
    clock(NINE)
    a_converting_lead(by=cleo)
    moment, alarms = NINE, []

    for pause in PAUSES:
        moment += pause
        alarms += run(moment)

    assert [set(alarm) for alarm in alarms] == [{"event", "log_level", "lead_id", "customer_id"}]


def test_what_was_answered_is_not_asked_again(cleo, a_converting_lead, clock, run, hear, recorded):
    clock(NINE)
    hear("customer.created.v1", a_converting_lead(by=cleo))
    hear("customer.refused.v1", a_converting_lead(by=cleo))

    run(NINE + timedelta(days=1))

    assert len(recorded("lead.converted.v1")) == 2


def test_an_undo_is_asked_again_under_its_own_id(
    client_of, cleo, a_converted_lead, clock, run, recorded
):
    clock(NINE)
    lead = a_converted_lead(by=cleo)
    client_of(cleo).post(f"/api/v1/leads/{lead['id']}/undo-conversion")

    run(NINE + PAUSES[0] - SECOND)
    run(NINE + PAUSES[0])

    first, second = recorded("lead.reverted.v1")
    assert first == second
    assert len(recorded("lead.converted.v1")) == 1


def test_an_answer_to_a_question_asked_again_still_counts(
    cleo, a_converting_lead, clock, run, hear, read
):
    clock(NINE)
    lead = a_converting_lead(by=cleo)
    run(NINE + PAUSES[0])

    hear("customer.created.v1", lead)

    assert read(cleo, lead)["state"] == "converted"


def test_asking_again_changes_nothing_of_the_lead_itself(cleo, a_converting_lead, clock, run, read):
    clock(NINE)
    lead = a_converting_lead(by=cleo)

    run(NINE + PAUSES[0])

    # Only what puts facts in their order moves: each asking is one.
    moved = {"version": None, "updated_at": None}
    assert {**read(cleo, lead), **moved} == {**lead, **moved}


def test_another_tenants_questions_are_not_asked(
    cleo, other_crew, database, a_converting_lead, clock, recorded
):
    clock(NINE)
    a_converting_lead(by=cleo)
    token = db.database.set(database)
    with db.transaction(other_crew.id) as tx:
        ask_for_answers(tx.session, NINE + timedelta(days=1))
    db.database.reset(token)

    assert len(recorded("lead.converted.v1")) == 1
