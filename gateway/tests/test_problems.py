"""What the gateway says when it refuses by itself."""

import pytest

from gateway.rehearsal import Door
from gateway.standins import Reply

REFUSALS = {
    "malformed": (400, b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
    "origin-refused": (403, b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n"),
    "not-found": (404, b"GET /api/v1/unknown HTTP/1.1\r\nHost: x\r\n\r\n"),
    "method-not-allowed": (405, b"DELETE /pc/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    "body-too-large": (
        413,
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n",
    ),
    "headers-too-large": (
        431,
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n",
    ),
    "gateway-error": (
        501,
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    ),
}

# Refused before a header was read, so no language is known but the first.
UNREAD = {
    "malformed": (400, b"GET /%zz HTTP/1.1\r\n\r\n"),
    "address-too-long": (414, b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n"),
    "gateway-error": (505, b"GET / HTTP/9.0\r\n\r\n"),
}
MEMBERS = {"type", "title", "status", "code", "detail", "errors", "request_id"}


def check(reply: Reply, *, code: str, status: int, chinese: bool) -> None:
    problem = reply.json()
    assert reply.status == problem["status"] == status
    assert reply.header("Content-Type") == "application/problem+json"
    assert reply.header("Cache-Control") == "no-store"
    assert (problem["code"], set(problem), problem["errors"]) == (code, MEMBERS, [])
    assert problem["request_id"] == reply.header("X-Request-Id")
    assert problem["title"].isascii() == problem["detail"].isascii() == (not chinese)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_a_problem_in_two_languages(gate: Door, code: str) -> None:
    status, wire = REFUSALS[code]

    chinese = gate.send(wire)
    english = gate.send(wire.replace(b"Host: x", b"Accept-Language: en\r\nHost: x"))

    check(chinese, code=code, status=status, chinese=True)
    check(english, code=code, status=status, chinese=False)
    assert gate.reached() == []


@pytest.mark.parametrize("code", UNREAD)
def test_what_is_refused_unread_is_a_problem_too(gate: Door, code: str) -> None:
    status, wire = UNREAD[code]

    check(gate.send(wire), code=code, status=status, chinese=True)


def test_a_range_of_a_file_is_answered_with_the_whole(gate: Door) -> None:
    assert gate.ask("GET", "/pc/", [("Range", "bytes=99999-")]).status == 200


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("fr, en;q=0.5", "en"),
        ("fr, zh;q=0.9, en;q=0.5", "zh"),
        ("fr", "zh"),
        ("*", "zh"),
        ("", "zh"),
    ],
)
def test_the_language_is_the_one_asked_for_first(gate: Door, accepted: str, language: str) -> None:
    problem = gate.ask("GET", "/internal/", [("Accept-Language", accepted)]).json()

    assert problem["title"] == {"zh": "没有找到", "en": "Not found"}[language]


def test_what_is_only_read_names_the_methods_it_takes(gate: Door) -> None:
    assert gate.ask("DELETE", "/pc/").all("Allow") == ["GET, HEAD"]
    assert gate.ask("POST", "/").all("Allow") == ["GET, HEAD"]


def test_a_body_of_one_megabyte_goes_through(gate: Door) -> None:
    body = b"x" * 1048576

    gate.ask("POST", "/api/v1/leads", [], body)

    assert gate.arrived().body == body


def test_a_longer_body_in_chunks_is_refused_as_well(gate: Door) -> None:
    chunk = b"80000\r\n" + b"x" * 0x80000 + b"\r\n"

    reply = gate.send(
        b"POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunk * 2
        + b"1\r\nx\r\n0\r\n\r\n"
    )

    assert (reply.status, reply.json()["code"]) == (413, "body-too-large")
    assert gate.reached() == []


def test_a_problem_answers_head_without_a_body(gate: Door) -> None:
    reply = gate.ask("HEAD", "/internal/")

    assert (reply.status, reply.body) == (404, b"")


def test_a_browsers_cookies_of_ordinary_size_fit(gate: Door) -> None:
    cookie = "xk_access=" + "t" * 1500 + "; xk_refresh=" + "r" * 500 + "; other=" + "o" * 4000

    assert gate.ask("GET", "/api/v1/leads", [("Cookie", cookie)]).status == 200
