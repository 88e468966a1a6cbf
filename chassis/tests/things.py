"""The nouns of the tests' own service: things made of parts, and its copies of others' things."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Column, ForeignKeyConstraint, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from chassis.broker import ANNOUNCE, EVENTS, Delivery
from chassis.copies import copy_table
from chassis.envelope import plain
from chassis.events import Event, State, states
from chassis.records import Record, new_id
from chassis.schema import List, Needs
from chassis.schema import String as Text
from chassis.tables import NAMING


class Base(Record, DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


def _own_id() -> Mapped[UUID]:
    return mapped_column(primary_key=True, insert_default=new_id, default_factory=new_id)


class Part(Base, kw_only=True):
    __tablename__ = "parts"

    id: Mapped[UUID] = mapped_column(
        primary_key=True, insert_default=new_id, default_factory=new_id
    )
    thing_id: Mapped[UUID] = mapped_column(init=False)
    name: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "thing_id"], ["things.tenant_id", "things.id"]),
    )


class Thing(Base, kw_only=True):
    __tablename__ = "things"

    id: Mapped[UUID] = mapped_column(
        primary_key=True, insert_default=new_id, default_factory=new_id
    )
    name: Mapped[str]
    parts: Mapped[list[Part]] = relationship(
        default_factory=list, order_by=Part.name, cascade="all, delete-orphan"
    )


class Untold(Base, kw_only=True):
    """A record of which no state is public."""

    __tablename__ = "untold"

    id: Mapped[UUID] = mapped_column(
        primary_key=True, insert_default=new_id, default_factory=new_id
    )
    name: Mapped[str]


copies = copy_table("thing_copies", Base.metadata, Column("name", String, nullable=False))


class ThingMoved(Event, name="thing.moved", version=1):
    """A thing stands elsewhere now."""

    to: str
    at: datetime | None = None


class ThingSold(Event, name="thing.sold", version=1, personal=True):
    """A thing has a new owner."""

    to: str


class ThingWeighed(Event, name="thing.weighed", version=1):
    """Nobody should weigh in floats."""

    kilograms: float


class ThingState(State, name="thing", version=1):
    """What others may know of a thing."""

    name: str
    parts: list[str]


@states(Thing, ThingState)
def state_of_thing(_: Session, thing: Thing) -> ThingState:
    return ThingState(name=thing.name, parts=[part.name for part in thing.parts])


class NeededThing(Needs):
    name = Text(required=True)
    parts = List(Text(), load_default=list)


def an_envelope(**changed: Any) -> dict[str, Any]:
    """A whole envelope of a thing's state, as the service `test` sends it."""
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/test",
        "type": "thing.state.v1",
        "subject": str(new_id()),
        "time": "2026-03-09T02:11:00Z",
        "datacontenttype": "application/json",
        "tenant": str(new_id()),
        "actor": None,
        "epoch": 0,
        "version": 1,
        "traceparent": None,
        "refill": False,
        "announcement": None,
        "data": {"name": "lamp", "parts": []},
        **{name: plain(value) for name, value in changed.items()},
    }


def a_delivery(document: Any, *, body: bytes | None = None, user: str = "test") -> Delivery:
    """What a consumer takes when `document` was sent, by itself or in an announcement."""
    whole = isinstance(document, dict)
    topic = document.get("type", "thing.state.v1") if whole else "thing.state.v1"
    exchange, key = EVENTS, topic
    if whole and document.get("announcement"):
        exchange, key = ANNOUNCE, f"leads.{topic}"
    return Delivery(1, 1, user, key, exchange, orjson.dumps(document) if body is None else body)


def until(condition: Callable[[], Any], within: float = 20.0) -> Any:
    """What `condition` answers once that is true; the test fails where it does not come true."""
    deadline = time.monotonic() + within
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)
    return answer
