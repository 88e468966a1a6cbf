"""Services that are away, slow, or die over a request."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from gateway.rehearsal import NOBODY, Door, door
from gateway.standins import Reply, Request, StandIn

# Times of the template that are too long to be waited for.
IMPATIENT = {"proxy_read_timeout 30s": "proxy_read_timeout 200ms"}


def dying(times: int) -> Callable[[Request], Reply | None]:
    """A service that hangs up over its first requests, then answers."""
    left = [times]

    def behaviour(_: Request) -> Reply | None:
        left[0] -= 1
        return None if left[0] >= 0 else Reply(200, [], b"alive")

    return behaviour


def test_a_service_that_is_away_is_a_problem_with_a_time_to_return(tmp_path: Path) -> None:
    with door(tmp_path, UPSTREAM_LEADS=NOBODY) as half:
        reply = half.ask("POST", "/api/v1/leads", [], b"{}")

        assert (reply.status, reply.json()["code"]) == (502, "service-unreachable")
        assert reply.all("Retry-After") == ["3"]
        assert half.ask("GET", "/api/v1/me").status == 200


def test_a_service_that_comes_back_is_used_at_once(tmp_path: Path) -> None:
    with door(tmp_path) as opened:
        leads = opened.services["leads"]
        leads.behaviours["/api/v1/leads"] = dying(times=10)

        down = [opened.ask("GET", "/api/v1/leads").status for _ in range(5)]
        up = opened.ask("GET", "/api/v1/leads")

        assert (down, up.body) == ([502] * 5, b"alive")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_request_that_may_be_repeated_gets_a_second_try(
    gate: Door, leads: StandIn, method: str
) -> None:
    leads.behaviours["/api/v1/leads/x"] = dying(times=1)

    assert gate.ask(method, "/api/v1/leads/x").body == b"alive"
    assert len(leads.seen) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_any_other_is_sent_once(gate: Door, leads: StandIn, method: str) -> None:
    leads.behaviours["/api/v1/leads/x"] = dying(times=1)

    reply = gate.ask(method, "/api/v1/leads/x", [("Idempotency-Key", "k")], b"{}")

    assert (reply.status, reply.json()["code"]) == (502, "service-unreachable")
    assert len(leads.seen) == 1


def test_there_is_no_third_try(gate: Door, leads: StandIn) -> None:
    leads.behaviours["/api/v1/leads"] = dying(times=9)

    assert gate.ask("GET", "/api/v1/leads").status == 502
    assert len(leads.seen) == 2


def test_an_answer_of_503_is_an_answer_and_not_repeated(gate: Door, leads: StandIn) -> None:
    leads.behaviours["/api/v1/leads"] = lambda _: Reply(503, [("Retry-After", "2")], b"draining")

    reply = gate.ask("GET", "/api/v1/leads")

    assert (reply.body, reply.all("Retry-After"), len(leads.seen)) == (b"draining", ["2"], 1)


def test_a_service_that_does_not_answer_in_time_is_a_problem(tmp_path: Path) -> None:
    ended = Event()
    with door(tmp_path, swap=IMPATIENT) as opened:
        opened.services["leads"].behaviours["/api/v1/leads"] = lambda _: ended.wait(10) and None

        try:
            reply = opened.ask("POST", "/api/v1/leads", [], b"{}")
        finally:
            ended.set()

        assert (reply.status, reply.json()["code"]) == (504, "service-timeout")
        assert reply.all("Retry-After") == ["3"]
        assert len(opened.reached()) == 1


def test_an_answer_that_is_not_http_is_a_problem(gate: Door, leads: StandIn) -> None:
    leads.behaviours["/api/v1/leads"] = lambda _: Reply(200, [("Broken Header\x00", "x")])

    reply = gate.ask("POST", "/api/v1/leads", [], b"{}")

    assert (reply.status, reply.json()["code"]) == (502, "service-unreachable")


def test_connections_to_services_are_kept(tmp_path: Path) -> None:
    with door(tmp_path, swap={"worker_processes 2": "worker_processes 1"}) as opened:
        for _ in range(20):
            opened.ask("GET", "/api/v1/leads")

        assert opened.services["leads"].connections <= 2
