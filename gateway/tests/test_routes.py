"""Which paths come through, to whom, and which tricks do not."""

import pytest

from gateway.rehearsal import Door

OWNERS = {
    "/api/v1/me": "identity",
    "/api/v1/me/": "identity",
    "/api/v1/sessions": "identity",
    "/api/v1/sessions/refresh": "identity",
    "/api/v1/leads": "leads",
    "/api/v1/leads/": "leads",
    "/api/v1/leads?page=2&sort=-created_at": "leads",
    "/api/v1/leads/018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11/convert": "leads",
    "/api/v1/wecom/login": "wecom-bridge",
}

NO_DOOR = [
    "/api",
    "/api/",
    "/api/v1",
    "/api/v1/",
    "/api/v1/leadsx",
    "/api/v1/xleads",
    "/api/v1/lead",
    "/api/v1/me2",
    "/api/v1/LEADS",
    "/API/v1/leads",
    "/api/v2/leads",
    "/api/v1/leads.json",
    "/api/v1/unknown/leads",
    "/internal",
    "/internal/",
    "/internal/keys",
    "/internal/api/v1/leads",
    "/api/internal/keys",
    "/api/v1/internal/keys",
    "/health/live",
    "/metrics",
    "/gateway-problem",
    "/nginx.conf",
    "/static/landing/index.html",
]

SMUGGLING = [
    "//internal/keys",
    "/./internal/keys",
    "/%69nternal/keys",
    "/internal%2fkeys",
    "/%2finternal/keys",
    "/api/v1/../../internal/keys",
    "/api/v1/leads/../../../internal/keys",
    "/api/v1/leads/..%2f..%2f..%2finternal/keys",
    "/api/v1/leads/%2e%2e/%2e%2e/%2e%2e/internal/keys",
    "/api/v1/leads/%2E%2E%2F%2E%2E%2F%2E%2E%2Finternal/keys",
    "/api/v1/leads/.%2e/.%2e/.%2e/internal/keys",
    "/api/v1/leads/%252e%252e/%252e%252e/internal/keys",
    "/api/v1/leads/..;/..;/..;/internal/keys",
    "/api/v1/leads;/../../../internal/keys",
    "/api/v1/leads/..\\..\\..\\internal\\keys",
    "/api/v1/leads/..%5c..%5c..%5cinternal%5ckeys",
    "/api/v1/leads//../../../internal/keys",
    "/api/v1/leads/./x",
    "/api/v1/leads/x/..",
    "/api/v1/leads/..",
    "/api/v1/leads/.",
    "/api/v1/leads/.hidden",
    "/api/v1/leads//x",
    "//api/v1/leads",
    "/api//v1/leads",
    "/api/v1//leads",
    "/api/v1/x/../leads",
    "/internal/../api/v1/leads",
    "/internal/..%2fapi/v1/leads",
    "/internal%2f..%2fapi/v1/leads",
    "/internal/%2e%2e/api/v1/leads",
    "/internal/keys/../../api/v1/leads",
    "/internal;/../api/v1/leads",
    "/pc/../internal/keys",
    "/pc/../api/v1/leads",
    "/pc/..%2fapi/v1/leads",
    "/api/v1/%6ceads",
    "/api%2fv1%2fleads",
    "/api/v1/leads%2fx",
    "/api/v1/leads%2Fx",
    "/api/v1/leads%2e",
    "/api/v1/leads%20",
    "/api/v1/leads%0a",
    "/api/v1/leads/x%0a",
    "/api/v1/leads/x%0d%0aX-Tenant:%20other",
    "/api/v1/leads/%E4%B8%AD",
    "/api/v1/leads/%c0%ae%c0%ae/internal",
    "/api/v1/leads/%ef%bc%8finternal",
    "/api/v1/leads/x%3fy=1",
    "/api/v1/leads/x%23y",
    "/api/v1/leads/x#/internal/keys",
    "/api/v1/leads#@internal",
    "/api/v1/leads:80/internal",
    "/api/v1/leads@internal/keys",
    "/api/v1/leads*",
    "/api/v1/leads/*",
    "/api/v1/leads/$uri",
    "/api/v1/leads/(x)",
    '/api/v1/leads/"x"',
    "/api/v1/leads/<x>",
    "/api/v1/leads/x|y",
    "/api/v1/leads/^",
    "/api/v1/leads/`x`",
    "/api/v1/leads/{id}",
]

