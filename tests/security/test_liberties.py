"""What only the local stack may do is an error at start anywhere else."""

import subprocess
import sys

import pytest

LIBERTIES = {
    "a shifted clock": ("XIAOKE_CLOCK_SHIFT", "3600"),
    "a failpoint": ("XIAOKE_FAILPOINT", "commit.after:2"),
}
SEEDING = {"identity": "seed"}
SERVICES = ["identity", "leads", "customers"]


def _started(stack, service, command, **different):
    told = stack["test"]["environments"][service] | {"XIAOKE_LOCAL": "0", **different}
    return subprocess.run(
        [sys.executable, "-m", service, command],
        env=told | {"XIAOKE_PUBLIC_URL": "https://crm.example"},
        input='{"tenants": []}',
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("liberty", LIBERTIES.values(), ids=LIBERTIES)
def test_a_service_with_a_liberty_does_not_start_in_production(stack, service, liberty):
    name, value = liberty

    started = _started(stack, service, "web", **{name: value})

    assert started.returncode == 1
    assert f"{name} is only for the local stack" in started.stderr


@pytest.mark.parametrize("service", SEEDING)
def test_demo_people_are_not_written_in_production(stack, service):
    started = _started(stack, service, SEEDING[service])

    assert started.returncode == 1
    assert "only for the local stack" in started.stderr
