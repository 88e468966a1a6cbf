"""People at the gateway of the running stack, and services of a test's own beside it."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sign_in import Person, sign_in

PATIENCE = 30.0


class Caller(requests.Session):
    """Somebody at the gateway; paths are relative to it."""

    def __init__(self, gateway: str) -> None:
        super().__init__()
        self.gateway = gateway

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> requests.Response:
        return super().request(method, self.gateway + url, *rest, timeout=15, **more)


@pytest.fixture(scope="session")
def corps(stack: dict[str, Any]) -> list[str]:
    """The demo companies, by their WeCom ids: the first and the other."""
    return [tenant["corp_id"] for tenant in stack["tenants"]]


@pytest.fixture(scope="session")
def as_person(stack: dict[str, Any], corps: list[str]) -> Callable[..., Caller]:
    """Signs somebody of the demo companies in, as `make token` does."""

    def make(userid: str, corp: int = 0) -> Caller:
        token = sign_in(stack["gateway"], Person(userid, corps[corp]))
        caller = Caller(stack["gateway"])
        caller.headers["Authorization"] = f"Bearer {token.text}"
        return caller

    return make


@pytest.fixture
def own_service(stack: dict[str, Any], tmp_path: Path) -> Callable[..., Any]:
    """Starts one more web process of a service, told what a test wants to be different."""

    @contextlib.contextmanager
    def start(name: str, **different: str) -> Iterator[str]:
        port, private_port = _free_port(), _free_port()
        told = stack["test"]["environments"][name] | {
            "XIAOKE_PORT": str(port),
            "XIAOKE_PRIVATE_PORT": str(private_port),
            "XIAOKE_STATE_DIR": str(tmp_path),
            "XIAOKE_WORKERS": "1",
            **different,
        }
        for named in [
            n for n in told if f"{n}_FILE" in different or n.removesuffix("_FILE") in different
        ]:
            if named not in different:
                del told[named]
        process = subprocess.Popen([sys.executable, "-m", name.replace("-", "_"), "web"], env=told)
        try:
            _wait(f"http://127.0.0.1:{private_port}/health/live")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE)

    return start


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def _wait(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(0.05)
    raise TimeoutError(url)
