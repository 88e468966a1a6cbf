"""The database: records, the transaction that every edge opens, and how a record is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import uuid_utils.compat
from flask import Response
from sqlalchemy import DateTime, Uuid, create_engine, select, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, MappedAsDataclass, Session, declared_attr, mapped_column

from chassis import calendar, idempotency
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
from chassis.people import Policy, policy_of
from chassis.schema import View, dumper
from chassis.tables import CURRENT_TENANT, with_driver

R = TypeVar("R", bound="Record")


def new_id() -> UUID:
    """A fresh UUIDv7: unique everywhere, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


class Record(MappedAsDataclass):
    """What every table of a service has: the tenant, a version and two times.

    A service declares `class Base(Record, DeclarativeBase)` with metadata of its own, named by
    `tables.NAMING`.
    """

    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid}  # noqa: RUF012

    tenant_id: Mapped[UUID] = mapped_column(
        primary_key=True, server_default=CURRENT_TENANT, init=False, sort_order=-2
    )
    version: Mapped[int] = mapped_column(init=False, sort_order=90)
    created_at: Mapped[datetime] = mapped_column(
        init=False, insert_default=calendar.now, sort_order=91
    )
    updated_at: Mapped[datetime] = mapped_column(
        init=False, insert_default=calendar.now, onupdate=calendar.now, sort_order=92
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy passes the class
        return {"version_id_col": cls.version}


class Database:
    """One service's engine; opened after the fork, closed with the process."""

    def __init__(self, url: str, *, pool_size: int) -> None:
        self.engine = create_engine(
            with_driver(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=2,
            connect_args={
                "connect_timeout": 2,
                "options": "-c statement_timeout=5s -c lock_timeout=2s"
                " -c idle_in_transaction_session_timeout=10s -c timezone=UTC",
            },
        )

    def session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)

    def close(self) -> None:
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

    def __init__(self, session: Session, call: Call | None, actor: Actor | None) -> None:
        self.session = session
        self._call = call
        self._actor = actor

    @property
    def actor(self) -> Actor:
        if self._actor is None:
            raise LookupError("this transaction runs on nobody's behalf")
        return self._actor

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
        if "allowed_actions" in view._declared_fields and self._actor:
            policy, model = policy_of(type(row)), type(row)
            row.allowed_actions = self.session.scalar(
                select(policy.allowed_actions(self._actor)).where(
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
def transaction(tenant: UUID | None = None) -> Iterator[Transaction]:
    """One transaction: committed where the block ends, undone where it raises.

    For an HTTP call it begins with the caller's own tenant, person and permissions; elsewhere the
    edge names the tenant. Raises what `_begin` refuses, and idempotency.Replay for a repeated call.
    """
    calling = call.get() if tenant is None else None
    session = database.get().session()
    token = _open.set(True)
    try:
        tx = _begin(session, tenant, calling)
        try:
            yield tx
            session.commit()
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


def _begin(session: Session, tenant: UUID | None, calling: Call | None) -> Transaction:
    """Set the tenant, read the principal, look up the key.

    Raises NotReady where the organisation has not arrived yet, SignInNeeded for a disabled person
    or a session that was ended, NotAllowed without the route's permission.
    """
    if calling is None:
        if tenant is None:
            raise LookupError("a transaction needs a tenant")
        _first(session, {"tenant": str(tenant), "person": None})
        return Transaction(session, None, None)
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
    return Transaction(session, calling, actor)


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
