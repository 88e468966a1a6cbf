"""One worker of a service is in charge, others stand by, and events go their whole way."""

import threading
from types import SimpleNamespace

import pika
import psycopg
import pytest
from cable import cable_to
from lines import delete_queues
from sqlalchemy import MetaData
from things import Thing, ThingMoved, until

from chassis import db, health, inbox, topology, worker
from chassis.consumers import Consumers
from chassis.events import record
from chassis.schema import Needs, String
from chassis.service import Service
from chassis.worker import LOCK, Worker

pytestmark = pytest.mark.usefixtures("things", "quiet", "working")

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


class MovedThing(Needs):
    to = String(required=True)


class Office:
    """Starts workers of a service that keeps a thing for each movement it hears of."""

    def __init__(self, alone):
        self.consumers = Consumers()
        self.consumers.on("thing.moved.v1", MovedThing)(self.keep)
        self.service = Service(name="leads", tables=MetaData(), routes=[], consumers=self.consumers)
        self.database_url, self.amqp_url = alone["databases"]["leads"]["app"], alone["broker"]
        self.started = []
        delete_queues(self.amqp_url, "leads")
        topology.declare(self.service, self.amqp_url)

    def keep(self, session, fact, moved):
        session.add(Thing(name=f"moved to {moved['to']}"))

    def worker(self, amqp_url=None):
        settings = SimpleNamespace(
            database_url=self.database_url, amqp_url=amqp_url or self.amqp_url
        )
        return Worker(self.service, settings)

    def start(self, work=None):
        work = work or self.worker()
        work.thread = threading.Thread(target=work.run)
        work.thread.start()
        self.started.append(work)
        return work

    def in_charge(self):
        work = self.start()
        assert work.in_charge.wait(20)
        return work

    def standing_by(self):
        """One that has tried to lead, and could not."""
        asked = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'idle' AND query LIKE 'SELECT pg_try_advisory_lock%'"
        )
        work = self.start()
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            until(lambda: connection.execute(asked).fetchone())
        return work

    def end(self, work):
        work.ends.set()
        work.thread.join(30)
        return not work.thread.is_alive()

    def cut_the_leader(self):
        """End the connection that holds the lock, from the server's side."""
        with psycopg.connect(self.database_url) as connection:
            cut = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d"
                " ON d.oid = database WHERE locktype = 'advisory' AND granted"
                " AND objid = %s AND datname = current_database()",
                (LOCK,),
            ).fetchall()
        assert cut == [(True,)]


@pytest.fixture
def office(alone, monkeypatch):
    monkeypatch.setattr(worker, "POLL", 0.1)
    opened = Office(alone)
    yield opened
    for work in opened.started:
        opened.end(work)
    delete_queues(opened.amqp_url, "leads")


@pytest.fixture
def move(working, crew):
    """Commits that a thing was moved."""

    def act(to):
        with working(crew.id) as tx:
            thing = Thing(name="lamp")
            tx.session.add(thing)
            record(tx.session, ThingMoved(to=to), of=thing)

    return act


@pytest.fixture
def kept(rows, crew):
    def read():
        asked = "SELECT name FROM things WHERE tenant_id = :tenant AND name LIKE 'moved to %'"
        return sorted(row.name for row in rows(asked, tenant=crew.id))

    return read


def test_a_committed_event_has_its_effect_in_the_subscriber(office, move, kept):
    office.in_charge()

    move("hall")

    assert until(kept) == ["moved to hall"]


def test_what_was_recorded_while_nobody_worked_has_its_effect_later(office, move, kept):
    move("hall")

    office.in_charge()

    assert until(kept) == ["moved to hall"]


def test_of_two_workers_one_is_in_charge(office):
    first = office.in_charge()

    second = office.standing_by()

    assert second.is_ready()
    assert first.in_charge.is_set()
    assert not second.in_charge.is_set()


def test_the_one_who_stands_by_takes_over_when_the_leader_loses_its_lock(office, move, kept):
    first, second = office.in_charge(), office.standing_by()
    # The database is out of reach for the first one from now on.
    first._url = NOWHERE

    office.cut_the_leader()
    assert second.in_charge.wait(20)
    move("hall")

    assert until(kept) == ["moved to hall"]
    until(lambda: not first.in_charge.is_set())


def test_the_one_who_stands_by_takes_over_when_the_leader_ends(office, move, kept):
    first, second = office.in_charge(), office.standing_by()

    assert office.end(first)

    assert second.in_charge.wait(20)


def test_one_who_ends_while_standing_by_never_led(office, monkeypatch):
    office.in_charge()
    second, led = office.standing_by(), []
    monkeypatch.setattr(second, "_serve", led.append)

    assert office.end(second)
    assert led == []


def test_a_leader_comes_back_after_its_database_was_away(office, move, kept):
    work = office.in_charge()

    office.cut_the_leader()
    move("hall")

    assert until(kept) == ["moved to hall"]
    assert until(work.in_charge.is_set)


def test_a_worker_ends_when_it_is_asked_to(office):
    work = office.in_charge()

    assert office.end(work)
    assert not work.in_charge.is_set()
    assert not work.is_ready()


def test_a_worker_is_ready_while_the_broker_is_away_and_catches_up(office, move, kept):
    wanted = pika.URLParameters(office.amqp_url)
    with cable_to((wanted.host, wanted.port)) as cable:
        cable.pull()
        work = office.start(
            office.worker(office.amqp_url.replace(f":{wanted.port}/", f":{cable.port}/"))
        )
        assert work.in_charge.wait(20)
        move("hall")
        was_ready, before = work.is_ready(), kept()

        cable.plug()

        assert (was_ready, before) == (True, [])
        assert until(kept) == ["moved to hall"]
        assert office.end(work)


def test_a_worker_is_not_ready_while_its_database_is_away(office):
    work = office.worker()
    work.database.close()
    work.database = db.Database(NOWHERE, pool_size=1)

    assert not work.is_ready()


def test_a_failing_step_does_not_stop_the_others(office, move, kept, monkeypatch):
    failed = threading.Event()

    def fail(*_):
        failed.set()
        raise RuntimeError("not the clock")

    monkeypatch.setattr("chassis.clock.Clock.tick", fail)
    office.in_charge()
    assert failed.wait(20)

    move("hall")

    assert until(kept) == ["moved to hall"]


def test_what_could_not_be_stored_is_delivered_anew(office, move, kept, monkeypatch):
    store, failures = inbox.store, []

    def fail_once(engine, taken):
        if not failures:
            failures.append(len(taken))
            raise RuntimeError("not now")
        return store(engine, taken)

    monkeypatch.setattr("chassis.inbox.store", fail_once)
    office.in_charge()

    move("hall")

    assert until(kept) == ["moved to hall"]
    assert failures == [1]


def test_a_commit_that_announces_wakes_the_relay(alone, working, crew):
    with psycopg.connect(alone["databases"]["leads"]["app"], autocommit=True) as listening:
        listening.execute("LISTEN outbox")

        with working(crew.id) as tx:
            tx.session.add(Thing(name="lamp"))

        assert [n.channel for n in listening.notifies(timeout=20, stop_after=1)] == ["outbox"]


def test_living_depends_on_nothing():
    assert health.page("/health/live", lambda: 1 / 0)[0] == "200 OK"


def test_readiness_is_what_the_process_says():
    assert health.page("/health/ready", lambda: True)[0] == "200 OK"
    assert health.page("/health/ready", lambda: False)[0] == "503 Service Unavailable"


def test_another_page_is_not_found():
    assert health.page("/health", lambda: True)[0] == "404 Not Found"
