"""What the service asks of PostgreSQL for one list and one new lead, word for word."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import event
from sqlalchemy.orm import Session

from chassis import db
from chassis.access import Actor, Identity
from chassis.lists import Paging
from leads import queries, usecases

PAGE_SIZE = 20
CONTACT = {
    "name": "王小明",
    "company_name": "晨光文具有限公司",
    "email": "wang@example.cn",
    "wechat": "wang_xm",
    "address": "上海市浦东新区张江路 88 号",
    "department": "采购部",
    "title": "经理",
    "remark": "展会上认识，下周回电。",
}

Use = Callable[[Session, Actor], object]
Noted = list[tuple[str, Any]]


def of_list(url: str, tenant: UUID, person: UUID) -> str:
    """The page and its total, as a script for pgbench."""
    paging = Paging("-created_at", page_size=PAGE_SIZE)
    noted = _noted(url, tenant, person, lambda s, by: queries.leads(s, by=by, paging=paging))
    return _script(url, noted)


def of_create(url: str, tenant: UUID, person: UUID) -> str:
    """The insert alone, as a script for pgbench; each run of it writes another lead."""

    def enter(session: Session, by: Actor) -> None:
        lead = usecases.enter_lead(
            session, by=by, mobile="138 0000 0000", source="manual", **CONTACT
        )
        session.flush()
        ids.append(lead.id.hex)

    ids: list[str] = []
    script = _script(url, _noted(url, tenant, person, enter))
    return script.replace(f"'{ids[0]}'", "gen_random_uuid()")


def _noted(url: str, tenant: UUID, person: UUID, use: Use) -> Noted:
    """What is executed while that person uses the service, after the transaction has begun."""
    database = db.Database(url, pool_size=1)
    identity = Identity(tenant, person, session_id=uuid4(), expires_at=0)
    tokens = db.database.set(database), db.call.set(db.Call(identity))
    try:
        with db.transaction() as tx, _listening(database) as noted:
            use(tx.session, tx.actor)
        return noted
    finally:
        db.database.reset(tokens[0])
        db.call.reset(tokens[1])
        database.close()


@contextmanager
def _listening(database: db.Database) -> Iterator[Noted]:
    noted: Noted = []

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        noted.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield noted
    event.remove(database.engine, "before_cursor_execute", note)


def _script(url: str, noted: Noted) -> str:
    with psycopg.connect(url) as connection:
        cursor = psycopg.ClientCursor(connection)
        return "".join(f"{cursor.mogrify(said, given)};\n" for said, given in noted)
