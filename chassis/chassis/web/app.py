"""The Flask application of a service: who calls, what is logged, and where faults go."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, g, request

from chassis import db, observe
from chassis.access import TokenCheck, check_service_token
from chassis.errors import SignInNeeded
from chassis.web import inbound, problems
from chassis.web.blueprint import Access
from chassis.web.openapi import describe

if TYPE_CHECKING:
    from chassis.service import Service

LARGEST_BODY = 1_000_000
log = structlog.get_logger()


def create_app(
    service: "Service",
    *,
    database: db.Database,
    check: TokenCheck,
    callers: dict[str, bytes],
    settings: Any = None,
) -> Flask:
    """Put the routes of a service behind the checks that every request passes."""
    app = Flask(service.package, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["settings"] = settings
    app.extensions["openapi"] = describe(app, service)
    problems.install(app)
    access = {name: a for blueprint in service.routes for name, a in blueprint.access.items()}
    _refuse_undeclared(app, access)

    @app.before_request
    def admit() -> None:
        headers = request.headers
        g.began = observe.begin(headers.get("X-Request-Id"), headers.get("traceparent"))
        db.database.set(database)
        db.call.set(None)
        declared = access.get(request.endpoint or "")
        if declared is None:
            return
        inbound.check_content_type()
        if declared.callers:
            caller = check_service_token(_bearer(), service.name, callers)
            if caller not in declared.callers:
                raise SignInNeeded("not for this caller")
            log.info("internal.called", caller=caller, endpoint=request.endpoint)
        elif not declared.is_anonymous:
            db.call.set(_call(check, declared, app.view_functions[str(request.endpoint)]))

    @app.after_request
    def leave(response: Response) -> Response:
        call = db.call.get()
        if call and not call.authorised and response.status_code < 400:
            raise RuntimeError(f"{request.endpoint} answered without asking for its permission")
        response.headers["X-Request-Id"] = observe.request_id()
        response.headers.setdefault("Cache-Control", "no-store")
        route = request.url_rule.rule if request.url_rule else "unknown"
        observe.measured(route, request.method, response.status_code, g.began)
        return response

    return app


def _call(check: TokenCheck, declared: Access, view: Callable[..., Any]) -> db.Call:
    identity = check(_bearer())
    key, request_hash = inbound.idempotency_key()
    return db.Call(
        identity=identity,
        permission=declared.key,
        key=key,
        request_hash=request_hash,
        if_match=request.headers.get("If-Match"),
        needs_version=request.method in {"PATCH", "DELETE"},
        view=getattr(view, "_view", None),
    )


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignInNeeded("no token")
    return token


def _refuse_undeclared(app: Flask, access: dict[str, Access]) -> None:
    """Deny by default: a service with a route that declares nobody does not start."""
    undeclared = sorted(set(app.view_functions) - set(access))
    if undeclared:
        raise RuntimeError(f"routes without a declared permission: {', '.join(undeclared)}")
