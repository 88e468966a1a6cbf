"""The applier: gives what is in the inbox its effect, each fact in a transaction of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from traceback import extract_tb
from typing import Any
from uuid import UUID

import structlog
from marshmallow import ValidationError
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis import db, envelope, failpoints, observe
from chassis.consumers import Subscription
from chassis.errors import NotYet, Refusal
from chassis.inbox import LONGEST_ERROR

BATCH = 100
# Seconds until the next attempt; used up, the event is parked and waits for a person.
BACK_OFF = (1, 10, 60, 600)
# What waits for another record goes on at the slowest pace, for about a day.
PATIENCE = 144

log = structlog.get_logger()

# A younger fact waits for an older one of its subject that is to be tried again later. Older ones
# that are due come before it in the same batch.
_DUE = text("""
SELECT event_id, topic, subject, tenant_id, attempts, envelope->>'actor' AS actor,
       envelope->>'traceparent' AS traceparent
FROM inbox i
WHERE state = 'pending' AND next_at <= now() AND NOT EXISTS (
    SELECT FROM inbox older
    WHERE older.state = 'pending' AND older.next_at > now() AND older.tenant_id = i.tenant_id
    AND older.subject = i.subject AND older.position < i.position
)
ORDER BY position LIMIT :batch
""")
# The lock keeps another applier off until this one has committed: one that was frozen while it led.
_CLAIM = text("""
SELECT envelope FROM inbox WHERE event_id = :id AND state = 'pending' FOR UPDATE
""")
_DONE = text("UPDATE inbox SET state = 'done', envelope = NULL, error = NULL WHERE event_id = :id")
_AGAIN = text("""
UPDATE inbox SET attempts = attempts + 1, next_at = now() + make_interval(secs => :pause),
                 error = :error
WHERE event_id = :id AND state = 'pending'
""")
_PARK = text("""
UPDATE inbox SET state = 'parked', attempts = attempts + 1, error = :error
WHERE event_id = :id AND state = 'pending'
""")


class UnknownTopic(Exception):
    """Nobody here handles this topic, in this version."""


@dataclass(frozen=True)
class Applier:
    """What a service does about the facts in its inbox."""

    database: db.Database
    subscriptions: Mapping[str, Subscription]

    def apply_due(self) -> int:
        """Try a batch of what is due; returns how many rows it had.

        Raises DBAPIError where the database itself is away: that is nobody's attempt.
        """
        with self.database.engine.connect() as connection:
            rows = connection.execute(_DUE, {"batch": BATCH}).all()
        held_up: set[tuple[UUID, UUID]] = set()
        for row in rows:
            subject = (row.tenant_id, row.subject)
            if subject not in held_up and not self.apply(row):
                held_up.add(subject)
        return len(rows)

    def apply(self, row: Row[Any]) -> bool:
        """Give one fact its effect; whether younger ones of its subject may follow."""
        began = perf_counter()
        observe.follow(row.traceparent)
        try:
            self._apply(row)
        except (Refusal, ValidationError, UnknownTopic) as error:
            outcome = self._park(row, error)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            outcome = self._try_again(row, error, BACK_OFF)
        except NotYet as error:
            outcome = self._try_again(row, error, (*BACK_OFF, *BACK_OFF[-1:] * PATIENCE))
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the others' facts
            outcome = self._try_again(row, error, BACK_OFF)
        else:
            outcome = "done"
        observe.applied.labels(row.topic, outcome).inc()
        observe.applying.labels(row.topic).observe(perf_counter() - began)
        return outcome != "again"

    def _apply(self, row: Row[Any]) -> None:
        actor = UUID(row.actor) if row.actor else None
        with db.transaction(row.tenant_id, on_behalf_of=actor) as tx:
            claimed = tx.session.execute(_CLAIM, {"id": row.event_id}).one_or_none()
            if claimed is None:
                return
            subscription = self.subscriptions.get(row.topic)
            if subscription is None:
                raise UnknownTopic(row.topic)
            failpoints.hit("apply.before")
            subscription.apply(tx.session, envelope.fact(claimed.envelope, by=tx.actor))
            failpoints.hit("apply.after")
            _mark_done(tx.session, row.event_id)

    def _park(self, row: Row[Any], error: Exception) -> str:
        self._write(_PARK, row, error)
        log.error("event.parked", **_named(row, error))
        return "parked"

    def _try_again(self, row: Row[Any], error: Exception, pauses: tuple[int, ...]) -> str:
        if row.attempts >= len(pauses):
            return self._park(row, error)
        pause = pauses[row.attempts]
        self._write(_AGAIN, row, error, pause=pause)
        log.warning("event.postponed", seconds=pause, **_named(row, error))
        return "again"

    def _write(self, statement: Any, row: Row[Any], error: Exception, **more: Any) -> None:
        """Take down a failure, in a transaction of its own: that of the effect was undone."""
        facts = {"id": row.event_id, "error": repr(error)[:LONGEST_ERROR], **more}
        with self.database.engine.begin() as connection:
            connection.execute(statement, facts)


def _mark_done(session: Session, event_id: UUID) -> None:
    failpoints.hit("done.before")
    session.flush()
    session.execute(_DONE, {"id": event_id})
    failpoints.hit("done.after")


def _named(row: Row[Any], error: Exception) -> dict[str, str]:
    """A failure for the log. The text of an error may quote the record, so only the row has it."""
    place = extract_tb(error.__traceback__)[-1]
    return {
        "topic": row.topic,
        "event_id": str(row.event_id),
        "tenant_id": str(row.tenant_id),
        "error": type(error).__name__,
        "at": f"{Path(place.filename).name}:{place.lineno}",
    }
