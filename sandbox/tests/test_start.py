"""Where the sandbox may run at all."""

import pytest

from chassis.settings import BadSettings, read
from sandbox.settings import NEEDS, Settings


def test_it_starts_on_the_local_stack(environment):
    assert read(Settings, environment, NEEDS).address() == "127.0.0.1"


def test_it_does_not_start_anywhere_else(environment):
    del environment["XIAOKE_LOCAL"]

    with pytest.raises(BadSettings, match="only for the local stack"):
        read(Settings, environment, NEEDS)


def test_it_never_leaves_loopback(environment):
    with pytest.raises(BadSettings, match="must be a loopback address"):
        read(Settings, environment | {"XIAOKE_BIND": "0.0.0.0"}, NEEDS)


def test_it_answers_when_asked_how_it_is(browser):
    assert browser.get("/health").status_code == 200
