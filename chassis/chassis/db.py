"""The database: records, the transaction that every edge opens, and how a record is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import orjson
from flask import Response
from sqlalchemy import create_engine, select, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis import events, failpoints, idempotency
from chassis.access import Actor, Identity, merge
from chassis.errors import (
    Malformed,
    NotFound,
    NotReady,
    NotYours,
    SignInNeeded,
    Stale,
    VersionNeeded,
)
from chassis.lists import Page
from chassis.outbox import Hint
from chassis.people import Policy, policy_of
from chassis.records import Record, new_id
from chassis.schema import View, dumper
from chassis.tables import with_driver

__all__ = [
    "Call",
    "Database",
    "Record",
    "Transaction",
    "call",
    "database",
    "find",
    "is_open",
    "new_id",
    "transaction",
]

R = TypeVar("R", bound=Record)


class Database:
    """One service's engine; opened after the fork, closed with the process."""

    def __init__(self, url: str, *, pool_size: int) -> None:
        self.engine = create_engine(
            with_driver(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=2,
            hide_parameters=True,
            connect_args={
                "connect_timeout": 2,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
                "options": "-c statement_timeout=5s -c lock_timeout=2s"
                " -c idle_in_transaction_session_timeout=10s -c timezone=UTC",
            },
        )
        self.hint = Hint(url)

    def session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)

    def close(self) -> None:
        self.hint.close()
        self.engine.dispose()


@dataclass(slots=True)
class Call:
    """The HTTP request at hand, as far as a transaction needs to know it."""

    identity: Identity
    permission: str | None = None
    key: str | None = None
    request_hash: bytes = b""
    if_match: str | None = None
    needs_version: bool = False
    view: type[View] | None = None
    authorised: bool = False


database: ContextVar[Database] = ContextVar("database")
call: ContextVar[Call | None] = ContextVar("call", default=None)
_open: ContextVar[bool] = ContextVar("transaction_open", default=False)


def is_open() -> bool:
    """Whether this thread of work holds a transaction; nobody waits for a network meanwhile."""
    return _open.get()


# A materialised CTE sets the tenant before the joined read: in one select list the row policies
# would be asked first and find nobody. LATERAL keeps the planner from turning the join around.
_BEGIN = """
WITH tenant AS MATERIALIZED (SELECT set_config('xiaoke.tenant', %(tenant)s, true)::uuid AS id)
SELECT t.time_zone, t.suspended_at, p.*
FROM tenant
LEFT JOIN org_tenants t ON t.id = tenant.id
LEFT JOIN LATERAL (
    SELECT name, disabled_at, revoked_sessions, grants,
           (SELECT jsonb_agg(r.permissions) FROM org_roles r
            WHERE r.tenant_id = tenant.id AND r.id = ANY (o.role_ids)) AS roles
    FROM org_people o WHERE o.tenant_id = tenant.id AND o.id = %(person)s OFFSET 0
) p ON true
"""


class Transaction:
    """An open transaction of one tenant, and the answer that leaves once it is committed."""

    def __init__(self, session: Session, call: Call | None, actor: Actor) -> None:
        self.session = session
        self.actor = actor
        self._call = call

    @property
    def expected_version(self) -> int | None:
        """The version the caller read, from If-Match; None where they do not mind.

        Raises VersionNeeded where a change must name one, Malformed for what is no version of ours.
        """
        given = self._call and self._call.if_match
        if not given:
            if self._call and self._call.needs_version:
                raise VersionNeeded
            return None
        number = given.removeprefix('"').removesuffix('"')
        if given != f'"{number}"' or not (number.isascii() and number.isdigit()) or len(number) > 9:
            raise Malformed("If-Match")
        return int(number)

    def answer(self, view: type[View], row: Any, status: int = 200) -> Response:
        """The answer that shows `row`; what a key-bearing call answers is kept for its twins."""
        self.session.flush()
        body, etag = orjson.dumps(self.shown(view, row)), f'"{row.version}"'
        if self._call and self._call.key:
            idempotency.keep(self.session, self._call.identity, self._call.key, status, body, etag)
        return _response(status, body, etag)

    def tell(self, view: type[View], found: Any, status: int = 200) -> Response:
        """An answer that is no record: it has no version, and is kept for nobody."""
        return _response(status, orjson.dumps(dumper(view).dump(found)), None)

    def shown(self, view: type[View], row: Any) -> Any:
        """A record as its view shows it, with what the actor can do to it now."""
        if "allowed_actions" in view._declared_fields:
            policy, model = policy_of(type(row)), type(row)
            row.allowed_actions = self.session.scalar(
                select(policy.allowed_actions(self.actor)).where(
                    model.tenant_id == row.tenant_id, model.id == row.id
                )
            )
        return dumper(view).dump(row)

    def page(self, view: type[View], page: Page) -> Response:
        """The answer that shows one page of a list; rows go out as the database gave them."""
        return _response(200, page.json(), None)


