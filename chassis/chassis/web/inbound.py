"""Reading a request strictly: one meaning for every byte, or a refusal."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow
from flask import Request, request
from webargs.flaskparser import FlaskParser

from chassis.errors import FieldFault, Invalid, Malformed, Refusal
from chassis.schema import faults_of

UNSAFE = frozenset({"POST", "PATCH", "DELETE"})
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class WrongType(Refusal):
    status = 415
    code = "wrong-content-type"
    zh = "请求体须为 application/json"
    en = "The body must be application/json."


class BadKey(Malformed):
    code = "bad-idempotency-key"
    zh = "幂等键须为 1 到 128 个可见的 ASCII 字符"
    en = "An idempotency key has 1 to 128 visible ASCII characters."


class StrictParser(FlaskParser):
    """webargs with JSON that has one meaning, and with our refusals for its errors."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}  # noqa: RUF012

    def load_json(self, req: Request, schema: Any) -> Any:
        body = req.get_data()
        return read_json(body) if body else {}

    def load_querystring(self, req: Request, schema: Any) -> Any:
        return req.args

    def handle_error(self, error: marshmallow.ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages = error.messages
        inner = next(iter(messages.values())) if isinstance(messages, Mapping) else messages
        raise Invalid(faults=[FieldFault(path, said) for path, said in faults_of(inner)])


def read_json(body: bytes) -> Any:
    """Parse JSON; raises Malformed for duplicate keys, NaN and whatever else is no JSON."""
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_without_twins, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        raise Malformed("json") from None


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def check_content_type() -> None:
    """Raises WrongType for a body that is not JSON."""
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if request.method in UNSAFE and has_body and request.mimetype != "application/json":
        raise WrongType


def idempotency_key() -> tuple[str | None, bytes]:
    """The key of an unsafe call, if it has one, and the hash of what is asked under it.

    Raises BadKey for a key that could not be kept.
    """
    if request.method not in UNSAFE or "Idempotency-Key" not in request.headers:
        return None, b""
    key = request.headers["Idempotency-Key"]
    if not _KEY.fullmatch(key):
        raise BadKey
    asked = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    asked.update(request.get_data())
    return key, asked.digest()
