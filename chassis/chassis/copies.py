"""Copies of other services' records: written by newer states only, and rebuilt by announcements."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Column, MetaData, Table, Uuid, delete, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import SchemaItem

from chassis import tables
from chassis.envelope import Fact
from chassis.errors import NotYet
from chassis.schema import Integer, Needs


def copy_table(name: str, metadata: MetaData, *columns: SchemaItem) -> Table:
    """A table of copies: the record's id, our columns, and where the copy stands in its order."""
    return Table(
        name,
        metadata,
        tables.tenant(),
        Column("id", Uuid, primary_key=True),
        *columns,
        *tables.copied(),
    )


def write(session: Session, table: Table, fact: Fact, values: Mapping[str, Any]) -> bool:
    """Keep what a state says of its record, unless a newer state was kept already.

    Returns whether it was written, for handlers that keep more than one row. What is announced
    anew may also replace a copy of the same version: its source may tell more than it used to.
    """
    told = {"id": fact.subject, "epoch": fact.epoch, "version": fact.version, **values}
    return put(session, table, told, may_equal=fact.refill)


def put(session: Session, table: Table, told: Mapping[str, Any], *, may_equal: bool) -> bool:
    """Write one state into a table of copies, if it is newer; whether it was written.

    One that is equally new is written too where it `may_equal`.
    """
    statement = insert(table).values(**told)
    key = [column.name for column in table.primary_key]
    new = func.row(statement.excluded.epoch, statement.excluded.version)
    kept = func.row(table.c.epoch, table.c.version)
    written = session.execute(
        statement.on_conflict_do_update(
            index_elements=key,
            set_={name: statement.excluded[name] for name in told if name not in key},
            where=new >= kept if may_equal else new > kept,
        ).returning(true())
    )
    return written.first() is not None


class Announced(Needs):
    """How many records an announcement told of."""

    count = Integer(required=True)


def is_state(topic: str) -> bool:
    """Whether a topic tells states."""
    return ".state." in topic


def end_of(topic: str) -> str:
    """The topic that ends an announcement of a noun's states."""
    return f"{topic.partition('.state.')[0]}.announced.v1"


def is_end(topic: str) -> bool:
    """Whether a topic ends announcements."""
    return topic.endswith(".announced.v1")


def finisher(topic: str, table: Table) -> Callable[[Session, Fact, dict[str, Any]], None]:
    """What is done where an announcement of `topic` ends, about the copies in `table`."""

    def finish(session: Session, fact: Fact, announced: dict[str, Any]) -> None:
        """Remove the copies of what the source does not know any more.

        Records are never deleted, so those are the ones that a restore took back: they stand in
        an older epoch than the announcement. Raises NotYet until all of it has been applied.
        """
        if _applied(session, topic, fact) < announced["count"]:
            raise NotYet(f"{topic} is still arriving")
        session.execute(
            delete(table).where(table.c.tenant_id == fact.tenant, table.c.epoch < fact.epoch)
        )

    return finish


def _applied(session: Session, topic: str, fact: Fact) -> int:
    inbox = tables.inbox.c
    return session.scalars(
        select(func.count()).where(
            inbox.announcement == fact.announcement,
            inbox.tenant_id == fact.tenant,
            inbox.topic == topic,
            inbox.state == "done",
        )
    ).one()


def clear(session: Session, tenant_id: UUID, topic: str, table: Table) -> None:
    """Forget the copies of one tenant, and what is still to be done about them.

    Both in one transaction, so that no state of the old ones comes in after it. Their source is to
    announce them afterwards.
    """
    inbox = tables.inbox
    session.execute(delete(table).where(table.c.tenant_id == tenant_id))
    session.execute(
        delete(inbox).where(
            inbox.c.tenant_id == tenant_id,
            inbox.c.topic.in_([topic, end_of(topic)]),
            (inbox.c.state != "done") | inbox.c.announcement.is_not(None),
        )
    )
