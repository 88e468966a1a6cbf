"""Makers of test data: companies of their own, and people who sign in to them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis import calendar, db
from chassis.access import SERVICE_TOKEN_TYPE, KeySet, TokenCheck
from chassis.people import Organisation
from chassis.service import Service, encode_key
from chassis.settings import read
from chassis.testing import Client
from chassis.web import create_app
from identity import usecases
from identity.app import service as identity_service
from identity.models import Person, SignIn, Tenant
from identity.routes import own_keys
from identity.settings import Settings

PERMISSIONS = [
    {"key": "lead.view", "roles": {"salesperson": "own", "leader": "team", "admin": "all"}},
    {"key": "lead.create", "roles": {"salesperson": "own"}},
]


@pytest.fixture(scope="session")
def service() -> Service:
    return identity_service


@pytest.fixture(scope="session")
def bridge_key() -> Ed25519PrivateKey:
    """With which the bridge shows who it is."""
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def settings(stack: dict[str, Any], bridge_key: Ed25519PrivateKey) -> Settings:
    """The stack's own, so that its signing keys can be opened; the bridge is ours."""
    public = encode_key(bridge_key.public_key().public_bytes_raw())
    callers = json.dumps({"wecom-bridge": public, "leads": public})
    told = stack["test"]["environments"]["identity"]
    return read(Settings, told | {"XIAOKE_CALLERS": callers}, ("key_secret",))


@pytest.fixture(scope="module")
def make_app(
    service: Service, database: db.Database, settings: Settings, bridge_key: Ed25519PrivateKey
) -> Callable[[Settings], Flask]:
    """Makes the web application as it runs under some settings."""
    public = bridge_key.public_key().public_bytes_raw()

    def make(told: Settings) -> Flask:
        check = TokenCheck(KeySet(lambda: own_keys(database, told)))
        callers = {"wecom-bridge": public, "leads": public}
        return create_app(service, database=database, check=check, callers=callers, settings=told)

    return make


@pytest.fixture(scope="module")
def app(make_app: Callable[[Settings], Flask], settings: Settings) -> Flask:
    """The web application, which believes the tokens that it signs itself."""
    return make_app(settings)


@dataclass
class Company:
    """A company made for one test; change what is described of it and `tell` identity."""

    database: db.Database
    corp_id: str = field(default_factory=lambda: f"ww{uuid4().hex[:16]}")
    name: str = "试用公司"
    departments: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"key": "hq", "name": "总部", "parent": None},
            {"key": "east", "name": "华东销售部", "parent": "hq"},
        ]
    )
    people: list[dict[str, Any]] = field(
        default_factory=lambda: [
            _described("LiQiang", "李强", "hq", None, "leader", "salesperson"),
            _described("WangFang", "王芳", "east", "LiQiang", "salesperson"),
        ]
    )

    permissions: list[dict[str, Any]] = field(default_factory=lambda: PERMISSIONS)

    @property
    def id(self) -> UUID:
        return usecases.company_id(self.corp_id)

    def tell(self) -> Organisation:
        def describe(session: Session) -> Organisation:
            return usecases.seed_company(
                session,
                tenant_id=self.id,
                corp_id=self.corp_id,
                name=self.name,
                departments=self.departments,
                people=self.people,
                permissions=self.permissions,
            )

        return self.run(describe)

    def run(self, act: Callable[[Session], Any]) -> Any:
        """Do something in a transaction of this company."""
        token = db.database.set(self.database)
        try:
            with db.transaction(self.id) as tx:
                return act(tx.session)
        finally:
            db.database.reset(token)

    def person(self, userid: str) -> Person:
        return self.run(lambda s: s.query(Person).filter_by(userid=userid).one())

    def sign_ins(self) -> list[SignIn]:
        return self.run(lambda s: s.query(SignIn).order_by(SignIn.id).all())

    def disable(self, userid: str) -> None:
        self.run(lambda s: s.query(Person).filter_by(userid=userid).update({"disabled_at": "now"}))

    def suspend(self) -> None:
        self.run(lambda s: s.query(Tenant).update({"suspended_at": "now"}))


def _described(
    userid: str, name: str, department: str, reports_to: str | None, *roles: str
) -> dict[str, Any]:
    return {
        "userid": userid,
        "name": name,
        "department": department,
        "position": "客户经理",
        "reports_to": reports_to,
        "roles": list(roles),
    }


@pytest.fixture
def company(database: db.Database) -> Company:
    """A fresh company: 李强 leads, 王芳 sells."""
    made = Company(database)
    made.tell()
    return made


@pytest.fixture
def other_company(database: db.Database) -> Company:
    """Another company, with people of the same user ids."""
    made = Company(database)
    made.tell()
    return made


@pytest.fixture
def recorded_of(database: db.Database) -> Callable[..., list[dict[str, Any]]]:
    """Answers what a company recorded of one record, in order."""
    asked = text(
        "SELECT envelope->'data' FROM outbox WHERE tenant_id = :tenant AND topic = :topic"
        " AND envelope->>'subject' = :subject ORDER BY position"
    )

    def read(company: Company, topic: str, subject: UUID) -> list[dict[str, Any]]:
        facts = {"tenant": company.id, "topic": topic, "subject": str(subject)}
        with database.engine.connect() as connection:
            return list(connection.execute(asked, facts).scalars())

    return read


@pytest.fixture
def service_token(bridge_key: Ed25519PrivateKey) -> Callable[..., str]:
    """Makes what a sibling shows; `changed` claims make it a wrong one."""

    def make(me: str = "wecom-bridge", **changed: Any) -> str:
        now, subject = int(time.time()), f"service:{me}"
        claims = {"iss": subject, "sub": subject, "aud": "identity", "iat": now, "exp": now + 60}
        headers = {"typ": SERVICE_TOKEN_TYPE, "kid": me}
        return jwt.encode(claims | changed, bridge_key, "EdDSA", headers=headers)

    return make


@pytest.fixture
def bridge(app: Flask, service_token: Callable[..., str]) -> FlaskClient:
    """A client that calls as the bridge."""
    client = Client(app, app.response_class)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {service_token()}"
    return client


@pytest.fixture
def sign_in(bridge: FlaskClient) -> Callable[..., dict[str, Any]]:
    """Signs somebody in, as the bridge does after their login; answers what they are given."""

    def make(
        company: Company, userid: str = "WangFang", device: str | None = None
    ) -> dict[str, Any]:
        form = {"corp_id": company.corp_id, "userid": userid, "device": device}
        answer = bridge.post("/internal/v1/sessions", json=form)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    return make


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller who shows nothing, and whose cookies are their own affair."""
    return Client(app, app.response_class, use_cookies=False)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """Moves the clock to some time from now."""
    began, real = calendar.now(), calendar.now

    def move(**span: float) -> datetime:
        monkeypatch.setattr(calendar, "now", lambda: real() + timedelta(**span))
        return began + timedelta(**span)

    return move


@pytest.fixture
def until_blocked() -> Callable[[Session], None]:
    """Waits until somebody waits for what this session holds; fails after ten seconds."""
    waiting = text(
        "SELECT EXISTS (SELECT FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
    )

    def wait(session: Session) -> None:
        deadline = time.monotonic() + 10
        while not session.scalar(waiting):
            assert time.monotonic() < deadline, "nobody waits"

    return wait


@pytest.fixture
def bearer() -> Callable[[dict[str, Any]], dict[str, str]]:
    """Makes the header of a client that was given tokens."""
    return lambda granted: {"Authorization": f"Bearer {granted['access_token']}"}
