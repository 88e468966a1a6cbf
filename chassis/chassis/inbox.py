"""The inbox: what arrived is stored before it is acknowledged, until it has had its effect."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError

from chassis import failpoints, observe
from chassis.broker import ANNOUNCE, Delivery
from chassis.envelope import BadEnvelope, check

LONGEST_ERROR = 500

# RETURNING tells what is new: the count of rows that a driver gives is not to be trusted here.
_STORE = """
INSERT INTO inbox (event_id, topic, subject, tenant_id, announcement, envelope, state, error)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::jsonb[],
                     %s::text[], %s::text[])
ON CONFLICT DO NOTHING RETURNING state
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row of the inbox, before it is one."""

    event_id: UUID
    topic: str
    subject: str | None
    tenant_id: str | None
    announcement: str | None
    envelope: str
    state: str
    error: str | None


def read(delivery: Delivery) -> Arrival:
    """What was delivered, as the inbox keeps it: a bad envelope is kept too, parked."""
    # An announcement is addressed: the name of its subscriber stands before the topic.
    topic = delivery.key.partition(".")[2] if delivery.exchange == ANNOUNCE else delivery.key
    try:
        document = check(orjson.loads(delivery.body), topic=topic, source=f"/{delivery.user}")
    except (orjson.JSONDecodeError, BadEnvelope) as error:
        return bad(delivery, str(error))
    return Arrival(
        event_id=UUID(document["id"]),
        topic=topic,
        subject=document["subject"],
        tenant_id=document["tenant"],
        announcement=document.get("announcement"),
        envelope=orjson.dumps(document).decode(),
        state="pending",
        error=None,
    )


def bad(delivery: Delivery, error: str) -> Arrival:
    """What cannot be read, kept whole under an id of its own.

    The id that it claims is not taken: another event may have it by right.
    """
    return Arrival(
        event_id=UUID(bytes=hashlib.sha256(delivery.body).digest()[:16]),
        topic=delivery.key,
        subject=None,
        tenant_id=None,
        announcement=None,
        envelope=orjson.dumps(
            {"sent_by": delivery.user, "body": base64.b64encode(delivery.body).decode()}
        ).decode(),
        state="parked",
        error=f"bad envelope: {error}"[:LONGEST_ERROR],
    )


def store(engine: Engine, taken: Sequence[Delivery]) -> int:
    """Keep everything that was taken, in one transaction; returns how many of them are new."""
    failpoints.hit("store.before")
    try:
        with engine.begin() as connection:
            new = insert(connection, map(read, taken))
    except DataError:
        # One of them is JSON that PostgreSQL cannot hold, a zero character for example.
        new = sum(_store_one(engine, delivery) for delivery in taken)
    failpoints.hit("store.after")
    observe.stored.inc(new)
    observe.repeated.inc(len(taken) - new)
    return new


def _store_one(engine: Engine, delivery: Delivery) -> int:
    try:
        with engine.begin() as connection:
            return insert(connection, [read(delivery)])
    except DataError as error:
        with engine.begin() as connection:
            return insert(connection, [bad(delivery, str(error.orig))])


def insert(connection: Connection, arrivals: Iterable[Arrival]) -> int:
    """Insert rows that are not there yet; returns how many were new."""
    columns: list[list[Any]] = [
        list(column)
        for column in zip(
            *(
                (
                    a.event_id,
                    a.topic,
                    a.subject,
                    a.tenant_id,
                    a.announcement,
                    a.envelope,
                    a.state,
                    a.error,
                )
                for a in arrivals
            ),
            strict=True,
        )
    ]
    return len(connection.exec_driver_sql(_STORE, tuple(columns)).all())
