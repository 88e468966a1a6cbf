"""A gateway and a scan page as small as the scripts can be run against."""

import json
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from openpyxl import Workbook

TOOLS = Path(__file__).parents[1]
# The scripts find each other because they are run from one folder.
sys.path.insert(0, str(TOOLS))

# Not a port that the system picks: it could be one that a stack is about to take.
PORTS = range(20900, 21000)

Answer = tuple[int, dict[str, str], dict[str, Any]]


class FakeGateway:
    """Knows one person, takes a lead once per key, and answers first what it was told to."""

    def __init__(self) -> None:
        self.servers: list[Server] = []
        self.people = {("wwchenxi", "wangfang")}
        self.expires_in = 300
        self.logins = 0
        self.tokens: set[str] = set()
        self.codes: dict[str, str] = {}
        self.leads: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        self.first: list[Answer] = []
        self.url = self._serve()
        self.scan_page = self._serve()

    def answers_first(self, status: int, *, times: int = 1, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.first += [(status, named, {"detail": "稍后再试"})] * times

    def close(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def take_lead(self, key: str, lead: dict[str, Any]) -> Answer:
        if any(character.isalpha() for character in lead.get("mobile", "")):
            fault = {"field": "mobile", "code": "bad-phone", "message": "号码不能有字母"}
            return 422, {}, {"code": "invalid", "errors": [fault]}
        if not lead.get("mobile"):
            fault = {"code": "contact-way-missing", "message": "手机、座机至少填写一项"}
            return 422, {}, {"errors": [{"field": way, **fault} for way in ("mobile", "phone")]}
        replayed = {"Idempotent-Replay": "true"} if key in self.leads else {}
        self.leads.setdefault(key, lead)
        return 201, replayed, {"id": key}

    def _serve(self) -> str:
        for port in PORTS:
            try:
                server = Server(("127.0.0.1", port), Handler)
            except OSError:
                continue
            server.gateway = self
            self.servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            return f"http://127.0.0.1:{port}"
        raise OSError("no port is free")


class Server(ThreadingHTTPServer):
    gateway: FakeGateway


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path.startswith("/api/v1/wecom/login/callback?"):
            self.give_token()
        elif self.path.startswith("/api/v1/wecom/login?client=pc"):
            self.send_to_scan_page()
        else:
            self.answer(404)

    def do_POST(self) -> None:
        self.content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/scan":
            self.scan()
        elif self.path == "/api/v1/leads":
            self.take_lead()
        else:
            self.answer(404)

    def send_to_scan_page(self) -> None:
        self.server.gateway.logins += 1
        state = secrets.token_hex(4)
        page = f"{self.server.gateway.scan_page}/login?{urlencode({'state': state})}"
        self.answer(302, {"Location": page, "Set-Cookie": f"state={state}; Path=/"})

    def scan(self) -> None:
        gateway = self.server.gateway
        form = dict(parse_qsl(self.content.decode()))
        if (form["corp_id"], form["userid"]) not in gateway.people:
            self.answer(404)
            return
        code = secrets.token_hex(4)
        gateway.codes[code] = form["state"]
        query = urlencode({"code": code, "state": form["state"]})
        self.answer(302, {"Location": f"{gateway.url}/api/v1/wecom/login/callback?{query}"})

    def give_token(self) -> None:
        gateway = self.server.gateway
        asked = dict(parse_qsl(urlsplit(self.path).query))
        cookie = SimpleCookie(self.headers["Cookie"])["state"].value
        if not gateway.codes.pop(asked["code"], None) == asked["state"] == cookie:
            self.answer(400, {}, {"detail": "登录已失效"})
        elif self.headers["Accept"] != "application/json":
            self.answer(302, {"Location": "/"})
        else:
            token = secrets.token_hex(8)
            gateway.tokens.add(token)
            self.answer(200, {}, {"access_token": token, "expires_in": gateway.expires_in})

    def take_lead(self) -> None:
        gateway = self.server.gateway
        gateway.asked.append(dict(self.headers))
        if self.headers["Authorization"].removeprefix("Bearer ") not in gateway.tokens:
            self.answer(401, {}, {"detail": "请重新登录"})
        elif gateway.first:
            self.answer(*gateway.first.pop(0))
        else:
            lead = json.loads(self.content)
            self.answer(*gateway.take_lead(self.headers["Idempotency-Key"], lead))

    def answer(self, status: int, headers: dict[str, str] | None = None, body: Any = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the tests ask the gateway what it saw."""


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    running = FakeGateway()
    yield running
    running.close()


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[..., Path]:
    """Make a spreadsheet of the lines given."""

    def make(*lines: list[Any]) -> Path:
        book = Workbook()
        for line in lines:
            book.worksheets[0].append(line)
        path = tmp_path / "leads.xlsx"
        book.save(path)
        return path

    return make
