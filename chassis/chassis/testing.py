"""The pytest plugin: a fresh tenant per test, real commits, and clients that sign in.

Tests run against the databases of the running test stack, as the role that runs the service.
Nothing is cleaned up: a test sees its own tenant and no other, so tests may run side by side.
"""

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jsonschema
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from chassis import calendar, db, observe, people
from chassis.access import AUDIENCE, ISSUER, TOKEN_TYPE, Actor, KeySet, Scope, TokenCheck, merge
from chassis.service import Service
from chassis.tables import with_driver
from chassis.web import create_app

KID = "test"


def pytest_configure() -> None:
    """Log as the running services do: one line of JSON, without the values of local names."""
    observe.start_logging("test", "info", sys.__stderr__.buffer if sys.__stderr__ else None)


@pytest.fixture(scope="session")
def stack() -> dict[str, Any]:
    """What the running test stack says of itself."""
    path = os.environ.get("XIAOKE_STACK")
    if not path:
        pytest.exit("no test stack: run the tests with `make test`", returncode=3)
    described: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return described


@pytest.fixture(scope="session")
def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def database(stack: dict[str, Any], service: Service) -> Iterator[db.Database]:
    """The database of the service under test, as its application role."""
    opened = db.Database(stack["databases"][service.package], pool_size=20)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def token_check(signing_key: Ed25519PrivateKey) -> TokenCheck:
    """Believes the tests' own signing key and no other."""
    public = signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return TokenCheck(KeySet(lambda: {KID: public}))


@pytest.fixture(scope="module")
def app(service: Service, database: db.Database, token_check: TokenCheck) -> Flask:
    """The web application of the service under test."""
    return create_app(service, database=database, check=token_check, callers={})


@dataclass
class Crew:
    """A tenant made for one test, and the people in it."""

    database: db.Database
    id: UUID = field(default_factory=uuid4)
    time_zone: str = "Asia/Shanghai"
    told: people.Organisation = field(init=False)

    def __post_init__(self) -> None:
        tenant = {"id": self.id, "name": "试用公司", "time_zone": self.time_zone, "version": 1}
        self.told = people.Organisation(tenant, [], [], [])
        self._keep()

    def department(self, name: str, parent: UUID | None = None) -> UUID:
        """A department, perhaps below another."""
        department = {"id": uuid4(), "name": name, "parent_id": parent, "version": 1}
        self.told.departments.append({"tenant_id": self.id, **department})
        self._keep()
        return department["id"]  # type: ignore[return-value]

    def person(
        self,
        name: str = "某人",
        *,
        grants: dict[str, Scope] | None = None,
        reports_to: Actor | None = None,
        departments: tuple[UUID, ...] = (),
        disabled_at: datetime | None = None,
    ) -> Actor:
        """Somebody with these grants, as the actor they would be in a transaction."""
        person_id, session_id = uuid4(), uuid4()
        state = {
            "tenant_id": self.id,
            "id": person_id,
            "name": name,
            "superior_id": reports_to and reports_to.person_id,
            "department_ids": list(departments),
            "role_ids": [],
            "grants": grants or {},
            "revoked_sessions": [],
            "disabled_at": disabled_at,
            "version": 1,
        }
        self.told.people.append(state)
        self._keep()
        permissions = merge([grants or {}])
        return Actor(self.id, person_id, session_id, name, self.time_zone, permissions)

    def change(self, person: Actor, **state: Any) -> None:
        """Let identity have told something newer of a person."""
        known = next(p for p in self.told.people if p["id"] == person.person_id)
        newer = {**known, **state, "version": known["version"] + 1}
        self.told.people[self.told.people.index(known)] = newer
        self._keep()

    def _keep(self) -> None:
        token = db.database.set(self.database)
        with db.transaction(self.id) as tx:
            people.keep(tx.session, self.told)
        db.database.reset(token)


@pytest.fixture
def crew(database: db.Database) -> Crew:
    """A fresh tenant."""
    return Crew(database)


@pytest.fixture
def other_crew(database: db.Database) -> Crew:
    """Another tenant, whose people must see nothing of the first one's."""
    return Crew(database)


@pytest.fixture
def session(database: db.Database, crew: Crew) -> Iterator[Session]:
    """A session in the crew's tenant; what it holds is committed at the end of the test."""
    token = db.database.set(database)
    with db.transaction(crew.id) as tx:
        yield tx.session
    db.database.reset(token)


@pytest.fixture
def now() -> datetime:
    return calendar.now()


@pytest.fixture
def plans_of(stack: dict[str, Any], service: Service) -> Callable[..., list[str]]:
    """Runs a query function and answers how PostgreSQL planned each statement that it made."""
    # Only the owner of a table may gather its statistics.
    owner = create_engine(with_driver(stack["test"]["owners"][service.package]))

    def explain(session: Session, run: Callable[[], object]) -> list[str]:
        with owner.begin() as connection:
            connection.execute(text("ANALYZE"))
        owner.dispose()
        made: list[tuple[str, Any]] = []

        def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
            made.append((statement, parameters))

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        run()
        event.remove(engine, "before_cursor_execute", note)
        connection = session.connection()
        return [
            "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", parameters))
            for sql, parameters in made
        ]

    return explain


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
