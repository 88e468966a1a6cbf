"""Callers with a token, whose every answer is held to the published interface."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis import db
from chassis.access import AUDIENCE, ISSUER, TOKEN_TYPE, Actor, KeySet, TokenCheck
from chassis.service import Service
from chassis.web import create_app

KID = "test"


@pytest.fixture(scope="session")
def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def token_check(signing_key: Ed25519PrivateKey) -> TokenCheck:
    """Believes the tests' own signing key and no other."""
    public = signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return TokenCheck(KeySet(lambda: {KID: public}))


@pytest.fixture(scope="module")
def app(service: Service, database: db.Database, token_check: TokenCheck) -> Flask:
    """The web application of the service under test."""
    return create_app(service, database=database, check=token_check, callers={})


class Client(FlaskClient):
    """A caller with a token, whose every answer is held to the published interface."""

    def open(self, *arguments: Any, **rest: Any) -> TestResponse:
        response = super().open(*arguments, **rest)
        _hold_to_interface(self.application, response)
        return response


@pytest.fixture
def client_of(app: Flask, signing_key: Ed25519PrivateKey) -> Callable[..., FlaskClient]:
    """Makes a client that calls as somebody, or as nobody."""

    def make(who: Actor | None = None) -> FlaskClient:
        client = Client(app, app.response_class)
        if who is not None:
            token = token_for(who, signing_key)
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return make


def token_for(who: Actor, key: Ed25519PrivateKey, kid: str = KID, **changed: Any) -> str:
    """An access token as identity would sign it; `changed` claims make it a wrong one."""
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(who.person_id),
        "tid": str(who.tenant_id),
        "sid": str(who.session_id),
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "jti": secrets.token_hex(8),
    }
    return jwt.encode(claims | changed, key, "EdDSA", headers={"typ": TOKEN_TYPE, "kid": kid})


def _hold_to_interface(app: Flask, response: TestResponse) -> None:
    """Fail the test whose answer the service's own OpenAPI document does not declare."""
    document = app.extensions["openapi"]
    rule = app.url_map.bind_to_environ(response.request.environ)
    try:
        matched, _ = rule.match(return_rule=True)
    except Exception:  # noqa: BLE001 - an address without a route has no declaration
        return
    path = matched.rule
    for argument in matched.arguments:
        path = path.replace(f"<uuid:{argument}>", f"{{{argument}}}")
    operation = document["paths"][path][response.request.method.lower()]
    declared = operation["responses"].get(str(response.status_code))
    assert declared, f"{path} answered {response.status_code}, which it does not declare"
    content = declared.get("content", {}).get(response.mimetype)
    if content is None:
        assert not response.data, f"{path} answered {response.mimetype}, which it does not declare"
        return
    shape = {**content["schema"], "components": document["components"]}
    jsonschema.validate(response.json, shape, jsonschema.Draft202012Validator)
