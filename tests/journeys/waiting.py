"""Waiting for what happens elsewhere: for a condition and a deadline, never for luck."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.02


def until(look: Callable[[], T], within: float = 15.0) -> T:
    """The first answer of `look` that is something; raises TimeoutError after `within` seconds."""
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing within {within} s")
        time.sleep(PAUSE)
    return found
