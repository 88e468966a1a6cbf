"""What a service is told about a request, and what from outside never reaches it."""

import pytest

from gateway.rehearsal import Door

CLAIMS = [
    "Forwarded",
    "Via",
    "X-Forwarded",
    "X-Forwarded-By",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Host",
    "X-Forwarded-Path",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Forwarded-User",
    "X-Real-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Client-IP",
    "X-Originating-IP",
    "X-Remote-Addr",
    "X-Remote-User",
    "Remote-User",
    "Remote-Addr",
    "X-Tenant",
    "X-Tenant-Id",
    "X-Xiaoke-Tenant",
    "X-Person",
    "X-Person-Id",
    "X-User",
    "X-User-Id",
    "X-Userid",
    "X-Roles",
    "X-Permissions",
    "X-Scope",
    "X-Auth-Request-User",
    "X-Authenticated-User",
    "X-Service",
    "X-Service-Token",
    "X-Internal",
    "X-Internal-Token",
    "X-Actor",
    "X-On-Behalf-Of",
    "X-Consumer-Id",
    "X-Credential-Identifier",
    "X-Client-Cert",
    "X-SSL-Client-Verify",
    "SSL-Client-Cert",
    "Proxy",
    "Proxy-Authorization",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Original-Method",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-Host",
    "X-Accel-Redirect",
    "X-Accel-Internal",
    "Script-Name",
    "X-Script-Name",
    "Path-Info",
    "X_Tenant",
    "X-Whatever-Comes-Next",
]
FORGED = [(name, "forged") for name in CLAIMS]

PASSED = {
    "Accept": "application/json",
    "Accept-Language": "en",
    "Content-Type": "application/json",
    "Content-Encoding": "br",
    "Idempotency-Key": "k-1",
    "If-Match": '"7"',
    "If-None-Match": '"7"',
    "Range": "bytes=0-9",
    "If-Range": '"7"',
    "User-Agent": "Mozilla/5.0 wxwork/4.1",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


@pytest.mark.parametrize("path", ["/api/v1/leads", "/api/v1/sessions", "/api/v1/wecom/login"])
def test_no_claim_from_outside_comes_through(gate: Door, path: str) -> None:
    gate.ask("GET", path, FORGED)

    assert "forged" not in dict(gate.arrived().headers).values()


@pytest.mark.parametrize(("name", "value"), PASSED.items())
def test_what_services_need_comes_through_unchanged(gate: Door, name: str, value: str) -> None:
    gate.ask("GET", "/api/v1/leads", [(name, value)])

    assert gate.arrived().header(name) == value


def test_a_service_learns_nothing_but_what_is_decided(gate: Door) -> None:
    everything = [*FORGED, *PASSED.items(), ("Authorization", "Bearer t")]

    gate.ask("POST", "/api/v1/leads", everything, b"{}")

    ours = {"Host", "X-Request-Id", "X-Forwarded-For", "X-Forwarded-Proto", "Content-Length"}
    assert set(dict(gate.arrived().headers)) == {*PASSED, *ours, "Authorization"}


def test_the_address_of_the_caller_is_the_one_that_was_seen(gate: Door) -> None:
    gate.ask(
        "GET", "/api/v1/leads", [("X-Forwarded-For", "8.8.8.8"), ("X-Forwarded-Proto", "https")]
    )

    assert gate.arrived().header("X-Forwarded-For") == "127.0.0.1"
    assert gate.arrived().header("X-Forwarded-Proto") == "http"


def test_the_host_is_ours_whatever_the_caller_says(gate: Door) -> None:
    gate.send(b"GET /api/v1/leads HTTP/1.1\r\nHost: evil.example\r\n\r\n")

    assert gate.arrived().header("Host") == f"127.0.0.1:{gate.port}"


@pytest.mark.parametrize("sane", ["abcdefgh", "A-Za-z0-9-" * 6, "x" * 64])
def test_a_sane_request_id_is_kept(gate: Door, sane: str) -> None:
    reply = gate.ask("GET", "/api/v1/leads", [("X-Request-Id", sane)])

    assert reply.all("X-Request-Id") == [gate.arrived().header("X-Request-Id")] == [sane]


@pytest.mark.parametrize(
    "odd", ["", "short", "x" * 65, "with space", "a;b;c;d;e", 'x"y"z"x"y', "编号编号编号"]
)
def test_any_other_request_id_is_replaced(gate: Door, odd: str) -> None:
    wire = f"GET /api/v1/leads HTTP/1.1\r\nHost: x\r\nX-Request-Id: {odd}\r\n\r\n"
    reply = gate.send(wire.encode())

    [named] = reply.all("X-Request-Id")
    assert len(named) == 32
    assert gate.arrived().header("X-Request-Id") == named


@pytest.mark.parametrize("odd", ["00-xyz", "x" * 2000, "00-0af7651916cd43dd8448eb211c80319c-b7"])
def test_a_trace_that_is_none_is_left_out(gate: Door, odd: str) -> None:
    gate.ask("GET", "/api/v1/leads", [("traceparent", odd)])

    assert gate.arrived().header("traceparent") is None


def test_the_weak_mark_that_compression_adds_is_taken_off_again(gate: Door) -> None:
    gate.ask("PATCH", "/api/v1/leads/x", [("If-Match", 'W/"7"')], b"{}")

    assert gate.arrived().header("If-Match") == '"7"'
