"""Who is asking: the token from header or cookie, and changes only from our own pages."""

from pathlib import Path

import pytest

from gateway.rehearsal import Door, door
from gateway.standins import Headers

COOKIE = ("Cookie", "client=pc; xk_access=a.b-c_d; xk_refresh=r")
CHANGES = ["POST", "PATCH", "DELETE", "PUT", "PURGE"]


def test_an_authorization_header_is_passed_on(gate: Door) -> None:
    gate.ask("GET", "/api/v1/leads", [("Authorization", "Bearer mine"), COOKIE])

    assert gate.arrived().header("Authorization") == "Bearer mine"


def test_without_one_it_is_built_from_the_cookie(gate: Door) -> None:
    gate.ask("GET", "/api/v1/leads", [COOKIE])

    assert gate.arrived().header("Authorization") == "Bearer a.b-c_d"


def test_an_empty_one_counts_as_none(gate: Door) -> None:
    gate.ask("GET", "/api/v1/leads", [("Authorization", ""), COOKIE])

    assert gate.arrived().header("Authorization") == "Bearer a.b-c_d"


@pytest.mark.parametrize(
    "cookie",
    [
        "xk_refresh=r",
        "not_xk_access=t",
        "__Host-xk_access=t",
        "XK_ACCESS=t",
        "xk_access=",
        "xk_access=a b",
        'xk_access="t"',
        "xk_access=t, Basic x",
        "other=xk_access=t",
    ],
)
def test_no_other_cookie_makes_a_token(gate: Door, cookie: str) -> None:
    gate.ask("GET", "/api/v1/leads", [("Cookie", cookie)])

    assert gate.arrived().header("Authorization") is None


def test_on_https_only_the_cookie_with_the_host_prefix_makes_a_token(tmp_path: Path) -> None:
    both = [("Cookie", "xk_access=planted; __Host-xk_access=real")]

    with door(
        tmp_path, PUBLIC_ORIGIN="https://crm.example", SCHEME_COOKIE_PREFIX="__Host-"
    ) as secure:
        secure.ask("GET", "/api/v1/leads", both)

        assert secure.arrived().header("Authorization") == "Bearer real"


@pytest.mark.parametrize(
    "path", ["/api/v1/sessions", "/api/v1/sessions/refresh", "/api/v1/wecom/login"]
)
def test_cookies_reach_those_who_keep_sessions(gate: Door, path: str) -> None:
    gate.ask("GET", path, [COOKIE])

    assert gate.arrived().header("Cookie") == COOKIE[1]


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/leads", "/api/v1/leads/sessions"])
def test_cookies_reach_nobody_else(gate: Door, path: str) -> None:
    gate.ask("GET", path, [COOKIE])

    assert gate.arrived().header("Cookie") is None


@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize(
    "brought",
    [
        [],
        [("Origin", "null")],
        [("Origin", "https://evil.example")],
        [("Origin", "http://127.0.0.1")],
        [("Origin", "https://evil.example"), ("Referer", "{ours}/pc/")],
        [("Referer", "https://evil.example/{ours}/")],
        [("Referer", "{ours}.evil.example/")],
        [("Referer", "{ours}@evil.example/")],
        [("Referer", "/pc/")],
    ],
    ids=str,
)
def test_a_change_by_cookie_from_elsewhere_is_refused(
    gate: Door, method: str, brought: Headers
) -> None:
    ours = f"http://127.0.0.1:{gate.port}"
    headers = [(name, value.format(ours=ours)) for name, value in brought]

    reply = gate.ask(method, "/api/v1/leads/x", [*headers, COOKIE])

    assert (reply.status, reply.json()["code"]) == (403, "origin-refused")
    assert gate.reached() == []


def test_a_refresh_token_alone_is_guarded_as_well(gate: Door) -> None:
    reply = gate.ask("POST", "/api/v1/sessions/refresh", [("Cookie", "xk_refresh=r")])

    assert reply.json()["code"] == "origin-refused"


@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_a_change_by_cookie_from_our_own_page_goes_through(
    gate: Door, method: str, header: str
) -> None:
    page = f"http://127.0.0.1:{gate.port}" + ("/pc/leads" if header == "Referer" else "")

    reply = gate.ask(method, "/api/v1/leads/x", [COOKIE, (header, page)], b"{}")

    assert reply.status == 200
    assert gate.arrived().header("Authorization") == "Bearer a.b-c_d"


def test_an_origin_is_compared_letter_by_letter(tmp_path: Path) -> None:
    with door(tmp_path, PUBLIC_ORIGIN="https://crm.example.cn") as secure:
        reply = secure.ask(
            "POST", "/api/v1/sessions/refresh", [COOKIE, ("Origin", "https://crmxexample.cn")]
        )

        assert reply.json()["code"] == "origin-refused"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_by_cookie_needs_no_origin(gate: Door, method: str) -> None:
    assert gate.ask(method, "/api/v1/leads", [COOKIE]).status == 200


def test_a_change_with_a_header_of_its_own_needs_no_origin(gate: Door) -> None:
    bearer = [("Authorization", "Bearer mine"), ("Origin", "https://elsewhere.example")]

    assert gate.ask("POST", "/api/v1/leads", bearer, b"{}").status == 200


def test_a_caller_without_cookies_needs_no_origin(gate: Door) -> None:
    assert gate.ask("POST", "/api/v1/wecom/callback", [], b"<xml/>").status == 200
