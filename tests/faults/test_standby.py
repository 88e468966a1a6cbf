"""A second process of background work stands by: it does nothing, until the first is gone."""

import os
import signal
from dataclasses import replace

import pytest
from arena import wait_until
from evidence import come_to_rest, gather
from verdict import judge

from stack import children, services

NAME = "leads-standby"
FIRST_FREE = 95


@pytest.fixture
def standby(arena):
    """A second process of the work of leads, on a port of its own."""
    arena.restore()
    port = str(arena.base + FIRST_FREE)
    usual = services.work(arena, "leads")
    second = replace(
        usual,
        name=NAME,
        environment={**usual.environment, "XIAOKE_PRIVATE_PORT": port},
        ports=(int(port),),
        ready=lambda: services.is_well(int(port), "/health/ready"),
    )
    children.start(arena, second)
    children.wait_until_ready(arena, second)
    yield second
    children.end(arena, [NAME])
    arena.restore()


def _has_led(arena):
    return "work.leads" in arena.log(NAME).read_text()


def test_one_that_is_ended_while_it_stands_by_never_led(arena, standby):
    os.kill(children.running(arena, NAME).pid, signal.SIGTERM)
    wait_until(lambda: not arena.runs(NAME), "it has ended")

    assert not _has_led(arena)


@pytest.mark.parametrize("gone", ["killed", "frozen"])
def test_it_takes_over_and_what_was_under_way_has_one_effect(arena, seller, standby, gone):
    leads = [seller.enter() for _ in range(6)]
    attempts = [seller.convert(lead) for lead in leads[:3]]

    arena.kill("leads-work") if gone == "killed" else arena.freeze("leads-work")
    attempts += [seller.convert(lead) for lead in leads[3:]]
    wait_until(lambda: _has_led(arena), "it leads")
    attempts.append(come_to_rest(arena, seller, within=60))
    arena.thaw("leads-work")
    attempts.append(come_to_rest(arena, seller))

    verdict = judge(gather(arena, attempts, repeated=arena.repeated()))
    assert verdict.is_clean, verdict
    assert verdict.applied == len(attempts), verdict
