"""Announcing: telling one subscriber every record of a noun, whole, from the table itself."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis import db, outbox
from chassis.copies import end_of
from chassis.events import Stated, said, stated
from chassis.records import new_id
from chassis.tables import org_tenants

BATCH = 200


@dataclass(frozen=True, slots=True)
class _End:
    """What an announcement's last event is about: the announcement."""

    id: UUID
    version: int = 0


def announce(database: db.Database, noun: str, to: str) -> int:
    """Record the state of every record of a noun for one subscriber; returns how many.

    Each tenant's come in transactions of their own, with an end that counts them. Raises
    LookupError for a noun that has no public state.
    """
    kinds = stated(noun)
    if not kinds:
        raise LookupError(f"nothing here is stated as {noun!r}")
    with database.engine.connect() as connection:
        tenants = connection.execute(select(org_tenants.c.id)).scalars().all()
    token = db.database.set(database)
    try:
        return sum(_announce(kind, tenant, to) for kind in kinds for tenant in tenants)
    finally:
        db.database.reset(token)


def _announce(kind: Stated, tenant: UUID, to: str) -> int:
    telling = outbox.Announcement(new_id(), to)
    count, after = 0, UUID(int=0)
    while True:
        with db.transaction(tenant) as tx:
            rows = tx.session.scalars(_after(kind.model, after)).all()
            for row in rows:
                state = said(kind.build(tx.session, row))
                outbox.write(
                    tx.session, event_id=new_id(), said=state, of=row, announcement=telling
                )
        if not rows:
            break
        count, after = count + len(rows), rows[-1].id
    end = outbox.Said(end_of(kind.kind.topic), personal=False, data={"count": count})
    with db.transaction(tenant) as tx:
        outbox.write(
            tx.session, event_id=new_id(), said=end, of=_End(telling.id), announcement=telling
        )
    return count


def _after(model: Any, after: UUID) -> Any:
    return select(model).where(model.id > after).order_by(model.id).limit(BATCH)
