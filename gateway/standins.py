"""Stand-ins for services: they answer with their names and keep what they were sent."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

PORTS = range(20800, 20900)

Headers = Sequence[tuple[str, str]]
Bound = TypeVar("Bound")


@dataclass(frozen=True)
class Request:
    """A request as it arrived at a stand-in."""

    method: str
    target: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if found else None


@dataclass(frozen=True)
class Reply:
    """An answer, as a stand-in gives it or as a caller of the gateway gets it."""

    status: int = 200
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        found = self.all(name)
        return found[0] if found else None

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def json(self) -> Any:
        return json.loads(self.body)


Behaviour = Callable[[Request], Reply | None]


@dataclass
class StandIn:
    """A service that answers with its own name, unless a path was told otherwise."""

    name: str
    port: int
    connections: int = 0
    seen: list[Request] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)

    def answer(self, request: Request) -> Reply | None:
        self.seen.append(request)
        behaviour = self.behaviours.get(request.target.partition("?")[0])
        if behaviour is not None:
            return behaviour(request)
        body = json.dumps({"service": self.name}).encode()
        return Reply(200, [("Content-Type", "application/json")], body)


class Handler(BaseHTTPRequestHandler):
    """Reads one request, hands it to the stand-in and writes what it says."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet: in two, each answer waits 40 ms for an acknowledgement.
    wbufsize = -1
    stand_in: StandIn

    def setup(self) -> None:
        self.stand_in.connections += 1
        super().setup()

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers.items(), body)
        reply = self.stand_in.answer(request)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Stand-ins keep what they saw instead of printing it."""


def ports_of_this_run() -> range:
    """Ports that no other worker of the same test run tries."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = len(PORTS) // 4
    return PORTS[worker % 4 * share :][:share]


@contextmanager
def stand_in(name: str) -> Iterator[StandIn]:
    """A service under this name that listens until the block ends."""

    class HandlerOfOne(Handler):
        """Each stand-in needs a class of its own, since the server makes the instances."""

    server = first_that_binds(lambda port: ThreadingHTTPServer(("127.0.0.1", port), HandlerOfOne))
    server.daemon_threads = True
    service = StandIn(name, server.server_address[1])
    HandlerOfOne.stand_in = service
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def first_that_binds(bind: Callable[[int], Bound]) -> Bound:
    for port in ports_of_this_run():
        try:
            return bind(port)
        except OSError:
            continue
    raise OSError("every port kept for the gateway's tests is taken")


def free_port() -> int:
    with first_that_binds(lambda port: socket.create_server(("127.0.0.1", port))) as probe:
        return int(probe.getsockname()[1])
