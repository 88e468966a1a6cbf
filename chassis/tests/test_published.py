"""The file of an event says exactly what its class can say."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypedDict
from uuid import UUID

import jsonschema
import pytest
from things import ThingMoved, ThingSold

from chassis.events import Event, said
from chassis.published import schema_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Corner(TypedDict):
    name: str
    height: int | None


class EverythingSaid(Event, name="everything.said", version=2):
    """All that
    can be said."""

    text: str
    yes: bool
    number: int
    id: UUID
    at: datetime
    on: date
    amount: Decimal
    colour: Colour
    side: Literal["left", "right"]
    corners: list[Corner]
    counts: dict[str, int]
    maybe: str | None


def test_every_type_has_its_shape():
    assert schema_of(EverythingSaid, "shop")["properties"] == {
        "text": {"type": "string"},
        "yes": {"type": "boolean"},
        "number": {"type": "integer"},
        "id": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "on": {"type": "string", "format": "date"},
        "amount": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
        "colour": {"type": "string", "enum": ["red", "blue"]},
        "side": {"type": "string", "enum": ["left", "right"]},
        "corners": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "height"],
                "properties": {
                    "name": {"type": "string"},
                    "height": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
            },
        },
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }


def test_a_schema_names_its_topic_its_source_and_what_it_is_for():
    schema = schema_of(EverythingSaid, "shop")

    assert (schema["title"], schema["x-source"]) == ("everything.said.v2", "/shop")
    assert schema["description"] == "All that can be said."


def test_every_field_is_required_even_one_with_a_default():
    assert schema_of(ThingMoved, "shop")["required"] == ["to", "at"]


def test_a_later_producer_may_say_more():
    assert "additionalProperties" not in schema_of(ThingMoved, "shop")


def test_a_personal_event_is_published_as_such():
    assert schema_of(ThingSold, "shop")["x-personal"] is True
    assert schema_of(ThingMoved, "shop")["x-personal"] is False


def test_what_is_recorded_fits_its_schema():
    event = EverythingSaid(
        text="x",
        yes=True,
        number=1,
        id=UUID(int=1),
        at=datetime.fromisoformat("2026-03-09T02:11:00+08:00"),
        on=date(2026, 3, 9),
        amount=Decimal("-1E+2"),
        colour=Colour.RED,
        side="left",
        corners=[{"name": "a", "height": None}],
        counts={"a": 1},
        maybe=None,
    )

    jsonschema.validate(
        said(event).data,
        schema_of(EverythingSaid, "shop"),
        jsonschema.Draft202012Validator,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


@pytest.mark.parametrize("kind", [float, bytes, set[str], Any, dict[int, str], object, complex])
def test_a_field_that_has_no_single_form_is_not_published(kind):
    class Odd(Event, name="odd.said", version=1):
        pass

    Odd.__annotations__ = {"field": kind}

    with pytest.raises(TypeError, match="does not travel"):
        schema_of(Odd, "shop")
