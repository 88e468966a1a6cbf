"""Exactly the public paths of all OpenAPI files have a door, each to its owner."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import yaml

from gateway.rehearsal import HERE, UPSTREAMS, Door, door

API_FILES = HERE.parent / "api" / "http"
METHODS = {"get", "post", "patch", "delete", "head", "options"}
AN_ID = "018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11"

# The sandbox stands behind this door until the bridge publishes its own file.
STOOD_IN_FOR = {"wecom-bridge": {"/api/v1/wecom"}}


def operations() -> Iterator[tuple[str, str, str]]:
    """Method, path and owner of every operation that is published."""
    for file in sorted(API_FILES.glob("*.yaml")):
        document = yaml.safe_load(file.read_text())
        prefix = urlsplit(document.get("servers", [{"url": ""}])[0]["url"]).path.rstrip("/")
        for path, item in document["paths"].items():
            for method in sorted(METHODS & item.keys()):
                yield method.upper(), prefix + re.sub(r"{[^}]+}", AN_ID, path), file.stem


PUBLISHED = [row for row in operations() if not row[1].startswith("/internal/")]
INTERNAL = [row for row in operations() if row[1].startswith("/internal/")]


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(tmp_path_factory.mktemp("gateway")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _nothing_seen_yet(gate: Door) -> None:
    gate.forget()


def test_there_is_something_to_route() -> None:
    assert PUBLISHED, f"no operation is published in {API_FILES}"


@pytest.mark.parametrize(("method", "path", "owner"), PUBLISHED)
def test_a_published_path_reaches_its_owner(gate: Door, method: str, path: str, owner: str) -> None:
    gate.ask(method, path)

    [(reached, request)] = gate.reached()
    assert (reached, request.method, request.target) == (owner, method, path)


def test_every_door_leads_to_something_published() -> None:
    doors = doors_in((HERE / "nginx.conf.template").read_text())
    published: dict[str, set[str]] = {owner: set() for owner in UPSTREAMS}
    for _, path, owner in PUBLISHED:
        published.setdefault(owner, set()).add("/".join(path.split("/")[:4]))

    assert doors == {owner: paths or STOOD_IN_FOR[owner] for owner, paths in published.items()}


@pytest.mark.parametrize("owner", UPSTREAMS)
@pytest.mark.parametrize(
    "path", ["/internal", "/internal/{}", "/api/internal/{}", "/api/v1/internal/{}"]
)
def test_what_is_internal_has_no_door(gate: Door, owner: str, path: str) -> None:
    reply = gate.ask("GET", path.format(owner))

    assert (reply.status, gate.reached()) == (404, [])


@pytest.mark.parametrize(("method", "path", "owner"), INTERNAL)
def test_a_path_for_siblings_has_no_door(gate: Door, method: str, path: str, owner: str) -> None:
    assert (gate.ask(method, path).status, gate.reached()) == (404, [])


@pytest.mark.parametrize(
    "path", sorted({"/internal" + path.removeprefix("/api/v1") for _, path, _ in PUBLISHED})
)
def test_no_published_path_is_there_a_second_time(gate: Door, path: str) -> None:
    assert (gate.ask("GET", path).status, gate.reached()) == (404, [])


def doors_in(template: str) -> dict[str, set[str]]:
    """Every path that the route table opens, by the service behind it.

    Each location that passes requests on must be one of the table: a second kind of
    door would be found by nobody.
    """
    table = re.findall(
        r"location ~ \^/api/v1/(?:\(\?:([a-z|-]+)\)|([a-z-]+))\(\?:/\|\$\) {\s+proxy_pass http://([a-z-]+);",
        template,
    )
    assert len(table) == template.count("proxy_pass ")
    opened: dict[str, set[str]] = {}
    for several, single, owner in table:
        names = (several or single).split("|")
        opened.setdefault(owner, set()).update(f"/api/v1/{name}" for name in names)
    return opened
