"""A stack in a folder of its own, and children that are real processes."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import children, places
from stack.children import Child
from stack.places import Stack

A_FREE_BASE = 20900


@pytest.fixture
def a_stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(base=A_FREE_BASE, checkout=tmp_path)
    places.make_folders(made)
    yield made
    children.end(made, children.names(made))


@pytest.fixture
def running_stack() -> Stack:
    """The stack that this very test run stands on."""
    home = Path(os.environ["XIAOKE_STACK"]).parent
    assert home == places.home(places.CHECKOUT, test=True)
    return Stack(base=places.remembered_base(places.CHECKOUT, test=True), test=True)


@pytest.fixture
def a_child(tmp_path: Path) -> Callable[..., Child]:
    def make(code: str = "import time; time.sleep(60)", **other: object) -> Child:
        usual: dict[str, object] = {
            "name": "sleeper",
            "command": (sys.executable, "-c", code),
            "environment": {"PATH": "/usr/bin:/bin"},
            "folder": tmp_path,
            "ports": (),
            "ready": lambda: True,
        }
        return Child(**(usual | other))  # type: ignore[arg-type]

    return make


@pytest.fixture
def a_stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        yield stranger
        stranger.kill()


@pytest.fixture
def a_taken_port() -> Iterator[int]:
    # One that the system picks is above every base that a stack is given.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]
