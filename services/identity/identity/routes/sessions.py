"""Signing in and out over HTTP, who one is, and the keys that prove it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import dump_cookie

from chassis import calendar, db
from chassis.db import transaction
from chassis.errors import SignInNeeded, Unavailable
from chassis.service import encode_key
from chassis.web import ANONYMOUS, SIGNED_IN, Blueprint, Response
from identity import queries, usecases
from identity.models import NotInVisibleRange, RefreshToken
from identity.queries import NO_TENANT
from identity.schemas import (
    KeySetView,
    MeView,
    NewSession,
    OpenedView,
    Renewal,
    RenewedView,
    SessionView,
)
from identity.settings import Settings
from identity.usecases import Grant

sessions = Blueprint("sessions", url_prefix="/api/v1/sessions")
me = Blueprint("me", url_prefix="/api/v1/me")
internal = Blueprint("internal", url_prefix="/internal/v1")


@internal.internal("POST", "/sessions", callers={"wecom-bridge"})
@internal.arguments(NewSession)
@internal.answers(201, OpenedView)
def open_session(form: dict[str, Any]) -> Response:
    """Sign in somebody whom WeCom has vouched for."""
    with transaction(NO_TENANT) as tx:
        tenant_id = queries.tenant_of_corp(tx.session, corp_id=form.pop("corp_id"))
    if tenant_id is None:
        raise NotInVisibleRange
    with transaction(tenant_id) as tx:
        grant = usecases.open_sign_in(
            tx.session,
            tenant_id=tenant_id,
            sealing_key=_settings().sealing_key,
            now=calendar.now(),
            **form,
        )
        opened = {**asdict(grant), "cookies": _cookies(grant)}
        return tx.tell(OpenedView, opened, 201)


@internal.get("/keys", permission=ANONYMOUS)
@internal.answers(200, KeySetView)
def publish_keys() -> Response:
    """The public keys that access tokens are checked with."""
    with transaction(NO_TENANT) as tx:
        keys = _public_keys(tx, _settings()).items()
        jwks = [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": encode_key(x)} for kid, x in keys]
        return tx.tell(KeySetView, {"keys": jwks})


@sessions.post("/refresh", permission=ANONYMOUS, refuses=[401])
@sessions.arguments(Renewal, required=False)
@sessions.answers(200, RenewedView)
def refresh(form: dict[str, Any]) -> Response:
    """Stay signed in: a refresh token is good for one use, and for a moment after it.

    A browser shows it as a cookie and is given cookies; a client that sends it in the body is
    answered in the body. So no script of a page ever reads a token.
    """
    from_body, from_cookie = form.get("refresh_token"), request.cookies.get(_cookie_name("refresh"))
    shown = RefreshToken.read(from_body or from_cookie or "")
    if shown is None:
        raise SignInNeeded("no refresh token")
    with transaction(NO_TENANT) as tx:
        tenant_id = queries.tenant_of_refresh(tx.session, shown=shown)
    if tenant_id is None:
        raise SignInNeeded("unknown refresh token")
    with transaction(tenant_id) as tx:
        grant = usecases.renew_sign_in(
            tx.session,
            tenant_id=tenant_id,
            shown=shown,
            sealing_key=_settings().sealing_key,
            now=calendar.now(),
        )
    if grant is None:
        # What a stolen token ends is committed by now; a refusal inside would have undone it.
        raise SignInNeeded("used refresh token")
    if from_body:
        return tx.tell(RenewedView, asdict(grant))
    hidden = {**asdict(grant), "access_token": None, "refresh_token": None}
    return _with_cookies(tx.tell(RenewedView, hidden), _cookies(grant))


@sessions.post("/end", permission=SIGNED_IN)
@sessions.answers(200, SessionView)
def end() -> Response:
    """Sign out: this session ends, here and on every service."""
    with transaction() as tx:
        ended = usecases.end_sign_in(tx.session, by=tx.actor, now=calendar.now())
        response = tx.answer(SessionView, ended)
    return _with_cookies(response, [_cookie("access", "", 0), _cookie("refresh", "", 0)])


@me.get("", permission=SIGNED_IN)
@me.answers(200, MeView)
def show() -> Response:
    """Who you are, where you work, and what you may do."""
    with transaction() as tx:
        return tx.tell(MeView, queries.me(tx.session, by=tx.actor))


def own_keys(database: db.Database, settings: Settings) -> Mapping[str, bytes]:
    """How this service itself learns the keys that the others ask it for.

    Raises Unavailable where the database does not answer.
    """
    token = db.database.set(database)
    try:
        with transaction(NO_TENANT) as tx:
            return _public_keys(tx, settings)
    except SQLAlchemyError as error:
        raise Unavailable("signing keys") from error
    finally:
        db.database.reset(token)


def _public_keys(tx: db.Transaction, settings: Settings) -> Mapping[str, bytes]:
    sealing_key, now = settings.sealing_key, calendar.now()
    return usecases.public_keys(tx.session, sealing_key=sealing_key, now=now)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _cookies(grant: Grant) -> list[str]:
    return [
        _cookie("access", grant.access_token, grant.expires_in),
        _cookie("refresh", grant.refresh_token, grant.refresh_expires_in),
    ]


def _cookie(kind: str, token: str, lasts: int) -> str:
    """A Set-Cookie header. Strict would lose the cookies on the way back from the scan page."""
    return dump_cookie(
        _cookie_name(kind),
        token,
        max_age=lasts,
        secure=_settings().is_https,
        httponly=True,
        samesite="Lax",
        path="/",
        sync_expires=False,
    )


def _cookie_name(kind: str) -> str:
    """The prefix makes browsers refuse what came over plain http or from a sibling host."""
    return f"__Host-xk_{kind}" if _settings().is_https else f"xk_{kind}"


def _with_cookies(response: Response, cookies: list[str]) -> Response:
    for cookie in cookies:
        response.headers.add("Set-Cookie", cookie)
    return response
