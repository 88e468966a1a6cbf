"""The facts a service announces: how they are declared, recorded, and stated anew at commit."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar, dataclass_transform
from uuid import UUID

from sqlalchemy import event as hooks
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from chassis import calendar, outbox
from chassis.envelope import plain
from chassis.records import Record, new_id

R = TypeVar("R", bound=Record)


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Event:
    """A thing that happened: `class BookingCancelled(Event, name="booking.cancelled", version=1)`.

    Its annotated fields are its data. One that carries personal data says `personal=True`, and is
    emptied a week after it was published.
    """

    topic: ClassVar[str] = ""
    personal: ClassVar[bool] = False

    def __init_subclass__(cls, *, name: str = "", version: int = 1, personal: bool = False) -> None:
        super().__init_subclass__()
        if name:
            cls.topic = f"{name}.v{version}"
        cls.personal = personal
        dataclass(frozen=True, kw_only=True)(cls)


class State(Event):
    """What others may know of a record, whole, after every change; `name` is its noun."""

    noun: ClassVar[str] = ""

    def __init_subclass__(cls, *, name: str, version: int = 1, personal: bool = False) -> None:
        super().__init_subclass__(name=f"{name}.state", version=version, personal=personal)
        cls.noun = name


@dataclass(frozen=True)
class Stated:
    """How the public state of a model's records is built."""

    model: type[Any]
    kind: type[State]
    build: Callable[[Session, Any], State]


_stated: dict[type[Any], Stated] = {}


def states(
    model: type[R], kind: type[State]
) -> Callable[[Callable[[Session, R], State]], Callable[[Session, R], State]]:
    """Declare by which function the state of a record is built, from its row and its children.

    From then on every transaction that changes, records or touches such a row states it at commit.
    """

    def declare(build: Callable[[Session, R], State]) -> Callable[[Session, R], State]:
        _stated[model] = Stated(model, kind, build)
        return build

    return declare


def stated(noun: str) -> list[Stated]:
    """The models whose states are announced under a noun."""
    return [one for one in _stated.values() if one.kind.noun == noun]


def record(session: Session, event: Event, *, of: Record, id: UUID | None = None) -> UUID:
    """Write down that `event` happened to `of`; it leaves once the transaction is committed.

    The row's version rises if nothing else in this transaction changed it, so that what is told of
    one record can be put in order. `id` is given where two versions of one fact are recorded.
    Returns the id of the event; raises TypeError for data that has no single form in JSON.
    """
    session.flush()
    touch(session, of)
    session.flush()
    return outbox.write(session, event_id=id or new_id(), said=said(event), of=of)


def touch(session: Session, row: Record) -> None:
    """Say that a record changed though its own row did not: a child did."""
    if not _has_changed(session, row):
        row.updated_at = calendar.now()


def settle(session: Session) -> int:
    """State every record that this transaction changed, each once; returns what it announces.

    Comes last before the commit, so that what is stated is what the others will find.
    """
    session.flush()
    rows = [row for row, _ in _changed(session).values() if type(row) in _stated]
    for row in rows:
        if _has_changed(session, row):
            state = _stated[type(row)].build(session, row)
            outbox.write(session, event_id=new_id(), said=said(state), of=row)
    _changed(session).clear()
    return outbox.written(session)


def said(event: Event) -> outbox.Said:
    """An event as it stands in the outbox."""
    values = {field.name: plain(getattr(event, field.name)) for field in fields(event)}  # type: ignore[arg-type]
    return outbox.Said(topic=event.topic, personal=event.personal, data=values)


def _changed(session: Session) -> dict[int, tuple[Any, int]]:
    """The rows whose version rose in this transaction, and to what at first; by their address."""
    changed: dict[int, tuple[Any, int]] = session.info.setdefault("changed", {})
    return changed


def _has_changed(session: Session, row: Any) -> bool:
    """Whether a row's version rose in this transaction, and no savepoint took that back."""
    _, version = _changed(session).get(id(row), (row, None))
    return version is not None and inspect(row).persistent and row.version >= version


@hooks.listens_for(Session, "before_flush")
def _touch_parents(session: Session, *_: Any) -> None:
    """A child that comes or goes changes its parent, whose version would not rise by itself."""
    for row in session.dirty:
        if isinstance(row, Record) and session.is_modified(row) and not _is_written(session, row):
            touch(session, row)


@hooks.listens_for(Session, "after_flush")
def _note_changes(session: Session, _: Any) -> None:
    for row in (*session.new, *session.dirty):
        if isinstance(row, Record) and (row in session.new or _is_written(session, row)):
            _changed(session).setdefault(id(row), (row, row.version))


def _is_written(session: Session, row: Record) -> bool:
    """Whether a flush changes the row itself, and not only which children it has."""
    return session.is_modified(row, include_collections=False)
