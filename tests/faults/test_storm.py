"""Half a minute of everything that can go wrong, and nothing is lost or done twice."""

from itertools import pairwise

import pytest
import storm

SEED = 20260309


def test_the_same_seed_is_the_same_storm():
    assert storm.schedule(SEED, 120) == storm.schedule(SEED, 120)
    assert storm.schedule(SEED, 120) != storm.schedule(SEED + 1, 120)


@pytest.mark.parametrize("seed", range(20))
def test_every_kind_of_fault_comes_in_half_a_minute(seed):
    faults = storm.schedule(seed, 30)

    assert {(fault.kind, fault.target) for fault in faults} >= set(storm.CERTAIN)
    assert all(a.at + a.lasts < b.at for a, b in pairwise(faults))


def _check(arena, seconds):
    outcome = storm.run(arena, seed=SEED, seconds=seconds, say=print)

    assert outcome.is_valid, outcome.bites
    assert outcome.verdict.is_clean, outcome.verdict
    assert outcome.closing_line.endswith(", 0 lost, 0 ghost, 0 double")


@pytest.mark.timeout(240)
def test_thirty_seconds_of_faults_lose_nothing(arena):
    _check(arena, 30)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_five_minutes_of_faults_lose_nothing(arena):
    _check(arena, 300)
