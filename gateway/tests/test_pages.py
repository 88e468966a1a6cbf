"""What the gateway serves by itself: the way in, the landing page, the documentation."""

import json
import re
from pathlib import Path

import pytest

from gateway.rehearsal import HERE, Door

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Mobile/15E148 wxwork/4.1.22 MicroMessenger/7.0.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 13; V2183A) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/116.0 Mobile Safari/537.36 wxwork/4.1.22"
)
HARMONY = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1 Mobile wxwork/4.1"
WECOM_ON_A_DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/108.0 Safari/537.36 wxwork/4.1.22 MicroMessenger/7.0.1 WindowsWechat"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/116.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "home"),
    [
        (IPHONE, "/m/"),
        (ANDROID, "/m/"),
        (HARMONY, "/m/"),
        (WECOM_ON_A_DESKTOP, "/pc/"),
        (MAC, "/pc/"),
        (IPAD, "/pc/"),
        (TABLET, "/pc/"),
        ("curl/8.5", "/pc/"),
        ("", "/pc/"),
    ],
)
def test_the_device_decides_where_home_is(gate: Door, agent: str, home: str) -> None:
    reply = gate.ask("GET", "/", [("User-Agent", agent)])

    assert (reply.status, reply.header("Location")) == (302, home)


@pytest.mark.parametrize(
    ("cookie", "home"),
    [("client=pc", "/pc/"), ("a=b; client=mobile", "/m/"), ("client=//evil.example", "/pc/")],
)
def test_a_person_may_choose_otherwise(gate: Door, cookie: str, home: str) -> None:
    agent = IPHONE if cookie == "client=pc" else MAC

    reply = gate.ask("GET", "/", [("User-Agent", agent), ("Cookie", cookie)])

    assert reply.header("Location") == home


def test_the_way_home_is_remembered_by_nobody(gate: Door) -> None:
    reply = gate.ask("GET", "/?next=/x")

    assert reply.all("Vary") == ["User-Agent, Cookie"]
    assert reply.all("Cache-Control") == ["no-store"]


@pytest.mark.parametrize(
    ("path", "whole"), [("/pc", "/pc/"), ("/m", "/m/"), ("/api/docs", "/api/docs/")]
)
def test_a_forgotten_slash_is_added_without_naming_a_host(
    gate: Door, path: str, whole: str
) -> None:
    reply = gate.send(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())

    assert (reply.status, reply.header("Location")) == (301, whole)


@pytest.mark.parametrize("path", ["/pc/", "/m/", "/api/docs/"])
def test_a_page_finds_everything_it_names(gate: Door, path: str) -> None:
    page = gate.ask("GET", path)
    text = page.body.decode()

    assert page.header("Content-Type") == "text/html; charset=utf-8"
    assert page.header("Cache-Control") == "no-cache"
    for named in re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', text):
        assert gate.ask("GET", path + named).status == 200, named


@pytest.mark.parametrize(
    "page", sorted(HERE.glob("static/*/*.html")), ids=lambda page: page.parent.name
)
def test_a_page_has_no_script_or_style_of_its_own(page: Path) -> None:
    text = page.read_text()

    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=|javascript:", text)


def test_the_landing_page_leads_to_sign_in_and_documentation(gate: Door) -> None:
    text = gate.ask("GET", "/pc/").body.decode()

    assert 'href="/api/v1/wecom/login"' in text
    assert 'href="/api/docs/"' in text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/pc/landing.css", "text/css; charset=utf-8"),
        ("/pc/icon.svg", "image/svg+xml"),
        ("/api/docs/docs.js", "application/javascript; charset=utf-8"),
        ("/api/docs/swagger-ui-bundle.js", "application/javascript; charset=utf-8"),
        ("/api/docs/swagger-ui.css", "text/css; charset=utf-8"),
        ("/api/docs/http/leads.yaml", "application/yaml; charset=utf-8"),
    ],
)
def test_a_file_says_what_it_is_and_is_asked_for_again(gate: Door, path: str, kind: str) -> None:
    reply = gate.ask("GET", path)
    again = gate.ask("GET", path, [("If-None-Match", str(reply.header("ETag")))])

    assert (reply.header("Content-Type"), reply.header("Cache-Control")) == (kind, "no-cache")
    assert (again.status, again.header("Cache-Control")) == (304, "no-cache")


def test_the_documentation_lists_the_files_that_are_there(gate: Door) -> None:
    listed = json.loads(gate.ask("GET", "/api/docs/http/").body)

    assert {"identity.yaml", "leads.yaml"} <= {one["name"] for one in listed}


@pytest.mark.parametrize(
    "path",
    [
        "/api/docs/http/notes.txt",
        "/api/docs/http/missing.yaml",
        "/api/docs/http/../docs.js",
        "/api/docs../nginx.conf.template",
        "/api/docs/package.json",
        "/api/docs/swagger-ui-bundle.js.map",
        "/api/docs/index.css",
        "/pc../docs/docs.js",
        "/pc/../docs/docs.js",
        "/m/../render.py",
        "/m/%2e%2e/docs/docs.js",
        "/pc/assets/",
    ],
)
def test_nothing_else_is_served(gate: Door, path: str) -> None:
    reply = gate.ask("GET", path)

    assert (reply.status, reply.json()["code"]) == (404, "not-found")
