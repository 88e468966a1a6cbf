"""What is written down about a request, and what never is."""

import json
from pathlib import Path

from gateway.rehearsal import NOBODY, Door, door

SECRET = "s3cr3t-c0de"


def test_a_line_tells_who_answered_what_and_how_long_it_took(gate: Door) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    named = [("X-Request-Id", "line-of-a-lead"), ("traceparent", trace)]

    reply = gate.ask("POST", "/api/v1/leads", named, b"{}")

    line = gate.logged("line-of-a-lead")
    assert line["service"] == "leads"
    assert (line["method"], line["path"], line["status"]) == ("POST", "/api/v1/leads", 200)
    assert line["trace_id"] == trace.split("-")[1]
    assert line["upstream_status"] == "200"
    assert float(line["upstream_seconds"]) <= line["seconds"] + 0.01
    assert line["bytes_out"] > len(reply.body)
    assert line["address"] == "127.0.0.1"


def test_a_refused_request_has_its_line_too(gate: Door) -> None:
    gate.ask("GET", "/internal/keys", [("X-Request-Id", "line-of-a-refusal")])

    line = gate.logged("line-of-a-refusal")
    assert (line["service"], line["path"], line["status"]) == ("", "/internal/keys", 404)


def test_a_path_is_written_as_it_was_asked_for(gate: Door) -> None:
    gate.ask("GET", "/api/v1/leads/%0a%22x", [("X-Request-Id", "line-of-a-trick")])

    assert gate.logged("line-of-a-trick")["path"] == "/api/v1/leads/%0a%22x"


def test_no_secret_is_written_anywhere(tmp_path: Path) -> None:
    told = [
        ("Authorization", f"Bearer {SECRET}"),
        ("Cookie", f"xk_access={SECRET}; xk_refresh={SECRET}"),
        ("Referer", f"http://x/{SECRET}"),
        ("User-Agent", SECRET),
        ("Idempotency-Key", SECRET),
    ]
    with door(tmp_path, UPSTREAM_LEADS=NOBODY) as opened:
        targets = [f"/api/v1/wecom/login?code={SECRET}", f"/api/v1/leads?q={SECRET}"]
        targets += [f"/api/v1/none?code={SECRET}", f"/api/v1/wecom//login?code={SECRET}"]
        for number, target in enumerate(targets):
            opened.ask("GET", target, [*told, ("X-Request-Id", f"request-{number}")])
            opened.logged(f"request-{number}")
        opened.send(f"GET /%zz?code={SECRET} HTTP/1.1\r\nHost: {SECRET}\r\n\r\n".encode())

    written = (tmp_path / "access.log").read_text() + (tmp_path / "error.log").read_text()
    assert SECRET not in written


def test_every_line_is_json_whatever_was_sent(gate: Door) -> None:
    for wire in (
        b'GET /\xff\xfe"\\ HTTP/1.1\r\nHost: x\r\n\r\n',
        b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01 nonsense\r\n\r\n",
        b'G"ET / HTTP/1.1\r\nHost: x\r\n\r\n',
    ):
        gate.send(wire)
    gate.ask("GET", "/internal/", [("X-Request-Id", "after-the-nonsense")])
    gate.logged("after-the-nonsense")

    for line in (gate.folder / "access.log").read_text(encoding="utf-8").splitlines():
        json.loads(line)
