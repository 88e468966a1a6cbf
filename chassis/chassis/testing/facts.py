"""What a test recorded, and what it is told by other services."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis import db, inbox
from chassis.applier import Applier
from chassis.broker import EVENTS, Delivery
from chassis.envelope import plain
from chassis.service import Service
from chassis.testing.crew import Crew


@pytest.fixture
def recorded(
    request: pytest.FixtureRequest, database: db.Database, crew: Crew
) -> Callable[[str], list[dict[str, Any]]]:
    """Answers the data of every event of a topic that the crew's tenant recorded, in order."""
    asked = text(
        "SELECT envelope->'data' FROM outbox WHERE tenant_id = :tenant AND topic = :topic"
        " ORDER BY position"
    )

    def read(topic: str) -> list[dict[str, Any]]:
        facts = {"tenant": crew.id, "topic": topic}
        # What a test's own session has recorded is not committed yet.
        if "session" in request.fixturenames:
            inside: Session = request.getfixturevalue("session")
            inside.flush()
            return list(inside.execute(asked, facts).scalars())
        with database.engine.connect() as connection:
            return list(connection.execute(asked, facts).scalars())

    return read


@pytest.fixture(scope="session")
def example() -> Callable[..., dict[str, Any]]:
    """The published example of an event's data, perhaps with some of it changed."""

    def read(topic: str, number: int = 0, **changed: Any) -> dict[str, Any]:
        file = Path(__file__).resolve().parents[3] / f"api/events/{topic}.json"
        examples = json.loads(file.read_text(encoding="utf-8"))["examples"]
        return {**examples[number], **changed}

    return read


@dataclass(frozen=True)
class Delivered:
    """What became of a fact that was delivered: its row in the inbox."""

    id: UUID
    state: str
    attempts: int
    error: str | None


@pytest.fixture
def deliver(
    service: Service, database: db.Database, crew: Crew, example: Callable[..., dict[str, Any]]
) -> Callable[..., Delivered]:
    """Delivers a fact to the service under test, as often as wanted, and has it applied.

    Its data are those of the published example, where the test gives none.
    """

    def hand_over(
        topic: str, data: dict[str, Any] | None = None, *, times: int = 1, **envelope: Any
    ) -> Delivered:
        document = {
            "specversion": "1.0",
            "id": str(db.new_id()),
            "source": "/test",
            "type": topic,
            "subject": str(db.new_id()),
            "time": "2026-03-09T02:11:00Z",
            "datacontenttype": "application/json",
            "tenant": str(crew.id),
            "actor": None,
            "epoch": 0,
            "version": 1,
            "data": example(topic) if data is None else data,
            **{name: plain(value) for name, value in envelope.items()},
        }
        body = orjson.dumps(document)
        applier = Applier(database, service.subscriptions)
        token = db.database.set(database)
        for _ in range(times):
            inbox.store(database.engine, [Delivery(1, 1, "test", topic, EVENTS, body)])
            applier.apply_due()
        db.database.reset(token)
        with database.engine.connect() as connection:
            kept = connection.execute(
                text("SELECT * FROM inbox WHERE event_id = :id"), {"id": document["id"]}
            ).one()
        return Delivered(kept.event_id, kept.state, kept.attempts, kept.error)

    return hand_over
