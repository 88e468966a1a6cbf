"""The verdict itself, on rows written by hand: it names each harm, and sees none where none is."""

from dataclasses import replace

import pytest
from seller import Attempt
from verdict import Copy, Customer, Evidence, Lead, Opening, Told, judge

CONVERTED, CREATED = "lead.converted.v1", "customer.created.v1"
REVERTED, WITHDRAWN = "lead.reverted.v1", "customer.withdrawn.v1"


def attempt(lead_id, act="convert", status=202, **other):
    usual = {"tries": 1, "is_replay": False}
    return Attempt(**{"lead_id": lead_id, "act": act, "status": status} | usual | other)


def customer(lead_id, **other):
    usual = {"is_archived": False, "version": 1, "contacts": 1}
    named = {"id": f"c{lead_id}", "lead_id": lead_id, "name": f"N{lead_id}"}
    return Customer(**named | usual | other)


def copy_of(one):
    return Copy(one.id, one.name, one.is_archived, one.version)


@pytest.fixture
def sound():
    """Three leads: one is a customer, one was refused, one was a customer for a while."""
    kept, undone = customer("1"), customer("3", is_archived=True, version=2)
    return Evidence(
        attempts=[attempt("1"), attempt("2"), attempt("3"), attempt("3", "undo")],
        leads=[
            Lead("1", "converted", "c1", ("c1",)),
            Lead("2", "open", None, ("c2",)),
            Lead("3", "open", None, ("c3",)),
        ],
        questions=[
            *(Told(CONVERTED, number, f"c{number}") for number in "123"),
            Told(REVERTED, "3", "c3", "u"),
        ],
        answers=[
            Told(CREATED, "1", "c1"),
            Told("customer.refused.v1", "2", "c2"),
            Told(CREATED, "3", "c3"),
            Told(WITHDRAWN, "3", "c3", "u"),
        ],
        openings=[
            Opening("c1", "1", is_refused=False),
            Opening("c2", "2", is_refused=True),
            Opening("c3", "3", is_refused=False),
        ],
        customers=[kept, undone],
        copies=[copy_of(kept), copy_of(undone)],
    )


def test_a_sound_run_is_clean(sound):
    verdict = judge(sound)

    assert verdict.is_clean, verdict
    assert verdict.counts == {
        "attempted": 4,
        "acknowledged": 4,
        "applied": 4,
        "lost": 0,
        "ghost": 0,
        "double": 0,
        "unknown": 0,
        "absorbed": 0,
    }


@pytest.mark.parametrize("is_done", [True, False])
def test_what_nobody_answered_may_have_happened_or_not(sound, is_done):
    sound.attempts[3] = attempt("3", "undo", status=None)
    if not is_done:
        sound.leads[2] = Lead("3", "converted", "c3", ("c3",))
        sound.customers[1] = customer("3")
        sound.copies[1] = copy_of(sound.customers[1])
        del sound.questions[3], sound.answers[3]

    verdict = judge(sound)

    assert verdict.is_clean, verdict
    assert (verdict.acknowledged, verdict.unknown) == (3, 1)


def test_asking_again_is_answered_again(sound):
    sound.questions.append(sound.questions[0])
    sound.answers.append(sound.answers[0])

    assert judge(sound).is_clean


def test_what_came_twice_and_changed_nothing_was_absorbed(sound):
    sound.attempts[0] = attempt("1", tries=2, is_replay=True)

    assert judge(replace(sound, repeated=2)).absorbed == 3


def change(rows, place, **other):
    rows[place] = replace(rows[place], **other)


HARMS = {
    "an acknowledged conversion is gone": ("lost", lambda e: change(e.leads, 1, asked_for=())),
    "an acknowledged undo is gone": ("lost", lambda e: e.questions.pop(3)),
    "a lead is gone": ("lost", lambda e: e.leads.pop(0)),
    "a fact has no event": ("lost", lambda e: e.questions.pop(1)),
    "a question has no answer": ("lost", lambda e: e.answers.pop(1)),
    "a lead stays on its way": ("lost", lambda e: change(e.leads, 0, state="converting")),
    "a lead became nobody": ("lost", lambda e: change(e.leads, 0, customer_id="c9")),
    "a customer is gone": ("lost", lambda e: e.customers.pop(0)),
    "a customer has no contact": ("lost", lambda e: change(e.customers, 0, contacts=0)),
    "a copy is missing": ("lost", lambda e: e.copies.pop(0)),
    "a copy is older": ("lost", lambda e: change(e.copies, 1, version=1)),
    "an event is stuck": ("lost", lambda e: setattr(e, "stuck", ["lead.converted.v1 parked"])),
    "a question without a fact": ("ghost", lambda e: e.questions.append(Told(CONVERTED, "1", "x"))),
    "an answer without a question": ("ghost", lambda e: e.answers.append(Told(CREATED, "1", "x"))),
    "an opening without a question": (
        "ghost",
        lambda e: e.openings.append(Opening("x", "2", is_refused=True)),
    ),
    "a customer that was refused": ("ghost", lambda e: change(e.openings, 0, is_refused=True)),
    "a customer of an open lead": ("ghost", lambda e: change(e.leads, 0, state="open")),
    "a copy of nobody": ("ghost", lambda e: e.copies.append(Copy("x", "N", False, 1))),
    "an effect comes twice": ("double", lambda e: e.answers.append(e.answers[0])),
    "one call did it twice": ("double", lambda e: e.attempts.pop(1)),
    "one undo happened twice": ("double", lambda e: e.attempts.pop(3)),
    "a contact comes twice": ("double", lambda e: change(e.customers, 0, contacts=2)),
    "a lead became two customers": (
        "double",
        lambda e: e.customers.append(customer("1", id="c8")),
    ),
}


@pytest.mark.parametrize(("harm", "do"), HARMS.values(), ids=HARMS)
def test_a_harm_is_called_by_its_name(sound, harm, do):
    do(sound)

    verdict = judge(sound)

    assert harm in verdict.harms, verdict
