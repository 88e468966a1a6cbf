"""The relay ships what was committed, in order, and marks exactly what the broker keeps."""

import threading
from uuid import uuid4

import orjson
import psycopg
import pytest
from lines import PATIENCE, taken_from
from things import Thing, ThingMoved, ThingSold, an_envelope

from chassis import observe, relay
from chassis.broker import ANNOUNCE, Publisher, Receipt
from chassis.events import record
from chassis.relay import Shipped, ship

pytestmark = pytest.mark.usefixtures("things", "quiet")


class Keeper:
    """A broker that keeps what it is told to keep; it stands where the test needs a bad one."""

    def __init__(self, keep=lambda message: True, want=lambda message: True):
        self.keep, self.want = keep, want
        self.got = []

    def publish(self, messages, *, within):
        self.got.append(messages)
        wanted = {m.number for m in messages if self.want(m)}
        return Receipt(
            {m.number for m in messages if m.number in wanted and self.keep(m)},
            {m.number for m in messages} - wanted,
        )


@pytest.fixture
def connection(alone):
    """The connection of a relay that leads."""
    with psycopg.connect(alone["databases"]["leads"]["app"], autocommit=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def publisher(alone):
    opened = Publisher(alone["broker"])
    assert opened.wait_up(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def recorded_things(working, crew):
    """Commits as many movements of one thing; each says its number."""

    def make(count, name="lamp"):
        with working(crew.id) as tx:
            thing = Thing(name=name)
            tx.session.add(thing)
            for number in range(count):
                record(tx.session, ThingMoved(to=str(number)), of=thing)
        return thing

    return make


@pytest.fixture
def unpublished(rows):
    def read():
        asked = "SELECT * FROM outbox WHERE published_at IS NULL ORDER BY position"
        return [row.position for row in rows(asked)]

    return read


def test_a_committed_event_arrives_whole_and_is_marked(
    connection, publisher, listener, recorded_things, unpublished
):
    consumer = listener("thing.moved.v1", "thing.state.v1")
    recorded_things(1)

    shipped = ship(connection, publisher, "leads")

    moved, state = taken_from(consumer, 2)
    document = orjson.loads(moved.body)
    assert shipped == Shipped(rows=2, left=0)
    assert unpublished() == []
    assert (moved.key, state.key) == ("thing.moved.v1", "thing.state.v1")
    assert (document["source"], document["data"]["to"]) == ("/leads", "0")


def test_an_empty_outbox_ships_nothing(connection):
    keeper = Keeper()

    assert ship(connection, keeper, "leads") == Shipped(0, 0)
    assert keeper.got == []


def test_events_arrive_in_the_order_of_their_positions(
    connection, publisher, listener, recorded_things
):
    consumer = listener("thing.moved.v1", "thing.state.v1")
    recorded_things(40)

    ship(connection, publisher, "leads")

    arrived = [orjson.loads(one.body)["data"].get("to") for one in taken_from(consumer, 41)]
    assert arrived == [*map(str, range(40)), None]


def test_a_backlog_of_many_batches_is_shipped_in_order(
    connection, publisher, listener, recorded_things, unpublished
):
    consumer = listener("thing.moved.v1", "thing.state.v1")
    recorded_things(1199)

    shipped = [ship(connection, publisher, "leads") for _ in range(4)]

    arrived = [orjson.loads(one.body)["data"].get("to") for one in taken_from(consumer, 1200)]
    assert [one.rows for one in shipped] == [500, 500, 200, 0]
    assert arrived == [*map(str, range(1199)), None]
    assert unpublished() == []


def test_only_what_was_confirmed_is_marked(connection, recorded_things, unpublished):
    recorded_things(4)
    positions = unpublished()
    keeper = Keeper(keep=lambda message: message.number in positions[1:3])

    shipped = ship(connection, keeper, "leads")

    assert shipped == Shipped(rows=5, left=3)
    assert unpublished() == [positions[0], *positions[3:]]


def test_what_was_not_confirmed_is_shipped_again(connection, recorded_things, unpublished):
    recorded_things(1)
    positions = unpublished()
    ship(connection, Keeper(keep=lambda message: False), "leads")

    keeper = Keeper()
    ship(connection, keeper, "leads")

    assert [[m.number for m in batch] for batch in keeper.got] == [positions]
    assert unpublished() == []


def test_a_lower_position_that_is_committed_late_is_still_shipped(
    connection, alone, recorded_things, unpublished
):
    insert = (
        "INSERT INTO outbox (event_id, topic, tenant_id, personal, envelope)"
        " VALUES (%s, 'thing.moved.v1', %s, false, '{}') RETURNING position"
    )
    with psycopg.connect(alone["databases"]["leads"]["app"]) as slow:
        (late,) = slow.execute(insert, (uuid4(), uuid4())).fetchone()
        recorded_things(1)
        ship(connection, Keeper(), "leads")
        slow.commit()

    keeper = Keeper()
    ship(connection, keeper, "leads")

    assert [[m.number for m in batch] for batch in keeper.got] == [[late]]
    assert unpublished() == []


def test_an_event_that_nobody_wants_is_kept_and_set_aside(
    connection, publisher, listener, recorded_things, rows
):
    listener("thing.state.v1")
    recorded_things(2)
    before = observe.returned.labels("thing.moved.v1")._value.get()

    shipped = ship(connection, publisher, "leads")

    kept = rows("SELECT topic, unroutable_at FROM outbox WHERE published_at IS NULL")
    assert shipped == Shipped(rows=3, left=0)
    assert [(row.topic, row.unroutable_at is not None) for row in kept] == [
        ("thing.moved.v1", True)
    ] * 2
    assert observe.returned.labels("thing.moved.v1")._value.get() == before + 2


def test_events_that_nobody_wants_do_not_hold_up_others(
    connection, publisher, listener, recorded_things
):
    consumer = listener("thing.state.v1")
    recorded_things(5)

    ship(connection, publisher, "leads", batch=5)
    shipped = ship(connection, publisher, "leads", batch=5)

    assert shipped == Shipped(rows=1, left=0)
    assert [one.key for one in taken_from(consumer, 1)] == ["thing.state.v1"]


def test_what_was_set_aside_is_tried_again_after_a_minute(
    connection, publisher, listener, recorded_things, rows, unpublished
):
    listener("thing.state.v1")
    recorded_things(1)
    ship(connection, publisher, "leads")
    listener("thing.moved.v1")

    at_once = ship(connection, publisher, "leads")
    rows("UPDATE outbox SET unroutable_at = now() - interval '61 seconds'")
    later = ship(connection, publisher, "leads")

    assert (at_once.rows, later) == (0, Shipped(rows=1, left=0))
    assert unpublished() == []


def test_of_two_versions_of_a_fact_only_the_one_that_nobody_wants_is_set_aside(
    connection, publisher, listener, working, crew, rows
):
    listener("thing.moved.v1", "thing.state.v1")
    with working(crew.id) as tx:
        thing = Thing(name="lamp")
        tx.session.add(thing)
        one = record(tx.session, ThingSold(to="Ada"), of=thing)
        record(tx.session, ThingMoved(to="hall"), of=thing, id=one)

    ship(connection, publisher, "leads")

    kept = rows("SELECT topic FROM outbox WHERE published_at IS NULL")
    assert [row.topic for row in kept] == ["thing.sold.v1"]


def test_an_announced_state_reaches_only_the_service_that_it_is_for(
    connection, publisher, listener, rows
):
    theirs = listener("customers.#", exchange=ANNOUNCE)
    others = listener("identity.#", "identity.thing.state.v1", exchange=ANNOUNCE)
    everybodys = listener("thing.state.v1")
    envelope = an_envelope(refill=True)
    del envelope["source"]
    rows(
        "INSERT INTO outbox (event_id, topic, tenant_id, recipient, personal, envelope)"
        " VALUES (:id, 'thing.state.v1', :id, 'customers', false, CAST(:envelope AS jsonb))",
        id=envelope["id"],
        envelope=orjson.dumps(envelope).decode(),
    )

    ship(connection, publisher, "leads")

    (arrived,) = taken_from(theirs, 1)
    assert (arrived.exchange, arrived.key) == (ANNOUNCE, "customers.thing.state.v1")
    assert others.take(1, wait=0.05, gather=0.01) == []
    assert everybodys.take(1, wait=0.05, gather=0.01) == []


def test_two_relays_that_both_think_they_lead_lose_nothing(
    alone, connection, recorded_things, unpublished
):
    recorded_things(3)
    positions, keeper = unpublished(), Keeper()
    meet = threading.Barrier(2, timeout=10)

    class Frozen(Keeper):
        def publish(self, messages, *, within):
            meet.wait()
            meet.wait()
            return super().publish(messages, within=within)

    frozen = Frozen()

    def ship_late():
        with psycopg.connect(alone["databases"]["leads"]["app"], autocommit=True) as other:
            ship(other, frozen, "leads")

    late = threading.Thread(target=ship_late)
    late.start()
    meet.wait()
    ship(connection, keeper, "leads")
    meet.wait()
    late.join(10)

    assert [m.number for m in keeper.got[0]] == [m.number for m in frozen.got[0]] == positions
    assert unpublished() == []


def test_who_lost_the_connection_marks_nothing(connection, alone, recorded_things, unpublished):
    recorded_things(1)
    positions = unpublished()

    class Cut(Keeper):
        def publish(self, messages, *, within):
            pid = connection.info.backend_pid
            with psycopg.connect(alone["databases"]["leads"]["app"]) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (pid,))
            return super().publish(messages, within=within)

    with pytest.raises(psycopg.OperationalError):
        ship(connection, Cut(), "leads")

    assert unpublished() == positions


def test_a_batch_is_about_five_hundred():
    assert relay.BATCH == 500
