"""A service of the tests' own, so that the chassis is tried without any sales noun."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, MetaData, create_engine, text
from things import Base

from chassis import db
from chassis.db import transaction
from chassis.service import Service
from chassis.tables import walled, with_driver
from chassis.web import ANONYMOUS, SIGNED_IN, Blueprint, Response

tries = Blueprint("tries", url_prefix="/api/v1/tries")


@tries.get("/open", permission=ANONYMOUS)
@tries.answers(200)
def open_door() -> Response:
    return Response("{}", mimetype="application/json")


@tries.get("/unasked", permission=SIGNED_IN)
@tries.answers(200)
def forgetful() -> Response:
    """Answers without ever opening a transaction, so nobody asked who calls."""
    return Response("{}", mimetype="application/json")


@tries.get("/me", permission=SIGNED_IN)
@tries.answers(200)
def name_of_caller() -> Response:
    with transaction() as tx:
        return Response(orjson.dumps({"name": tx.actor.name}), mimetype="application/json")


@tries.get("/broken", permission=ANONYMOUS)
@tries.answers(200)
def broken() -> Response:
    raise ValueError("SELECT secret FROM /etc/passwd")


@tries.internal("GET", "/internal", callers={"wecom-bridge"})
@tries.answers(200)
def for_siblings() -> Response:
    return Response("{}", mimetype="application/json")


@pytest.fixture(scope="session")
def service() -> Service:
    """Stands on the database of leads, of which it uses the chassis' tables only."""
    return Service(name="leads", tables=MetaData(), routes=[tries])


@pytest.fixture(scope="module")
def owner(alone, database) -> Iterator[Engine]:
    """The database as the role that owns its tables."""
    engine = create_engine(with_driver(alone["databases"]["leads"]["owner"]))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def things(owner) -> Iterator[None]:
    """The tables of things, for one module of tests."""
    Base.metadata.drop_all(owner)
    with owner.begin() as connection:
        Base.metadata.create_all(connection)
        role = connection.execute(text("SELECT current_user")).scalar_one()
        for table in Base.metadata.tables:
            for statement in walled(table, role, "SELECT, INSERT, UPDATE, DELETE"):
                connection.execute(text(statement))
    yield
    Base.metadata.drop_all(owner)


@pytest.fixture
def quiet(owner) -> None:
    """Nothing of earlier tests is under way."""
    with owner.begin() as connection:
        connection.execute(text("UPDATE outbox SET published_at = now()"))
        connection.execute(text("UPDATE inbox SET state = 'done', envelope = NULL"))


@pytest.fixture
def rows(owner) -> Callable[..., list[Any]]:
    """Asks or changes the database, past every wall."""

    def ask(statement: str, **facts: Any) -> list[Any]:
        with owner.begin() as connection:
            result = connection.execute(text(statement), facts)
            return list(result) if result.returns_rows else []

    return ask


@pytest.fixture
def working(database) -> Iterator[Any]:
    """Opens transactions of a tenant, each committed where its block ends."""
    token = db.database.set(database)
    yield db.transaction
    db.database.reset(token)
