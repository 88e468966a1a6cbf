"""What cannot have its effect yet is tried again, and whatever must come after it waits."""

from uuid import uuid4

import pytest
from things import an_envelope

from chassis import applier as applying
from chassis.errors import Conflict, NotYet

pytestmark = pytest.mark.usefixtures("things", "quiet", "working")


class Broken(Conflict):
    code = "broken"


def test_a_failure_of_ours_is_tried_again_more_and_more_slowly_then_parked(
    desk, told, rows, row_of, later
):
    document = told()
    desk.troubles["lamp"] = RuntimeError("not today")
    desk.hear(document)
    asked = (
        "SELECT state, extract(epoch FROM next_at - now()) AS pause FROM inbox WHERE event_id = :id"
    )

    seen = []
    for _ in range(5):
        desk.apply()
        (row,) = rows(asked, id=document["id"])
        seen.append((row.state, row.pause))
        later()

    assert [state for state, _ in seen] == ["pending"] * 4 + ["parked"]
    for (_, pause), wanted in zip(seen, (1, 10, 60, 600), strict=False):
        assert wanted - 30 < pause <= wanted
    assert (row_of(document).attempts, len(desk.facts)) == (5, 5)


def test_a_postponed_fact_is_not_tried_before_its_time(desk, told, rows):
    desk.troubles["lamp"] = RuntimeError("not today")
    desk.hear(told())
    desk.apply()
    rows("UPDATE inbox SET next_at = now() + interval '1 hour' WHERE state = 'pending'")

    applied = desk.apply()

    assert (applied, len(desk.facts)) == (0, 1)


def test_a_fact_that_fails_once_has_its_effect_the_next_time(desk, told, names, row_of, later):
    document = told()
    desk.troubles["lamp"] = RuntimeError("not today")
    desk.hear(document)
    desk.apply()
    desk.troubles.clear()

    later()
    desk.apply()

    assert (names(), row_of(document).state, row_of(document).error) == (["lamp"], "done", None)


def test_a_fact_that_waits_for_another_is_patient(desk, told, row_of, later, names):
    document = told()
    desk.troubles["lamp"] = NotYet("its room")
    desk.hear(document)
    for _ in range(12):
        desk.apply()
        later()
    desk.troubles.clear()

    desk.apply()

    assert (row_of(document).state, row_of(document).attempts) == ("done", 12)
    assert names() == ["lamp"]


def test_patience_ends_after_about_a_day(desk, told, row_of, rows):
    document = told()
    desk.troubles["lamp"] = NotYet("its room")
    desk.hear(document)
    rows(
        "UPDATE inbox SET attempts = :most WHERE event_id = :id",
        most=len(applying.BACK_OFF) + applying.PATIENCE,
        id=document["id"],
    )

    desk.apply()

    assert row_of(document).state == "parked"


def test_a_younger_fact_of_a_subject_waits_for_an_older_one_in_the_same_batch(
    desk, told, names, row_of
):
    subject = uuid4()
    older, younger = told("older", subject=subject), told("younger", subject=subject)
    desk.troubles["older"] = RuntimeError("not today")
    desk.hear(older, younger)

    desk.apply()

    assert names() == []
    assert (row_of(younger).state, row_of(younger).attempts) == ("pending", 0)


def test_a_younger_fact_of_a_subject_waits_for_a_postponed_one_in_later_batches(
    desk, told, names, rows
):
    subject = uuid4()
    desk.troubles["older"] = RuntimeError("not today")
    desk.hear(told("older", subject=subject))
    desk.apply()
    rows("UPDATE inbox SET next_at = now() + interval '1 hour' WHERE state = 'pending'")

    desk.hear(told("younger", subject=subject))
    applied = desk.apply()

    assert (applied, names()) == (0, [])


def test_a_subject_that_waits_does_not_hold_up_others(desk, told, names):
    subject = uuid4()
    desk.troubles["older"] = RuntimeError("not today")
    desk.hear(told("older", subject=subject), told("younger", subject=subject), told("other"))

    desk.apply()

    assert names() == ["other"]


def test_the_same_subject_of_another_tenant_does_not_wait(desk, told, other_crew, names):
    subject = uuid4()
    desk.troubles["older"] = RuntimeError("not today")
    theirs = an_envelope(tenant=other_crew.id, subject=subject, data={"name": "theirs"})
    desk.hear(told("older", subject=subject), theirs)

    desk.apply()

    assert names(other_crew.id) == ["theirs"]


def test_a_subject_goes_on_in_order_after_its_older_fact_had_its_effect(desk, told, names, later):
    subject = uuid4()
    desk.troubles["older"] = RuntimeError("not today")
    desk.hear(told("older", subject=subject), told("younger", subject=subject))
    desk.apply()
    desk.troubles.clear()

    later()
    desk.apply()

    assert names() == ["older", "younger"]


def test_a_parked_fact_does_not_hold_up_its_subject(desk, told, names):
    subject = uuid4()
    desk.troubles["older"] = Broken("for good")
    desk.hear(told("older", subject=subject), told("younger", subject=subject))

    desk.apply()

    assert names() == ["younger"]
