"""JSON taken and given: marshmallow with the house's rules put in once.

Forms refuse what they do not know, and text that a database cannot hold. Every message is a
`Said`, so each refused field answers with a code and a sentence in the reader's language.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import marshmallow
from marshmallow import ValidationError, post_load, pre_load
from marshmallow import fields as _fields

from chassis import phones
from chassis.errors import Said

# Longest keyset cursor that a list gives out, with room to spare.
CURSOR_LENGTH = 300

WORDS: dict[str, Said] = {
    "required": Said("required", zh="此项必填", en="This is required."),
    "null": Said("null", zh="不能为空", en="This may not be null."),
    "unknown": Said("unknown-field", zh="没有这个字段", en="There is no such field."),
    "type": Said("wrong-type", zh="数据类型不正确", en="This has the wrong type."),
    "invalid": Said("wrong-type", zh="格式不正确", en="This has the wrong form."),
    "characters": Said(
        "bad-characters", zh="含有无法保存的字符", en="This has characters that cannot be kept."
    ),
    "length": Said(
        "wrong-length",
        zh="长度应为 {min} 到 {max} 个字符",
        en="This takes {min} to {max} characters.",
    ),
    "longest": Said("too-long", zh="最多 {max} 个字符", en="This takes at most {max} characters."),
    "range": Said("out-of-range", zh="应在 {min} 到 {max} 之间", en="Must be {min} to {max}."),
    "choice": Said("unknown-choice", zh="只能是：{choices}", en="Must be one of: {choices}."),
    "email": Said("bad-email", zh="邮箱格式不正确", en="This is not an e-mail address."),
    "phone": Said(
        "bad-phone",
        zh="号码只能包含数字、横线、括号、空格和加号，且少于 50 位",
        en="A number has digits, hyphens, brackets, spaces and '+', and under 50 characters.",
    ),
    "once": Said("given-twice", zh="参数重复", en="This may be given once only."),
}
_MARSHMALLOW = {
    "required": WORDS["required"],
    "null": WORDS["null"],
    "invalid_utf8": WORDS["characters"],
    "type": WORDS["type"],
}


UUID = _fields.UUID
Boolean = _fields.Boolean
Date = _fields.Date
Dict = _fields.Dict
List = _fields.List
Nested = _fields.Nested


class String(_fields.String):
    """Text without surrounding space; an empty one counts as none given."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        if any(ch == "\0" or 0xD800 <= ord(ch) <= 0xDFFF for ch in text):
            raise ValidationError(WORDS["characters"])
        return text.strip()


class Phone(String):
    """A telephone number as written (LEAD-04); the model keeps the form it is compared in."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        if not text:
            return text
        try:
            return phones.read(text).raw
        except phones.NotAPhone:
            raise ValidationError(WORDS["phone"]) from None


class Email(String):
    """An address; kept as NFKC text with the domain in lower case (rules 2)."""

    _SHAPE = re.compile(r"[^@\s,;:<>()\"\\]{1,64}@[\w-]+(?:\.[\w-]+)+")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = unicodedata.normalize("NFKC", super()._deserialize(value, attr, data, **rest))
        if not text:
            return text
        if len(text) > 254 or not self._SHAPE.fullmatch(text):
            raise ValidationError(WORDS["email"])
        name, _, domain = text.rpartition("@")
        return f"{name}@{domain.lower()}"


class Choice(String):
    """One of a closed set of lower_snake codes."""

    def __init__(self, choices: Any, **rest: Any) -> None:
        self.choices = tuple(str(choice) for choice in choices)
        # In JSON Schema an enum closes the value: null must be one of its members to be allowed.
        shown = [*self.choices, None] if rest.get("allow_none") else [*self.choices]
        rest.setdefault("metadata", {})["enum"] = shown
        super().__init__(**rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        if text not in self.choices:
            raise ValidationError(WORDS["choice"].format(choices=", ".join(self.choices)))
        return text


class Integer(_fields.Integer):
    """A whole number: a JSON number in a body, digits in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        is_text = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 18
        if is_text and isinstance(self.root, Query):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(WORDS["type"])
        return value


