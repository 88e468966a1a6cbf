"""What one address may ask for at once, and that the next one hears when to return."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gateway.rehearsal import Door, door, until
from gateway.standins import Reply

HALF_A_REQUEST = b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
OPEN_AT_ONCE = 256


def test_too_many_requests_are_refused_with_a_time_to_return(tmp_path: Path) -> None:
    with door(tmp_path, RATE_PER_ADDRESS="1", BURST="3") as narrow:
        replies = [narrow.ask("GET", "/api/v1/leads") for _ in range(8)]

        assert {reply.status for reply in replies[:4]} == {200}
        refused = replies[-1]
        assert (refused.status, refused.json()["code"]) == (429, "too-many-requests")
        assert refused.all("Retry-After") == ["1"]
        assert len(narrow.reached()) == sum(reply.status == 200 for reply in replies)


def test_another_name_for_the_caller_is_no_way_around(tmp_path: Path) -> None:
    with door(tmp_path, RATE_PER_ADDRESS="1", BURST="1") as narrow:
        replies = [
            narrow.ask("GET", "/api/v1/leads", [("X-Forwarded-For", f"10.0.0.{one}")])
            for one in range(4)
        ]

        assert replies[-1].status == 429


def test_too_many_open_requests_are_refused_until_one_ends(gate: Door) -> None:
    # More than fit: the first questions may arrive before them and take the places of several.
    with half_open_requests(gate, OPEN_AT_ONCE + 64):
        refused = until(lambda: one_more(gate, wanted=429))
        assert refused.json()["code"] == "too-many-requests"
        assert refused.all("Retry-After") == ["1"]

    assert until(lambda: one_more(gate, wanted=200))


def one_more(gate: Door, *, wanted: int) -> Reply | None:
    reply = gate.ask("GET", "/api/v1/leads")
    return reply if reply.status == wanted else None


@contextmanager
def half_open_requests(gate: Door, count: int) -> Iterator[None]:
    """Requests that have begun and do not end, without any service hearing of them."""
    with ExitStack() as lines:
        for _ in range(count):
            line = socket.create_connection(("127.0.0.1", gate.port))
            lines.enter_context(line)
            line.sendall(HALF_A_REQUEST)
        yield
