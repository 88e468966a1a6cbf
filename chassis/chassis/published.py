"""The published shape of an event's data, as JSON Schema, derived from its class."""

import types
import typing
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from inspect import getdoc
from typing import Any
from uuid import UUID

from chassis.events import Event

Shape = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: dict[Any, Shape] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
}


def schema_of(kind: type[Event], source: str) -> Shape:
    """What `api/events/<topic>.json` says of an event that `source` announces.

    Additional properties are allowed: within a version a later producer may say more. Raises
    TypeError for a field whose type has no single form in JSON.
    """
    return {
        "$schema": DIALECT,
        "title": kind.topic,
        "description": " ".join((getdoc(kind) or "").split()),
        "x-source": f"/{source}",
        "x-personal": kind.personal,
        **_object(kind),
    }


def _object(kind: type[Any]) -> Shape:
    hints = {
        name: hint
        for name, hint in typing.get_type_hints(kind).items()
        if typing.get_origin(hint) is not typing.ClassVar
    }
    return {
        "type": "object",
        "required": list(hints),
        "properties": {name: _shape(hint) for name, hint in hints.items()},
    }


def _shape(hint: Any) -> Shape:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return {"anyOf": [_shape(one) for one in inner]}
    if origin is typing.Literal:
        return {"type": "string", "enum": list(inner)}
    if origin is list:
        return {"type": "array", "items": _shape(inner[0])}
    if origin is dict and inner[0] is str:
        return {"type": "object", "additionalProperties": _shape(inner[1])}
    if hint is type(None):
        return {"type": "null"}
    if typing.is_typeddict(hint):
        return _object(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"type": "string", "enum": [str(one) for one in hint]}
    if hint not in _PLAIN:
        raise TypeError(f"{hint!r} does not travel in an event")
    return dict(_PLAIN[hint])