# Lines that no decent client sends; each must be refused before any service hears of it.
UNREADABLE = {
    "a null byte": b"GET /api/v1/leads/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a raw null byte": b"GET /api/v1/leads\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a broken escape": b"GET /api/v1/leads/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    "above the root": b"GET /../internal/keys HTTP/1.1\r\nHost: x\r\n\r\n",
    "above the root, escaped": b"GET /%2e%2e/internal/keys HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the path": b"GET /api/v1/leads x HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tab in the path": b"GET /api/v1/leads\tx HTTP/1.1\r\nHost: x\r\n\r\n",
    "no leading slash": b"GET internal/keys HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /api/v1/leads HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /api/v1/leads HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "a method in small letters": b"get /api/v1/leads HTTP/1.1\r\nHost: x\r\n\r\n",
    "a length and chunks": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /internal/keys HTTP/1.1\r\nHost: x\r\n\r\n"
    ),
    "chunks and a length": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Length: 4\r\n\r\n0\r\n\r\n"
    ),
    "two lengths": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        b"Content-Length: 5\r\n\r\nabcde"
    ),
    "a length that is a list": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\nabcd"
    ),
    "a negative length": b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a length with a sign": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd"
    ),
    "a hexadecimal length": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\nabcd"
    ),
    "two transfer encodings": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"
    ),
    "an unknown transfer encoding": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"
    ),
    "chunks in HTTP/1.0": (
        b"POST /api/v1/leads HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a broken chunk": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"
    ),
    "a space before the colon": (
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n"
        b"Content-Length: 4\r\n\r\nabcd"
    ),
    "a future version": b"GET /api/v1/leads HTTP/3.0\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize(("path", "owner"), OWNERS.items())
def test_a_path_reaches_its_owner_as_it_was_written(gate: Door, path: str, owner: str) -> None:
    reply = gate.ask("GET", path)

    assert reply.json() == {"service": owner}
    assert gate.arrived().target == path


@pytest.mark.parametrize("path", NO_DOOR)
def test_what_is_not_in_the_route_table_has_no_door(gate: Door, path: str) -> None:
    reply = gate.ask("GET", path)

    assert (reply.status, reply.json()["code"]) == (404, "not-found")
    assert gate.reached() == []


@pytest.mark.parametrize("path", SMUGGLING)
def test_a_path_that_reads_in_two_ways_has_no_door(gate: Door, path: str) -> None:
    reply = gate.ask("GET", path)

    assert (reply.status, reply.json()["code"]) == (404, "not-found")
    assert gate.reached() == []


@pytest.mark.parametrize("wire", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_refused_before_any_service(gate: Door, wire: bytes) -> None:
    reply = gate.send(wire)

    assert reply.status in {400, 501, 505}
    assert reply.header("Content-Type") == "application/problem+json"
    assert gate.reached() == []


def test_an_address_with_a_host_in_it_reaches_only_its_path(gate: Door) -> None:
    reply = gate.send(b"GET http://leads/internal/keys HTTP/1.1\r\nHost: x\r\n\r\n")

    assert reply.status == 404
    assert gate.reached() == []


def test_a_second_request_hidden_in_a_body_stays_a_body(gate: Door) -> None:
    hidden = b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n"
    gate.ask("POST", "/api/v1/leads", body=hidden)

    assert gate.arrived().body == hidden


def test_chunks_arrive_as_one_body_with_a_length(gate: Door) -> None:
    gate.send(
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )

    assert gate.arrived().body == b"abcde"
    assert gate.arrived().header("Transfer-Encoding") is None


def test_a_connection_is_never_upgraded(gate: Door) -> None:
    upgrade = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AA"),
    ]
    reply = gate.ask("GET", "/api/v1/leads", upgrade)

    assert reply.status == 200
    assert {"Upgrade", "HTTP2-Settings"}.isdisjoint(dict(gate.arrived().headers))
