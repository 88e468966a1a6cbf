"""A gateway of one's own for tests: a real nginx in front of stand-in services."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, TypeVar

from gateway.render import render
from gateway.standins import Headers, Reply, Request, StandIn, free_port, stand_in

HERE = Path(__file__).resolve().parent
PATIENCE = 10.0

# An address where nobody listens.
NOBODY = "127.0.0.1:1"

# The placeholder of each service's address; the route table knows no others.
UPSTREAMS = {
    "identity": "UPSTREAM_IDENTITY",
    "leads": "UPSTREAM_LEADS",
    "customers": "UPSTREAM_CUSTOMERS",
    "wecom-bridge": "UPSTREAM_WECOM_BRIDGE",
}

Found = TypeVar("Found")


@dataclass
class Door:
    """A running gateway, the services behind it, and ways to knock."""

    port: int
    folder: Path
    services: Mapping[str, StandIn]

    def ask(
        self, method: str, target: str, headers: Headers = (), body: bytes | None = None
    ) -> Reply:
        """One well-formed request, whose path and headers are sent as they are written."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return as_reply(connection.getresponse())
        finally:
            connection.close()

    def send(self, wire: bytes) -> Reply:
        """Whatever bytes the test likes; the first answer to them."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            line.sendall(wire)
            answer = HTTPResponse(line)
            answer.begin()
            return as_reply(answer)

    def reached(self) -> list[tuple[str, Request]]:
        """Every request that came through, with the name of the service it came to."""
        return [(name, one) for name, service in self.services.items() for one in service.seen]

    def arrived(self) -> Request:
        """The one request that came through."""
        [(_, request)] = self.reached()
        return request

    def forget(self) -> None:
        for service in self.services.values():
            service.seen.clear()
            service.behaviours.clear()

    def logged(self, request_id: str) -> dict[str, Any]:
        """The line of the access log about one request, as soon as nginx has written it."""

        def line() -> dict[str, Any] | None:
            lines = map(json.loads, (self.folder / "access.log").read_text().splitlines())
            return next((one for one in lines if one["request_id"] == request_id), None)

        return until(line)


def as_reply(answer: HTTPResponse) -> Reply:
    headers: Message = answer.headers
    return Reply(answer.status, list(headers.items()), answer.read())


def until(look: Callable[[], Found | None]) -> Found:
    """What `look` finds, asked again until it finds something or patience ends."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    raise TimeoutError(f"nothing was found within {PATIENCE} s")


def configuration(port: int, folder: Path, **differing: str) -> str:
    """The template rendered for a test, with generous limits unless they differ."""
    variables = {
        "LISTEN": f"127.0.0.1:{port}",
        "PREFIX": str(folder),
        "STATIC": str(HERE / "static"),
        "API_FILES": str(HERE.parent / "api" / "http"),
        "PUBLIC_ORIGIN": f"http://127.0.0.1:{port}",
        "SCHEME_COOKIE_PREFIX": "",
        "RATE_PER_ADDRESS": "10000",
        "BURST": "10000",
    }
    variables |= dict.fromkeys(UPSTREAMS.values(), NOBODY)
    return render((HERE / "nginx.conf.template").read_text(), variables | differing)


@contextmanager
def door(
    folder: Path, *, swap: Mapping[str, str] | None = None, **differing: str
) -> Iterator[Door]:
    """A gateway that runs until the block ends.

    `differing` are variables of the template; `swap` replaces words of the rendered
    file, for times that are fixed in it and too long to be waited for.
    """
    with ExitStack() as stack:
        services = {name: stack.enter_context(stand_in(name)) for name in UPSTREAMS}
        port = free_port()
        addresses = {UPSTREAMS[name]: f"127.0.0.1:{one.port}" for name, one in services.items()}
        text = configuration(port, folder, **(addresses | differing))
        for old, new in (swap or {}).items():
            if old not in text:
                raise ValueError(f"the template does not say {old!r}")
            text = text.replace(old, new)
        stack.enter_context(running_nginx(text, folder, port))
        yield Door(port, folder, services)


@contextmanager
def running_nginx(text: str, folder: Path, port: int) -> Iterator[None]:
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        raise FileNotFoundError("nginx is not installed (Debian: nginx-light)")
    written = folder / "nginx.conf"
    written.write_text(text)
    # As root nginx would give its workers to a user who may not enter the folder.
    staying = ["-g", "user root;"] if os.geteuid() == 0 else []
    command = [program, "-e", str(folder / "error.log"), "-c", str(written), *staying]
    nginx = subprocess.Popen(command)

    def listening() -> bool | None:
        if nginx.poll() is not None:
            raise RuntimeError(f"nginx ended: {(folder / 'error.log').read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return None
        return True

    try:
        until(listening)
        yield
    finally:
        nginx.terminate()
        nginx.wait(PATIENCE)
