"""What every answer carries, and that a service's own words pass unchanged."""

import gzip
from pathlib import Path

import pytest

from gateway.rehearsal import Door, door
from gateway.standins import Headers, Reply, StandIn

ANSWERS = [
    ("GET", "/", 302),
    ("GET", "/pc", 301),
    ("GET", "/pc/", 200),
    ("GET", "/m/landing.css", 200),
    ("GET", "/m/nothing", 404),
    ("GET", "/api/docs/", 200),
    ("GET", "/api/docs/http/leads.yaml", 200),
    ("GET", "/api/v1/leads", 200),
    ("GET", "/internal/keys", 404),
    ("POST", "/pc/", 405),
    ("TRACE", "/api/v1/leads", 405),
    ("GET", "/" + "x" * 9000, 414),
]


def says(leads: StandIn, status: int, headers: Headers = (), body: bytes = b"{}") -> None:
    leads.behaviours["/api/v1/leads"] = lambda _: Reply(status, headers, body)


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_security_headers(
    gate: Door, method: str, path: str, status: int
) -> None:
    reply = gate.ask(method, path)

    assert reply.status == status
    assert reply.all("X-Content-Type-Options") == ["nosniff"]
    assert reply.all("Referrer-Policy") == ["same-origin"]
    assert reply.all("Cross-Origin-Opener-Policy") == ["same-origin"]
    assert "microphone=()" in str(reply.header("Permissions-Policy"))
    assert reply.all("Server") == ["nginx"]
    assert reply.header("Strict-Transport-Security") is None
    assert len(reply.all("X-Request-Id")) == 1


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_no_page_runs_inline_script_or_stands_in_a_frame(
    gate: Door, method: str, path: str, status: int
) -> None:
    [policy] = gate.ask(method, path).all("Content-Security-Policy")

    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules["frame-ancestors"] == "'none'"
    assert rules.get("script-src", rules["default-src"]) in {"'self'", "'none'"}


def test_a_browser_that_came_by_https_is_told_to_stay_there(tmp_path: Path) -> None:
    with door(tmp_path, PUBLIC_ORIGIN="https://crm.example") as secure:
        assert secure.ask("GET", "/pc/").header("Strict-Transport-Security") == "max-age=31536000"
        assert secure.ask("GET", "/internal/").header("Strict-Transport-Security") is not None
        secure.ask("GET", "/api/v1/leads")
        assert secure.arrived().header("X-Forwarded-Proto") == "https"
        assert secure.arrived().header("Host") == "crm.example"


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 409, 412, 413, 422, 428, 429, 500, 502, 503, 504]
)
def test_the_error_of_a_service_passes_unchanged(gate: Door, leads: StandIn, status: int) -> None:
    body = b'{"code":"said-by-leads"}'
    said = [("Content-Type", "application/problem+json"), ("Retry-After", "9"), ("Allow", "GET")]
    says(leads, status, said, body)

    reply = gate.ask("GET", "/api/v1/leads")

    assert (reply.status, reply.body) == (status, body)
    assert (reply.all("Retry-After"), reply.all("Allow")) == (["9"], ["GET"])


def test_headers_that_a_service_repeats_stand_there_once(gate: Door, leads: StandIn) -> None:
    says(leads, 200, [("X-Content-Type-Options", "nosniff"), ("X-Request-Id", "its-own-id")])

    reply = gate.ask("GET", "/api/v1/leads", [("X-Request-Id", "the-callers-id")])

    assert reply.all("X-Content-Type-Options") == ["nosniff"]
    assert reply.all("X-Request-Id") == ["the-callers-id"]


def test_a_service_may_state_its_own_content_policy(gate: Door, leads: StandIn) -> None:
    says(leads, 200, [("Content-Security-Policy", "frame-ancestors *")])

    assert gate.ask("GET", "/api/v1/leads").all("Content-Security-Policy") == ["frame-ancestors *"]


def test_an_answer_cannot_make_the_gateway_fetch_another(gate: Door, leads: StandIn) -> None:
    says(leads, 200, [("X-Accel-Redirect", "/api/docs/")], b"mine")

    assert gate.ask("GET", "/api/v1/leads").body == b"mine"


def test_answers_of_services_are_kept_nowhere(gate: Door) -> None:
    assert gate.ask("GET", "/api/v1/leads").all("Cache-Control") == ["no-store"]


def test_unless_the_service_says_otherwise(gate: Door, leads: StandIn) -> None:
    says(leads, 200, [("Cache-Control", "private, no-cache")])

    assert gate.ask("GET", "/api/v1/leads").all("Cache-Control") == ["private, no-cache"]


def test_polling_with_a_tag_works(gate: Door, leads: StandIn) -> None:
    leads.behaviours["/api/v1/leads"] = lambda request: (
        Reply(304, [("ETag", '"7"')])
        if request.header("If-None-Match") == '"7"'
        else Reply(200, [("ETag", '"7"')], b"{}")
    )

    first = gate.ask("GET", "/api/v1/leads")
    again = gate.ask("GET", "/api/v1/leads", [("If-None-Match", str(first.header("ETag")))])

    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert again.header("ETag") == '"7"'


def test_a_long_answer_is_compressed_for_those_who_read_that(gate: Door, leads: StandIn) -> None:
    long = b'{"items":[' + b'"name",' * 500 + b'"end"]}'
    says(leads, 200, [("Content-Type", "application/json"), ("ETag", '"7"')], long)

    small = gate.ask("GET", "/api/v1/leads", [("Accept-Encoding", "gzip")])
    plain = gate.ask("GET", "/api/v1/leads")

    assert gzip.decompress(small.body) == plain.body == long
    assert (small.header("ETag"), plain.header("ETag")) == ('W/"7"', '"7"')
    assert small.header("Vary") == "Accept-Encoding"


def test_cookies_that_a_service_sets_reach_the_browser(gate: Door, leads: StandIn) -> None:
    says(leads, 200, [("Set-Cookie", "a=1; HttpOnly"), ("Set-Cookie", "b=2; HttpOnly")])

    assert gate.ask("GET", "/api/v1/leads").all("Set-Cookie") == ["a=1; HttpOnly", "b=2; HttpOnly"]


def test_a_redirect_of_a_service_is_not_rewritten(gate: Door, leads: StandIn) -> None:
    says(leads, 302, [("Location", "http://scan.example/x?state=1")], b"")

    assert gate.ask("GET", "/api/v1/leads").header("Location") == "http://scan.example/x?state=1"
