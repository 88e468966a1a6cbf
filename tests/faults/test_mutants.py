"""The harness sees what it is there for: each broken promise turns a run red, and only that."""

import pytest
from mutants import MUTANTS
from scenes import SCENES, play


@pytest.fixture(scope="module", autouse=True)
def whole(arena):
    """Every part is as it should be before."""
    arena.restore()


def test_every_mutant_has_its_scene():
    assert SCENES.keys() == MUTANTS.keys()


@pytest.mark.parametrize("scene", SCENES)
def test_what_is_sound_survives_the_fault(arena, seller, scene):
    verdict = play(arena, seller, SCENES[scene], mutant=None)

    assert verdict.is_clean, verdict
    assert verdict.applied == verdict.acknowledged == verdict.attempted, verdict


@pytest.mark.parametrize("mutant", SCENES)
def test_a_mutant_is_caught(arena, seller, mutant):
    verdict = play(arena, seller, SCENES[mutant], mutant)

    assert verdict.harms == {SCENES[mutant].harm}, verdict
