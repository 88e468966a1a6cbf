"""Where the sandbox is put together."""

from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from chassis import observe
from chassis.errors import Unavailable
from chassis.http import Sibling
from chassis.service import decode_key
from sandbox import refusals
from sandbox.companies import read_companies
from sandbox.login import login
from sandbox.refusals import Refused
from sandbox.scan import scan
from sandbox.world import World

BRIDGE = "wecom-bridge"


def create_app(settings: Any) -> Flask:
    """WeCom's scan page, and the login routes of the bridge until there is one."""
    app = Flask("sandbox", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    key = decode_key(settings.service_key)
    identity = Sibling(settings.identity_url, name="identity", me=BRIDGE, key=key)
    app.extensions["world"] = World(settings, read_companies(settings.demo), identity)
    app.register_blueprint(scan)
    app.register_blueprint(login)
    app.register_error_handler(Refused, refusals.answer)
    app.register_error_handler(Unavailable, lambda _: refusals.answer(refusals.unavailable()))
    app.register_error_handler(HTTPException, lambda e: refusals.answer(refusals.of_http(e)))

    @app.before_request
    def begin() -> None:
        observe.begin(request.headers.get("X-Request-Id"), request.headers.get("traceparent"))

    @app.after_request
    def protect(response: Response) -> Response:
        """Nothing here is kept, framed or scripted; a scan leads back to the gateway."""
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
            f"form-action 'self' {settings.gateway}"
        )
        return response

    @app.get("/health")
    def health() -> Response:
        return Response("well\n", mimetype="text/plain")

    return app
