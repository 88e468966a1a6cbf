"""WeCom's scan page: whoever opens it chooses who they are."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox import refusals
from sandbox.world import Scanned, world

scan = Blueprint("scan", __name__, url_prefix="/scan")


@scan.get("")
def offer() -> str:
    """Everybody who can be scanned, by company."""
    state = _state(request.args.get("state", ""), request.args.get("redirect_uri"))
    here = world()
    return render_template(
        "scan.html", companies=here.companies, state=state, redirect_uri=here.settings.callback
    )


@scan.post("")
def confirm() -> Response:
    """Somebody confirms the login on their phone: a code that is good once leads back."""
    form, here = request.form, world()
    state = _state(form.get("state", ""), form.get("redirect_uri"))
    corp_id, userid = form.get("corp_id", ""), form.get("userid", "")
    if not any(c.corp_id == corp_id and c.employs(userid) for c in here.companies):
        raise refusals.nobody()
    code = here.codes.issue(Scanned(corp_id, userid))
    query = urlencode({"code": code, "state": state})
    return redirect(f"{here.settings.callback}?{query}")


def _state(state: str, redirect_uri: str | None) -> str:
    """The state of a login under way.

    Raises Refused for a state that has lapsed, and for an address that is not the gateway's.
    """
    if redirect_uri not in (None, world().settings.callback):
        raise refusals.bad_request("redirect_uri 不是本机网关的地址")
    if world().logins.look_at(state) is None:
        raise refusals.lapsed()
    return state
