"""The envelope in which a fact travels: CloudEvents 1.0, written by one service, read by others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.access import Actor

CONTENT_TYPE = "application/cloudevents+json"


class BadEnvelope(Exception):
    """What arrived is no fact of ours; it is parked with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened to `subject`, as another service told it.

    `actor` is the person behind it, None where there was none; `by` is as whom use cases act on it.
    `data` is whole; a handler is given what its own schema needs of it.
    """

    id: UUID
    type: str
    source: str
    subject: UUID
    time: datetime
    tenant: UUID
    actor: UUID | None
    epoch: int
    version: int
    traceparent: str | None
    refill: bool
    announcement: UUID | None
    data: Mapping[str, Any]
    by: Actor


def plain(value: Any) -> Any:
    """A value as it stands in JSON; raises TypeError for what has no single form there."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} does not travel in an event: {value!r}")


def instant(moment: datetime) -> str:
    """An aware moment in RFC 3339 with `Z`; raises TypeError for one without a zone."""
    if moment.tzinfo is None:
        raise TypeError("a moment without a time zone does not travel in an event")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def check(document: Any, *, topic: str, source: str) -> dict[str, Any]:
    """The envelope that somebody sent under `topic`, once it is known to be whole.

    Raises BadEnvelope with the first thing that is wrong. `source` is who the broker says sent it.
    """
    if not isinstance(document, dict):
        raise BadEnvelope("not an object")
    try:
        _shape(document)
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope(f"{type(error).__name__}: {error}") from error
    if document["source"] != source:
        raise BadEnvelope(f"says {document['source']} and was sent by {source}")
    if document["type"] != topic:
        raise BadEnvelope(f"says {document['type']} and was sent as {topic}")
    return document


def _shape(document: dict[str, Any]) -> None:
    """Raises KeyError, TypeError or ValueError for an envelope that could not become a Fact."""
    if document["specversion"] != "1.0":
        raise ValueError("not CloudEvents 1.0")
    given = [name for name in ("actor", "announcement") if document.get(name) is not None]
    for name in ("source", "type", "time", "id", "subject", "tenant", *given):
        if not isinstance(document[name], str):
            raise TypeError(f"{name} is no text")
    for name in ("id", "subject", "tenant", *given):
        UUID(document[name])
    for name in ("epoch", "version"):
        if type(document[name]) is not int:
            raise TypeError(f"{name} is no whole number")
    if datetime.fromisoformat(document["time"]).tzinfo is None:
        raise ValueError("time has no zone")
    if not isinstance(document["data"], dict):
        raise TypeError("data is no object")


def fact(document: Mapping[str, Any], *, by: Actor) -> Fact:
    """The fact in an envelope that was checked when it was stored."""
    actor, announcement = document.get("actor"), document.get("announcement")
    return Fact(
        id=UUID(document["id"]),
        type=document["type"],
        source=document["source"],
        subject=UUID(document["subject"]),
        time=datetime.fromisoformat(document["time"]),
        tenant=UUID(document["tenant"]),
        actor=UUID(actor) if actor else None,
        epoch=document["epoch"],
        version=document["version"],
        traceparent=document.get("traceparent"),
        refill=bool(document.get("refill")),
        announcement=UUID(announcement) if announcement else None,
        data=document["data"],
        by=by,
    )
