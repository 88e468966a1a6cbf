"""What can go wrong on the way to a session, as a page for people and a problem for programs."""

from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from chassis import observe
from sandbox.world import world


@dataclass
class Refused(Exception):
    """The login stops here; `detail` is told to the person, in Chinese."""

    status: int
    code: str
    detail: str


def bad_request(detail: str) -> Refused:
    return Refused(400, "malformed", detail)


def lapsed() -> Refused:
    """Also for a state or code that never was: the two are not told apart."""
    return Refused(410, "login-lapsed", "登录已失效或已使用，请重新登录")


def not_this_browser() -> Refused:
    return Refused(403, "login-elsewhere", "这次登录不是在当前浏览器发起的，请重新登录")


def nobody() -> Refused:
    return Refused(404, "not-found", "没有这个人")


def of_http(error: HTTPException) -> Refused:
    """What the web framework itself refuses: an address or a method that is not here."""
    return Refused(error.code or 500, "refused", "没有这个页面，或请求有误")


def unavailable() -> Refused:
    return Refused(503, "unavailable", "服务暂时不可用，请稍后重试")


def wants_json() -> bool:
    """Whether a program asks: a browser always prefers a page."""
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def answer(refused: Refused) -> Response:
    """The refusal in the form that the caller asked for."""
    if wants_json():
        response = Response(orjson.dumps(_problem(refused)), mimetype="application/problem+json")
    else:
        page = _page(refused)
        response = Response(page, mimetype="text/html")
    response.status_code = refused.status
    if refused.status == 503:
        response.headers["Retry-After"] = "2"
    return response


def _page(refused: Refused) -> str:
    return render_template(
        "refused.html",
        detail=refused.detail,
        retry=f"{world().settings.gateway}/api/v1/wecom/login",
        request_id=observe.request_id(),
    )


def _problem(refused: Refused) -> dict[str, Any]:
    return {
        "type": f"urn:xiaoke:problem:{refused.code}",
        "title": refused.detail,
        "status": refused.status,
        "code": refused.code,
        "detail": refused.detail,
        "errors": [],
        "request_id": observe.request_id(),
    }
