"""Events that wait for a person: seen, tried again at a measured pace, or given up."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, text

# So many a second are given back, lest what was parked for hours crowds out what is new.
PACE = 20

_LIST = text("""
SELECT event_id, topic, tenant_id, subject, attempts, error, stored_at FROM inbox
WHERE state = 'parked' AND (CAST(:topic AS text) IS NULL OR topic = :topic)
ORDER BY position LIMIT :most
""")
_SHOW = text("SELECT * FROM inbox WHERE event_id = :id")
# What cannot be read stays parked: there is no tenant to apply it for.
_REPLAY = text("""
UPDATE inbox SET state = 'pending', attempts = 0,
                 next_at = now() + wanted.number / CAST(:pace AS float8) * interval '1 second'
FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS wanted (id, number)
WHERE event_id = wanted.id AND state = 'parked' AND tenant_id IS NOT NULL
""")
_DISCARD = text("""
UPDATE inbox SET state = 'done', envelope = NULL, error = 'discarded: ' || coalesce(error, '')
WHERE event_id = ANY(:ids) AND state = 'parked'
""")


def parked(engine: Engine, *, topic: str | None = None, most: int = 100) -> Sequence[Row[Any]]:
    """What is parked, oldest first."""
    with engine.connect() as connection:
        return connection.execute(_LIST, {"topic": topic, "most": most}).all()


def show(engine: Engine, event_id: UUID) -> Row[Any] | None:
    """One event of the inbox, whole."""
    with engine.connect() as connection:
        return connection.execute(_SHOW, {"id": event_id}).one_or_none()


def replay(engine: Engine, ids: Sequence[UUID], *, pace: float = PACE) -> int:
    """Have parked events tried anew, `pace` of them a second; returns how many were parked.

    One that is not parked stays as it is, so a second replay changes nothing.
    """
    with engine.begin() as connection:
        return connection.execute(_REPLAY, {"ids": list(ids), "pace": pace}).rowcount


def discard(engine: Engine, ids: Sequence[UUID]) -> int:
    """Give parked events up for good; returns how many were parked."""
    with engine.begin() as connection:
        return connection.execute(_DISCARD, {"ids": list(ids)}).rowcount
