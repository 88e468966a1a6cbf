"""The bridge's login routes, which the gateway sends here until the bridge is there."""

import re
import secrets
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from chassis.errors import Unavailable
from sandbox import refusals
from sandbox.refusals import Refused, wants_json
from sandbox.world import STATE_LASTS, Login, Scanned, world

PREFIX = "/api/v1/wecom/login"
STATE_COOKIE = "xk_login"
LONGEST_DEVICE = 200
CLIENTS = {"pc": "/pc/", "mobile": "/m/"}
# A path of our own site. Browsers read a second slash, or a backslash, as the start of a host,
# and leave out tabs and line ends wherever they stand.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,2000}")

login = Blueprint("login", __name__, url_prefix=PREFIX)


@login.get("")
def begin() -> Response:
    """Send the browser to the scan page, with a cookie that ties the answer to this browser."""
    here = world()
    wanted = request.args.get("redirect", "")
    home = CLIENTS.get(request.args.get("client", ""), "/")
    state = here.logins.issue(Login(wanted if _OWN_PATH.fullmatch(wanted) else home))
    query = urlencode({"state": state, "redirect_uri": here.settings.callback})
    response = redirect(f"{here.settings.own_url}/scan?{query}")
    response.set_cookie(STATE_COOKIE, state, max_age=STATE_LASTS, **_cookie_kind())
    return response


@login.get("/callback")
def finish() -> Response:
    """Turn the code of a scan into a session.

    A browser is given cookies and sent on; a program that asks for JSON is given the token.
    """
    here, state = world(), request.args.get("state", "")
    if not secrets.compare_digest(state.encode(), request.cookies.get(STATE_COOKIE, "").encode()):
        raise refusals.not_this_browser()
    begun, scanned = here.logins.take(state), here.codes.take(request.args.get("code", ""))
    if begun is None or scanned is None:
        raise refusals.lapsed()
    granted = _open_session(scanned)
    if wants_json():
        token = {name: granted[name] for name in ("access_token", "token_type", "expires_in")}
        response = Response(orjson.dumps(token), mimetype="application/json")
    else:
        response = redirect(begun.redirect)
        for cookie in granted["cookies"]:
            response.headers.add("Set-Cookie", cookie)
    response.delete_cookie(STATE_COOKIE, **_cookie_kind())
    return response


def _open_session(scanned: Scanned) -> dict[str, Any]:
    """What identity gives somebody who was scanned.

    Raises Refused with identity's own words for who may not come in, Unavailable without an answer.
    """
    device = request.headers.get("User-Agent", "")[:LONGEST_DEVICE]
    form = {"corp_id": scanned.corp_id, "userid": scanned.userid, "device": device}
    answer = world().identity.call("POST", "/internal/v1/sessions", form)
    told: dict[str, Any] = answer.json() if answer.status_code in {201, 403} else {}
    if answer.status_code == 403:
        raise Refused(403, told["code"], told["detail"])
    if answer.status_code != 201:
        raise Unavailable("identity", answer.status_code)
    return told


def _cookie_kind() -> dict[str, Any]:
    is_https = world().settings.gateway.startswith("https://")
    return {"path": PREFIX, "httponly": True, "samesite": "Lax", "secure": is_https}
