"""A service of the tests' own, so that the chassis is tried without any sales noun."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import orjson
import pika
import pytest
from cable import cable_to
from desk import Desk
from lines import PATIENCE, delete_queues
from sqlalchemy import Engine, MetaData, create_engine, text
from things import Base, an_envelope

from chassis import broker, db
from chassis.broker import EVENTS, Consumer, Publisher
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
    """Nothing of earlier tests is under way, and no tenant of theirs is asked for."""
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM org_tenants"))
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
def somebody_waits(rows) -> Callable[[], bool]:
    """Answers whether a connection to the database waits for another one's lock."""
    asked = (
        "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()"
    )
    return lambda: bool(rows(asked))


@pytest.fixture
def working(database) -> Iterator[Any]:
    """Opens transactions of a tenant, each committed where its block ends."""
    token = db.database.set(database)
    yield db.transaction
    db.database.reset(token)


@pytest.fixture
def desk(database):
    return Desk(database)


@pytest.fixture
def row_of(rows):
    def read(document):
        (row,) = rows("SELECT * FROM inbox WHERE event_id = :id", id=document["id"])
        return row

    return read


@pytest.fixture
def names(rows, crew):
    """Answers the names of the things that a tenant has."""

    def read(tenant=None):
        asked = "SELECT name FROM things WHERE tenant_id = :tenant ORDER BY created_at"
        return [row.name for row in rows(asked, tenant=tenant or crew.id)]

    return read


@pytest.fixture
def later(rows):
    """Lets the time pass until everything that was postponed is due."""
    return lambda: rows("UPDATE inbox SET next_at = now() WHERE state = 'pending'")


@pytest.fixture
def told(crew):
    """Makes the envelope of a thing of the crew's, by its name."""
    return lambda name="lamp", **more: an_envelope(tenant=crew.id, data={"name": name}, **more)


@pytest.fixture
def topic():
    return f"thing.t{uuid4().hex}.v1"


@pytest.fixture
def queue(alone, topic):
    """A queue that hears of the topic."""
    name = f"heard-{uuid4()}"
    broker.declare(alone["broker"], name, [(EVENTS, topic)])
    yield name
    delete_queues(alone["broker"], name)


@pytest.fixture
def cable(alone):
    """A cable to the broker that the test may pull."""
    wanted = pika.URLParameters(alone["broker"])
    with cable_to((wanted.host, wanted.port)) as cable:
        yield cable


@pytest.fixture
def address(alone, cable):
    """The broker's address at the near end of the cable."""
    port = pika.URLParameters(alone["broker"]).port
    return alone["broker"].replace(f":{port}/", f":{cable.port}/")


@pytest.fixture
def opened():
    """Closes at the end what a test opens."""
    things = []

    def keep(thing):
        things.append(thing)
        return thing

    yield keep
    for thing in things:
        thing.close()


@pytest.fixture
def publisher(opened):
    def make(url):
        made = opened(Publisher(url))
        assert made.wait_up(PATIENCE)
        return made

    return make


@pytest.fixture
def consumer(opened, queue):
    def make(url, prefetch=100):
        made = opened(Consumer(url, queue, prefetch=prefetch))
        assert made.wait_up(PATIENCE)
        return made

    return make


@pytest.fixture
def listener(alone):
    """Makes a queue that hears of these topics, and a consumer that has taken it up."""
    opened = []

    def listen(*topics, exchange=EVENTS):
        name = f"heard-{uuid4()}"
        broker.declare(alone["broker"], name, [(exchange, topic) for topic in topics])
        consumer = Consumer(alone["broker"], name, prefetch=2000)
        assert consumer.wait_up(PATIENCE)
        opened.append((name, consumer))
        return consumer

    yield listen
    for _, consumer in opened:
        consumer.close()
    delete_queues(alone["broker"], *(name for name, _ in opened))
