"""The outbox: what a transaction announces, kept beside what it did until the relay ships it."""

import threading
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import psycopg
from sqlalchemy.orm import Session

from chassis import calendar, failpoints, observe
from chassis.access import SYSTEM, Actor
from chassis.envelope import instant

CHANNEL = "outbox"
HINT_EVERY = 0.005

# The epoch is read where the row is written, so that one raised meanwhile is never missed.
_WRITE = """
INSERT INTO outbox (event_id, topic, tenant_id, recipient, personal, envelope)
VALUES (%s, %s, %s, %s, %s,
        %s::jsonb || jsonb_build_object('epoch', (SELECT max(epoch) FROM epochs)))
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What is announced, before it is known of which record and by whom."""

    topic: str
    personal: bool
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Announcement:
    """One telling of all records of a noun to one subscriber, instead of to everybody."""

    id: UUID
    recipient: str


def write(
    session: Session,
    *,
    event_id: UUID,
    said: Said,
    of: Any,
    announcement: Announcement | None = None,
) -> UUID:
    """Put an event into the outbox, in the envelope that it will travel in; returns its id.

    The relay adds the source: the broker holds it against the name under which that publishes.
    """
    actor: Actor = session.info["actor"]
    person = None if actor.person_id == SYSTEM else str(actor.person_id)
    envelope = {
        "specversion": "1.0",
        "id": str(event_id),
        "type": said.topic,
        "subject": str(of.id),
        "time": instant(calendar.now()),
        "datacontenttype": "application/json",
        "tenant": str(actor.tenant_id),
        "actor": person,
        "version": of.version,
        "traceparent": observe.traceparent(),
        "refill": announcement is not None,
        "announcement": announcement and str(announcement.id),
        "data": said.data,
    }
    recipient = announcement and announcement.recipient
    row = (event_id, said.topic, actor.tenant_id, recipient, said.personal)
    failpoints.hit("outbox.before")
    session.connection().exec_driver_sql(_WRITE, (*row, orjson.dumps(envelope).decode()))
    failpoints.hit("outbox.after")
    session.info["announced"] = written(session) + 1
    return event_id


def written(session: Session) -> int:
    """How many events this session put into the outbox."""
    return int(session.info.get("announced", 0))


class Hint:
    """Tells the relay that there is something to read, after a commit and at most every 5 ms.

    It comes from a connection of its own and never from the writing transaction: NOTIFY in there
    would make all commits of the database wait for each other. It is only a hint, so it may fail.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def give(self) -> None:
        """Have the relay told, soon; returns at once."""
        # Begun late, since a process may fork after its database was described.
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="hint", daemon=True)
                    self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """End it; what was not told yet is found by the relay's own poll."""
        self._closed.set()
        self._wanted.set()

    def _run(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while self._wanted.wait() and not self._closed.is_set():
            self._wanted.clear()
            try:
                if connection is None or connection.closed:
                    connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
                connection.execute(f"NOTIFY {CHANNEL}")
            except psycopg.Error:
                connection = None
            self._closed.wait(HINT_EVERY)
        if connection is not None:
            connection.close()
