"""Everything that is measured: our lists and creates, and the bare parts that they stand on."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count as counted_from
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import jwt
import orjson
import psycopg
from psycopg.rows import dict_row

from bench import cpu, parts, pgbench, rows, statements
from bench.callers import Act, Request, ask, calling, timed
from bench.ground import SMALL, Ground
from bench.rounds import Contender
from leads.schemas import LeadView

PATH = "/api/v1/leads"

_JOINED = {"allowed_actions", "customer_name"}
_COLUMNS = ", ".join(f"l.{name}" for name in LeadView._declared_fields if name not in _JOINED)
_PAGE = f"""
SELECT {_COLUMNS}, c.name AS customer_name
FROM leads l LEFT JOIN customer_copies c ON c.tenant_id = l.tenant_id AND c.id = l.customer_id
WHERE l.tenant_id = %s AND l.owner_id = %s AND l.archived_at IS NULL
ORDER BY l.created_at DESC, l.id DESC LIMIT {statements.PAGE_SIZE + 1}
"""
_COUNT = """
SELECT count(*) FROM (SELECT FROM leads WHERE tenant_id = %s AND owner_id = %s
                      AND archived_at IS NULL LIMIT 1001) AS counted
"""


@dataclass(frozen=True)
class Seller:
    """Somebody of a company on the ground, signed in."""

    tenant: str
    person: str
    headers: Mapping[str, str]


def seller(ground: Ground, userid: str, corp_id: str) -> Seller:
    token = ground.token(userid, corp_id)
    claims = jwt.decode(token, options={"verify_signature": False})
    return Seller(claims["tid"], claims["sub"], {"Authorization": f"Bearer {token}"})


def contenders(ground: Ground, sizes: Mapping[str, int]) -> Iterator[Contender]:
    """Everybody, given how many leads each company on the ground has."""
    first = seller(ground, "first", SMALL)
    yield _http("list: gateway", ground, "gateway", _list(ground, "gateway", first))
    for corp_id, size in sizes.items():
        yield from _lists_of(ground, corp_id, size)
    nobody = Seller(first.tenant, first.person, {})
    whose = {"owner_id": first.person}
    yield _http("list: open", ground, parts.OPEN, _list(ground, parts.OPEN, nobody, **whose))
    yield _http("list: bare Flask", ground, parts.BARE, _list(ground, parts.BARE, nobody))
    script = statements.of_list(ground.database("app"), UUID(first.tenant), UUID(first.person))
    yield _pgbench("list: pgbench", ground, first, script)

    yield _http("create: gateway", ground, "gateway", _create(ground, "gateway", first))
    yield _http("create: service", ground, "leads", _create(ground, "leads", first))
    yield _http("create: bare Flask", ground, parts.BARE, _create(ground, parts.BARE, first))
    script = statements.of_create(ground.database("app"), UUID(first.tenant), UUID(first.person))
    yield _pgbench("create: pgbench", ground, first, script)


def answers(ground: Ground) -> tuple[bytes, bytes]:
    """A page and a lead as the service answers them, for those who only repeat it."""
    first = seller(ground, "first", SMALL)
    return ask(_list(ground, "leads", first)), ask(_create(ground, "leads", first))


def _lists_of(ground: Ground, corp_id: str, size: int) -> Iterator[Contender]:
    first, leader = seller(ground, "first", corp_id), seller(ground, "leader", corp_id)
    many = "" if corp_id == SMALL else f" of {size:,}"
    newest = _list(ground, "leads", first)
    yield _http(f"list{many}: service", ground, "leads", newest)
    yield _http(f"list{many}: service, a team's", ground, "leads", _list(ground, "leads", leader))
    deepest = _list(ground, "leads", first, after=_last_cursor(ground, first))
    yield _http(f"list{many}: service, deepest page", ground, "leads", deepest)
    yield Contender(
        f"list{many}: psycopg + orjson",
        lambda: _bare_list(ground.database("owner"), first),
        {"app": lambda: cpu.used([os.getpid()]), "database": _meter(ground, "postgresql")},
    )


def _last_cursor(ground: Ground, whose: Seller) -> str:
    """The cursor before the last page: any list gives cursors, and a filter is no part of them."""
    early = {"created_before": rows.written_at(5 * statements.PAGE_SIZE)}
    page = json.loads(ask(_list(ground, "leads", whose, **early)))
    return str(page["next"])


def _list(ground: Ground, part: str, whose: Seller, **asked: str) -> Request:
    query = urlencode({"page_size": statements.PAGE_SIZE, **asked})
    address = f"{parts.url(ground, part)}{PATH}?{query}"
    return Request("GET", address, headers=lambda: whose.headers)


def _create(ground: Ground, part: str, whose: Seller) -> Request:
    numbers = counted_from(13_900_000_000)

    def headers() -> Mapping[str, str]:
        own = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        return {**whose.headers, **own}

    def body() -> bytes:
        return orjson.dumps({**statements.CONTACT, "mobile": str(next(numbers))})

    return Request("POST", f"{parts.url(ground, part)}{PATH}", 201, headers, body)


def _http(name: str, ground: Ground, part: str, request: Request) -> Contender:
    """Through the gateway the service behind it works too; the bare application works alone."""
    meters = {}
    if part == "gateway":
        meters["gateway"] = _meter(ground, "gateway")
    meters["app"] = _meter(ground, "leads" if part == "gateway" else part)
    if part != parts.BARE:
        meters["database"] = _meter(ground, "postgresql")
    return Contender(name, lambda: calling(request), meters)


def _pgbench(name: str, ground: Ground, whose: Seller, script: str) -> Contender:
    opened = partial(pgbench.running, ground.database("app"), whose.tenant, script)
    return Contender(name, opened, {"database": _meter(ground, "postgresql")}, count=2000)


def _meter(ground: Ground, part: str) -> Callable[[], int]:
    return partial(cpu.used_by_family, ground.pid(part))


@contextmanager
def _bare_list(url: str, whose: Seller) -> Iterator[Act]:
    """The same answer with nothing between PostgreSQL and JSON."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:

        def once() -> bytes:
            found: list[dict[str, Any]]
            found = connection.execute(_PAGE, (whose.tenant, whose.person)).fetchall()
            counted = connection.execute(_COUNT, (whose.tenant, whose.person)).fetchone()
            return orjson.dumps({"items": found[:-1], "total": counted}, option=orjson.OPT_UTC_Z)

        yield lambda count: timed(count, once)
