"""A process dies at the hit of a named point that it was told, and only there."""

import subprocess
import sys

import pytest

from chassis import failpoints

DIES = """
import sys
from pathlib import Path
from chassis import failpoints
failpoints.arm(sys.argv[1] or None, Path(sys.argv[2]))
for point in sys.argv[3:]:
    failpoints.hit(point)
    print(point, flush=True)
"""


@pytest.fixture
def run(tmp_path):
    def start(wanted, *points):
        ran = subprocess.run(
            [sys.executable, "-c", DIES, wanted, str(tmp_path), *points],
            capture_output=True,
            text=True,
        )
        return ran.returncode, ran.stdout.split()

    return start


def test_a_process_is_killed_at_its_point(run):
    assert run("commit.after", "commit.before", "commit.after", "ack.after") == (
        -9,
        ["commit.before"],
    )


def test_a_process_can_be_killed_at_a_later_hit(run):
    assert run("mark.after:2", "mark.after", "mark.after") == (-9, ["mark.after"])


def test_hits_are_counted_over_processes_and_deaths(run):
    first = run("mark.after:2", "mark.after")
    second = run("mark.after:2", "mark.after")
    third = run("mark.after:2", "mark.after")

    assert (first, second, third) == ((0, ["mark.after"]), (-9, []), (0, ["mark.after"]))


def test_a_process_that_was_told_nothing_lives(run):
    assert run("", "mark.after") == (0, ["mark.after"])


@pytest.mark.parametrize("wanted", ["publish.after", "publish.after:2", "done.before:10"])
def test_a_point_is_known_by_its_name(wanted):
    assert failpoints.exists(wanted)


@pytest.mark.parametrize("wanted", ["", "publish", "publish.during", "publish.after:x", "x.after"])
def test_what_is_no_point_is_not_known(wanted):
    assert not failpoints.exists(wanted)
