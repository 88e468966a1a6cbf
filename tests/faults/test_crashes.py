"""A process dies at every named point on the way of a fact, and nothing is lost or done twice."""

import pytest
from arena import WORK, wait_until
from evidence import come_to_rest, gather
from seller import a_company
from verdict import judge

from chassis import failpoints

# Who passes which points when a lead is converted. What handles a fact passes those of a
# transaction too.
PASSES = {
    "leads": ("fact", "outbox", "commit"),
    "leads-work": ("publish", "confirm", "mark"),
    "customers-work": ("store", "ack", "apply", "done", "fact", "outbox", "commit"),
}
# gunicorn's master, and the two that it starts.
WORKERS = 3
CASES = [
    (part, f"{point}.{moment}:{hit}")
    for part, points in PASSES.items()
    for point in points
    for moment in ("before", "after")
    for hit in (1, 2)
]


@pytest.fixture(scope="module", autouse=True)
def whole(arena):
    """Every part is as it should be, before and after."""
    arena.restore()
    yield
    arena.restore()


def test_every_point_has_its_case():
    assert {point.partition(":")[0] for _, point in CASES} == failpoints.POINTS


@pytest.mark.parametrize(("part", "point"), CASES, ids=[f"{part}-{at}" for part, at in CASES])
def test_a_crash_loses_nothing_and_does_nothing_twice(arena, seller, part, point):
    old, taken = seller.enter(), a_company()
    good, twin = [seller.enter(taken), *(seller.enter() for _ in range(3))], seller.enter(taken)
    attempts = [seller.convert(old)]
    wait_until(lambda: _state(arena, old) == "converted", "the lead to be undone is a customer")
    arena.arm(part, point)
    whole = WORKERS if part == "leads" else 1
    wait_until(lambda: len(arena.family(part)) >= whole, f"all processes of {part} are there")
    family = arena.family(part)

    # In two waves, so that there is a second batch of everything, unless the first was the last.
    attempts += [seller.undo(old), seller.convert(good[0]), seller.convert(good[1])]
    wait_until(lambda: arena.fired(part, point) or _state(arena, good[1]) == "converted", "go on")
    attempts += [seller.convert(lead) for lead in (twin, *good[2:])]
    wait_until(lambda: arena.fired(part, point), f"{part} was hit at {point}")
    wait_until(lambda: not family <= arena.family(part), f"{part} died")
    if part.endswith(WORK):
        arena.start(part)
    attempts.append(come_to_rest(arena, seller))

    verdict = judge(gather(arena, attempts, repeated=arena.repeated()))
    assert verdict.is_clean, verdict
    assert (verdict.acknowledged, verdict.applied) == (len(attempts), len(attempts)), verdict
    assert [_state(arena, lead) for lead in (old, twin)] == ["open", "open"]
    assert {_state(arena, lead) for lead in good} == {"converted"}


def _state(arena, lead_id):
    return arena.rows("leads", "SELECT state FROM leads WHERE id = %s", lead_id)[0]["state"]