class Instant(_fields.AwareDateTime):
    """An instant: RFC 3339 in, UTC with `Z` out."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(format="iso", **rest)

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **rest: Any) -> Any:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **rest)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError(WORDS["invalid"]) from None


class Money(_fields.Field[Decimal]):
    """An amount as a JSON string with at most two decimals; it is never rounded silently."""

    _SHAPE = re.compile(r"-?\d{1,16}(?:\.\d{1,2})?")

    def _serialize(self, value: Decimal | None, attr: Any, obj: Any, **rest: Any) -> str | None:
        return None if value is None else f"{value:.2f}"

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> Decimal:
        if not isinstance(value, str) or not self._SHAPE.fullmatch(value):
            raise ValidationError(WORDS["invalid"])
        return Decimal(value)


class Shaped(String):
    """Text of a given shape, full-width forms folded; `refusal` says what it should have been."""

    def __init__(self, shape: str, refusal: Said, **rest: Any) -> None:
        self._shape, self._refusal = re.compile(shape), refusal
        super().__init__(**rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        text = unicodedata.normalize("NFKC", text)
        if text and not self._shape.fullmatch(text):
            raise ValidationError(self._refusal)
        return text


def length(most: int, least: int = 0) -> Any:
    """Between `least` and `most` characters."""
    said = WORDS["length" if least else "longest"].format(min=least, max=most)
    return marshmallow.validate.Length(least, most, error=said)


def between(least: int, most: int) -> Any:
    """A number from `least` to `most`, both included."""
    return marshmallow.validate.Range(least, most, error=WORDS["range"].format(min=least, max=most))


class Form(marshmallow.Schema):
    """Input: a field that it does not declare is refused."""

    error_messages = {"unknown": WORDS["unknown"], "type": WORDS["type"]}  # noqa: RUF012

    class Meta:
        unknown = marshmallow.RAISE

    def on_bind_field(self, field_name: str, field_obj: _fields.Field[Any]) -> None:
        _speak(field_obj)

    @post_load
    def empty_is_none(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: None if value == "" else value for name, value in given.items()}


def _speak(field: _fields.Field[Any]) -> None:
    """Give a marshmallow field the house's words in place of its English ones."""
    field.error_messages = {
        key: _MARSHMALLOW.get(key, WORDS["invalid"]) for key in field.error_messages
    }
    if isinstance(field, _fields.List):
        _speak(field.inner)


class Query(Form):
    """Input of a list in the query string: empty means not asked for, and each comes once."""

    @pre_load
    def given_once(self, asked: Any, **_: Any) -> dict[str, Any]:
        if not hasattr(asked, "to_dict"):
            return dict(asked)
        twice = [n for n, values in asked.to_dict(flat=False).items() if len(values) > 1]
        if twice:
            raise ValidationError({name: [WORDS["once"]] for name in twice})
        return {name: value for name, value in asked.items() if value != ""}


class Needs(marshmallow.Schema):
    """The part of an event's data that a handler needs; whatever else is in it passes by."""

    class Meta:
        unknown = marshmallow.EXCLUDE


class View(marshmallow.Schema):
    """Output: every field is always there, and the published interface says so."""

    def on_bind_field(self, field_name: str, field_obj: Any) -> None:
        field_obj.required = True


@cache
def dumper(view: type[View]) -> View:
    """The one instance of a view: making one copies all of its fields."""
    return view()


def faults_of(messages: Mapping[Any, Any] | list[Any], path: str = "") -> list[tuple[str, Said]]:
    """Flatten marshmallow's nested messages into (dotted path, what is said) pairs."""
    if isinstance(messages, Mapping):
        found: list[tuple[str, Said]] = []
        for key, inner in messages.items():
            step = "" if key == "_schema" else str(key)
            found += faults_of(inner, ".".join(filter(None, (path, step))))
        return found
    return [(path, m if isinstance(m, Said) else WORDS["invalid"]) for m in messages]
