"""Refusals and failures as problem documents, in the reader's language."""

from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from chassis import observe
from chassis.errors import LANGUAGES, Invalid, Refusal, Said, Stale, Unavailable, conflict_of
from chassis.idempotency import Replay

log = structlog.get_logger()

_FAILED = Said(
    "internal", zh="服务器出错了，我们已记录", en="Something broke here; it was recorded."
)
_OF_HTTP: dict[int, Said] = {
    400: Said("malformed", zh="请求格式不正确", en="The request could not be read."),
    404: Said("not-found", zh="没有这个地址", en="There is nothing at this address."),
    405: Said("method-not-allowed", zh="不支持这个方法", en="This method is not allowed here."),
    413: Said("too-large", zh="内容过大", en="The body is too large."),
    414: Said("too-long", zh="地址过长", en="The address is too long."),
    415: Said("wrong-content-type", zh="内容类型不正确", en="The content type is wrong."),
}
# Not a wrong request but a busy moment: serialisation, deadlock, lock or statement timeout.
_BUSY = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300"})


def install(app: Flask) -> None:
    """Let every exception of a request leave as an answer of the one problem format."""
    app.register_error_handler(Refusal, of_refusal)
    app.register_error_handler(Replay, of_replay)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(DBAPIError, of_database)
    app.register_error_handler(PoolTimeout, lambda _: of_refusal(Unavailable("pool")))
    app.register_error_handler(StaleDataError, lambda _: of_refusal(Stale()))
    app.register_error_handler(Exception, of_failure)


def of_refusal(refusal: Refusal) -> Response:
    """What the domain refused, field by field; a stale change with the record as it is."""
    extra: dict[str, Any] = {}
    if isinstance(refusal, Stale) and refusal.current is not None:
        extra["current"] = refusal.current
    faults = [
        {"field": fault.field, "code": str(fault.said), "message": fault.said.in_(language())}
        for fault in refusal.faults
    ]
    response = _problem(refusal.status, refusal.said, faults, **extra)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def of_replay(replay: Replay) -> Response:
    """The answer that the same call was given before."""
    headers = {"Idempotent-Replay": "true"} | ({"ETag": replay.etag} if replay.etag else {})
    return Response(replay.body, replay.status, headers, mimetype="application/json")


def of_http(error: HTTPException) -> Response:
    """What Flask and werkzeug refuse, with the headers that belong to it."""
    status = error.code or 500
    said = _OF_HTTP.get(status, _FAILED if status >= 500 else _OF_HTTP[400])
    response = _problem(status, said, [])
    for name, value in error.get_headers(request.environ):
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def of_database(error: DBAPIError) -> Response:
    """A database that is away or busy is a 503; a race that an index decided is a conflict."""
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, IntegrityError) and state == "23505":
        return of_refusal(conflict_of(error.orig.diag.constraint_name)())  # type: ignore[union-attr]
    if isinstance(error, DataError):
        return of_refusal(Invalid())
    if state is None or state in _BUSY or state.startswith("08") or error.connection_invalidated:
        log.warning("database.unavailable", sqlstate=state)
        return of_refusal(Unavailable())
    return of_failure(error)


def of_failure(error: Exception) -> Response:
    """Anything else is ours to mend: recorded in full, told to nobody."""
    log.exception("request.failed", exc_info=error)
    return _problem(500, _FAILED, [])


def language() -> str:
    """The language of the reader: zh-CN unless they prefer English."""
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def _problem(status: int, said: Said, faults: list[dict[str, str]], **extra: Any) -> Response:
    title = said.in_(language())
    document = {
        "type": f"urn:xiaoke:problem:{said}",
        "title": title,
        "status": status,
        "code": str(said),
        "detail": faults[0]["message"] if faults else title,
        "errors": faults,
        "request_id": observe.request_id(),
        **extra,
    }
    headers = {"Content-Language": language()}
    return Response(orjson.dumps(document), status, headers, mimetype="application/problem+json")
