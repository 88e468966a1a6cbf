"""The road of a fact: how fast it is shipped, stored and applied, and how soon it takes effect."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, cast
from uuid import UUID, uuid4

import orjson
import psycopg
from psycopg.rows import tuple_row

from bench import raw
from bench.ground import SMALL, Ground
from chassis import db, inbox, migrations, outbox, relay, topology
from chassis.applier import Applier
from chassis.broker import Consumer, Publisher
from customers.app import service as customers
from leads.app import service as leads
from stack import assemble, children, postgresql, rabbitmq
from stack.progress import step

TOPIC = "customer.state.v1"
# A virtual host and databases where nothing else runs.
ALONE = "master"
PACE, SECONDS = 50, 6
COUNT = 3_000
PATIENCE = 300.0

_FILL = """
WITH fresh AS MATERIALIZED (
    SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7'
            || left(replace(gen_random_uuid()::text, '-', ''), 19))::uuid AS id
    FROM generate_series(1, %(count)s)
)
INSERT INTO outbox (event_id, topic, tenant_id, personal, envelope)
SELECT id, %(topic)s, %(tenant)s, false, %(envelope)s::jsonb
       || jsonb_build_object('id', id, 'subject', gen_random_uuid(), 'epoch', 0)
FROM fresh
"""
_TOLD = "SELECT event_id, envelope->>'subject' FROM outbox ORDER BY position DESC LIMIT 1"
_EFFECTS = """
SELECT id, pg_xact_commit_timestamp(xmin) FROM customer_copies WHERE id = ANY(%s)
"""


@dataclass(frozen=True)
class Road:
    """What was measured: events a second, milliseconds, and seconds."""

    shipped: float
    published_raw: float
    stored: float
    consumed_raw: float
    applied: float
    effect_p50: float
    effect_p99: float
    backlog: int
    drained_in: float


def measure(ground: Ground, *, backlog: int) -> Road:
    """Measure every stretch of the road; the last two on the running services."""
    tenant = UUID(ground.tenant(SMALL))
    with step("shipping, storing and applying, beside pika alone"):
        stretches = _stretches(ground, tenant)
    with step(f"from commit to effect at {PACE} facts a second"):
        p50, p99 = _effects(ground, tenant)
    with step(f"draining a backlog of {backlog:,}"):
        drained_in = _drain(ground, tenant, backlog)
    return Road(*stretches, p50, p99, backlog, drained_in)


def _stretches(ground: Ground, tenant: UUID) -> tuple[float, float, float, float, float]:
    for service in (customers, leads):
        owner = postgresql.url(ground, service.name, "owner", ALONE)
        migrations.migrate(service.migrations, service.tables, owner)
    sender = rabbitmq.url(ground, "customers", ALONE)
    receiver = rabbitmq.url(ground, "leads", ALONE)
    topology.declare(leads, receiver)
    body = orjson.dumps(_envelope(tenant))
    with _opened(ground, "leads") as database:
        _fill(ground, tenant, COUNT, ALONE)
        shipped = _rate(lambda: _ship(ground, sender))
        stored = _rate(lambda: _store(database, receiver))
        published = _rate(lambda: raw.publish(sender, "customers", TOPIC, body, COUNT))
        consumed = _rate(lambda: raw.consume(receiver, "leads", COUNT))
        applied = _rate(lambda: _apply(database))
    return shipped, published, stored, consumed, applied


def _rate(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return COUNT / (time.perf_counter() - began)


def _ship(ground: Ground, amqp: str) -> None:
    publisher = Publisher(amqp)
    url = postgresql.url(ground, "customers", "app", ALONE)
    with psycopg.connect(url, autocommit=True, row_factory=tuple_row) as connection:
        publisher.wait_up(5)
        while relay.ship(cast("Any", connection), publisher, "customers").rows:
            pass
    publisher.close()


def _store(database: db.Database, amqp: str) -> None:
    consumer = Consumer(amqp, "leads", prefetch=1000)
    stored = 0
    while stored < COUNT:
        taken = consumer.take(50, wait=5.0, gather=0.005)
        stored += inbox.store(database.engine, taken)
        consumer.acknowledge(taken)
    consumer.close()


def _apply(database: db.Database) -> None:
    applier = Applier(database, leads.subscriptions)
    while applier.apply_due():
        pass


@contextmanager
def _opened(ground: Ground, service: str) -> Iterator[db.Database]:
    opened = db.Database(postgresql.url(ground, service, "app", ALONE), pool_size=2)
    token = db.database.set(opened)
    try:
        yield opened
    finally:
        db.database.reset(token)
        opened.close()


def _fill(ground: Ground, tenant: UUID, count: int, worker: str | None) -> None:
    """Record so many states in the outbox of customers."""
    facts = {
        "tenant": tenant,
        "topic": TOPIC,
        "count": count,
        "envelope": orjson.dumps(_envelope(tenant)).decode(),
    }
    with psycopg.connect(postgresql.url(ground, "customers", "owner", worker)) as connection:
        connection.execute(_FILL, facts)


def _envelope(tenant: UUID) -> dict[str, Any]:
    person = str(uuid4())
    return {
        "specversion": "1.0",
        "type": TOPIC,
        "time": "2026-03-09T02:11:00Z",
        "datacontenttype": "application/json",
        "tenant": str(tenant),
        "actor": person,
        "version": 1,
        "traceparent": None,
        "refill": False,
        "announcement": None,
        "data": {
            "name": "晨曦精密机械（苏州）有限公司",
            "lead_id": None,
            "creator_id": person,
            "followers": [{"person_id": person, "is_main": True}],
            "collaborators": [],
            "created_at": "2026-03-09T02:11:00Z",
            "archived_at": None,
        },
    }


def _effects(ground: Ground, tenant: UUID) -> tuple[float, float]:
    """Milliseconds from a commit in customers to that of its effect in leads: p50 and p99.

    The effect's moment is the one at which PostgreSQL committed it, by the clock that we read.
    """
    committed: dict[UUID, float] = {}
    began = time.monotonic()
    with psycopg.connect(postgresql.url(ground, "customers", "owner"), autocommit=True) as told:
        for number in range(PACE * SECONDS):
            time.sleep(max(0.0, began + number / PACE - time.monotonic()))
            _fill(ground, tenant, 1, None)
            moment = time.time()
            told.execute(f"NOTIFY {outbox.CHANNEL}")
            row = told.execute(_TOLD).fetchone()
            if row is not None:
                committed[UUID(row[1])] = moment
    url = postgresql.url(ground, "leads", "owner")
    with psycopg.connect(url, autocommit=True) as connection:
        deadline = time.monotonic() + PATIENCE
        found: list[tuple[Any, ...]] = []
        while len(found) < len(committed) and time.monotonic() < deadline:
            found = connection.execute(_EFFECTS, (list(committed),)).fetchall()
    taken = [1000 * (moment.timestamp() - committed[subject]) for subject, moment in found]
    cuts = quantiles(taken, n=100, method="inclusive")
    return cuts[49], cuts[98]


def _drain(ground: Ground, tenant: UUID, count: int) -> float:
    """Seconds in which a service that was away makes up for what it was told meanwhile."""
    [part] = [part for part in assemble.parts(ground) if part.name == "leads-work"]
    children.end(ground, [part.name])
    _fill(ground, tenant, count, None)
    url = postgresql.url(ground, "leads", "owner")
    with psycopg.connect(url, autocommit=True) as connection:

        def copies() -> int:
            row = connection.execute("SELECT count(*) FROM customer_copies").fetchone()
            return int(row[0]) if row else 0

        wanted = copies() + count
        children.start(ground, part)
        began = time.monotonic()
        while copies() < wanted and time.monotonic() - began < PATIENCE:
            time.sleep(0.05)
        return time.monotonic() - began