def _response(status: int, body: bytes, etag: str | None) -> Response:
    headers = {"ETag": etag} if etag else {}
    return Response(body, status, headers, mimetype="application/json")


@contextmanager
def transaction(
    tenant: UUID | None = None, *, on_behalf_of: UUID | None = None
) -> Iterator[Transaction]:
    """One transaction: committed where the block ends, undone where it raises.

    For an HTTP call it begins with the caller's own tenant, person and permissions; elsewhere the
    edge names the tenant, and the person behind what it does. At its end it states the records that
    it changed, and once they are committed it hints to the relay. Raises what `_begin` refuses, and
    idempotency.Replay for a repeated call.
    """
    calling = call.get() if tenant is None else None
    opened = database.get()
    session = opened.session()
    token = _open.set(True)
    try:
        tx = _begin(session, tenant, on_behalf_of, calling)
        try:
            failpoints.hit("fact.before")
            yield tx
            session.flush()
            failpoints.hit("fact.after")
            announced = events.settle(session)
            failpoints.hit("commit.before")
            session.commit()
            failpoints.hit("commit.after")
        except Stale as stale:
            if stale.row is not None and calling and calling.view:
                stale.current = tx.shown(calling.view, stale.row)
            raise
    except BaseException:
        session.rollback()
        raise
    finally:
        _open.reset(token)
        session.close()
    if announced:
        opened.hint.give()


def _begin(
    session: Session, tenant: UUID | None, on_behalf_of: UUID | None, calling: Call | None
) -> Transaction:
    """Set the tenant, read the principal, look up the key.

    Raises NotReady where the organisation has not arrived yet, SignInNeeded for a disabled person
    or a session that was ended, NotAllowed without the route's permission.
    """
    if calling is None:
        if tenant is None:
            raise LookupError("a transaction needs a tenant")
        row = _first(session, {"tenant": str(tenant), "person": None})
        actor = Actor.system(tenant, row.time_zone, on_behalf_of=on_behalf_of)
    else:
        actor = _principal(session, calling)
    session.info["actor"] = actor
    return Transaction(session, calling, actor)


def _principal(session: Session, calling: Call) -> Actor:
    who = calling.identity
    row = _first(session, {"tenant": str(who.tenant_id), "person": who.person_id})
    if row.time_zone is None or row.name is None:
        raise NotReady(who.tenant_id)
    if row.suspended_at or row.disabled_at or who.session_id in row.revoked_sessions:
        raise SignInNeeded("no longer valid")
    actor = Actor(
        tenant_id=who.tenant_id,
        person_id=who.person_id,
        session_id=who.session_id,
        name=row.name,
        time_zone=row.time_zone,
        permissions=merge([*(row.roles or []), row.grants]),
    )
    if calling.permission is not None:
        actor.require(calling.permission)
    calling.authorised = True
    if calling.key is not None:
        idempotency.claim(session, who, calling.key, calling.request_hash)
    return actor


def _first(session: Session, facts: dict[str, Any]) -> Any:
    """Run the opening statement; a connection that died while idle is replaced once."""
    try:
        return session.connection().exec_driver_sql(_BEGIN, facts).one()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        session.rollback()
        return session.connection().exec_driver_sql(_BEGIN, facts).one()


def find(
    session: Session,
    model: type[R],
    id: UUID,
    policy: Policy,
    *,
    by: Actor,
    to: str | None = None,
    version: int | None = None,
) -> R:
    """The record with this id, if `by` may see it; locked where they come `to` change it.

    Raises NotFound where the actor may not see it, NotYours where they may not do `to`, and Stale
    where it is no longer at `version`.
    """
    permitted = policy.permits(by, to) if to else true()
    statement = select(model, permitted).where(policy.visible(by), model.id == id)  # type: ignore[attr-defined]
    if to:
        statement = statement.with_for_update(of=model)
    found = session.execute(statement.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(id)
    row, is_permitted = found
    if not is_permitted:
        raise NotYours(id)
    if version is not None and row.version != version:
        raise Stale(row)
    return row
