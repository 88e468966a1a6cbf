"""`work`: relay, consumer, applier and clock of one service; one process leads, others stand by."""

import random
import threading
from collections.abc import Callable
from contextlib import closing
from time import monotonic
from typing import Any

import psycopg
import structlog

from chassis import calendar, db, health, inbox, outbox, relay, retention
from chassis.applier import Applier
from chassis.broker import Consumer, Publisher, user_of
from chassis.clock import Clock
from chassis.failpoints import hit
from chassis.service import Service

# Who holds this lock, on the connection that reads and marks the outbox, leads the service.
LOCK = 0x584B_5752
# Longer than a batch may be in flight. A leader who is frozen loses its lock, and so does one whom
# the network has cut off.
OPTIONS = "-c statement_timeout=5s -c idle_session_timeout=10s -c timezone=UTC"
POLL = 1.0
STORED_AT_ONCE, GATHER, PREFETCH = 50, 0.005, 1000
SLOWEST_RETRY = 5.0
ENDS_WITHIN = 20.0

log = structlog.get_logger()


class Worker:
    """One process of a service's background work."""

    def __init__(self, service: Service, settings: Any) -> None:
        self._service = service
        self._url, self._amqp = settings.database_url, settings.amqp_url
        self.database = db.Database(self._url, pool_size=4)
        self._applier = Applier(self.database, service.subscriptions)
        self._clock = Clock(self.database, [*retention.jobs.all, *service.jobs.all])
        self._swept_at = -retention.SWEEP_EVERY.total_seconds()
        self._arrived = threading.Event()
        self.ends = threading.Event()
        self.in_charge = threading.Event()

    def run(self) -> None:
        """Lead whenever nobody else does, until `ends` is set; finishes what is in hand."""
        failures = 0
        while not self.ends.is_set():
            try:
                with closing(_connect(self._url)) as connection:
                    failures = 0
                    if self._stand_by(connection):
                        self._serve(connection)
            except psycopg.Error as error:
                failures += 1
                log.warning("work.database_away", error=type(error).__name__)
                self.ends.wait(_pause(failures))
        self.database.close()

    def is_ready(self) -> bool:
        """Whether it works or could take over; the broker may be away meanwhile."""
        return not self.ends.is_set() and health.database_answers(self.database.engine)

    def _stand_by(self, connection: psycopg.Connection[Any]) -> bool:
        """Wait for the lock; whether it is ours now, and not the end that came first."""
        while not self.ends.is_set():
            tried = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
            if tried == (True,):
                return True
            self.ends.wait(POLL)
        return False

    def _serve(self, connection: psycopg.Connection[Any]) -> None:
        """Do the service's work for as long as the lock is ours."""
        log.info("work.leads")
        over = threading.Event()
        publisher = Publisher(self._amqp)
        consumer = Consumer(self._amqp, self._service.name, prefetch=PREFETCH)
        parts = [
            threading.Thread(target=self._repeat, name=step.__name__, args=(step, over, *rest))
            for step, *rest in ((self._store, consumer), (self._apply,), (self._tick, over))
        ]
        for part in parts:
            part.start()
        self.in_charge.set()
        try:
            self._relay(connection, publisher)
        finally:
            self.in_charge.clear()
            over.set()
            self._arrived.set()
            for part in parts:
                part.join(ENDS_WITHIN)
            consumer.close()
            publisher.close()
            log.info("work.led")

    def _relay(self, connection: psycopg.Connection[Any], publisher: Publisher) -> None:
        source = user_of(self._amqp)
        connection.execute(f"LISTEN {outbox.CHANNEL}")
        failures = 0
        while not self.ends.is_set():
            if not publisher.wait_up(POLL):
                # Still shows the database that we live, and us that the lock is ours.
                connection.execute("SELECT 1")
                continue
            shipped = relay.ship(connection, publisher, source)
            failures = failures + 1 if shipped.left else 0
            if shipped.left:
                self.ends.wait(_pause(failures))
            elif not shipped.rows:
                list(connection.notifies(timeout=POLL, stop_after=1))

    def _repeat(self, step: Callable[..., None], over: threading.Event, *rest: Any) -> None:
        """Do one part's step again and again; what fails is tried again a little later."""
        db.database.set(self.database)
        failures = 0
        while not over.is_set():
            try:
                step(*rest)
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it was, the work must go on
                failures += 1
                log.warning("work.failed", part=step.__name__, error=type(error).__name__)
                over.wait(_pause(failures))

    def _store(self, consumer: Consumer) -> None:
        taken = consumer.take(STORED_AT_ONCE, wait=POLL, gather=GATHER)
        if not taken:
            return
        try:
            inbox.store(self.database.engine, taken)
        except BaseException:
            consumer.give_back()
            raise
        hit("ack.before")
        consumer.acknowledge(taken)
        hit("ack.after")
        self._arrived.set()

    def _apply(self) -> None:
        self._arrived.clear()
        if self._applier.apply_due() == 0:
            self._arrived.wait(POLL)

    def _tick(self, over: threading.Event) -> None:
        self._clock.tick(calendar.now())
        if monotonic() - self._swept_at > retention.SWEEP_EVERY.total_seconds():
            retention.sweep(self.database.engine)
            self._swept_at = monotonic()
        over.wait(POLL)


def _connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=2,
        options=OPTIONS,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
    )


def _pause(failures: int) -> float:
    return min(SLOWEST_RETRY, 0.1 * 2.0**failures) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
