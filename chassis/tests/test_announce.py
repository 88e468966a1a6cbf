"""A subscriber is told every record from the table itself, and ends with what the source has."""

import hashlib
import random

import orjson
import pytest
from sqlalchemy import select
from things import NeededThing, Part, Thing, copies

from chassis import copies as copying
from chassis import epochs, inbox
from chassis.announce import announce
from chassis.applier import Applier
from chassis.broker import ANNOUNCE, EVENTS, Delivery
from chassis.consumers import Consumers

pytestmark = pytest.mark.usefixtures("things", "quiet")

consumers = Consumers()


@consumers.on("thing.state.v1", NeededThing, copies=copies)
def keep_copy(session, fact, thing):
    copying.write(session, copies, fact, {"name": f"{thing['name']}: {thing['parts']}"})


class Road:
    """From the outbox of a service into its own inbox, as fast or as slowly as a test wants."""

    def __init__(self, database, rows, tenant):
        self.database, self.rows, self.tenant = database, rows, tenant
        self.applier = Applier(database, consumers.subscriptions)
        self.seen = 0

    def pick_up(self):
        """What was recorded of the tenant since the last time."""
        found = self.rows(
            "SELECT position, topic, recipient, envelope FROM outbox"
            " WHERE tenant_id = :tenant AND position > :seen ORDER BY position",
            tenant=self.tenant,
            seen=self.seen,
        )
        self.seen = found[-1].position if found else self.seen
        return [
            Delivery(
                1,
                1,
                "leads",
                f"{row.recipient}.{row.topic}" if row.recipient else row.topic,
                ANNOUNCE if row.recipient else EVENTS,
                orjson.dumps({"source": "/leads", **row.envelope}),
            )
            for row in found
        ]

    def deliver(self, deliveries):
        if deliveries:
            inbox.store(self.database.engine, deliveries)
        while self.applier.apply_due():
            pass

    def catch_up(self):
        self.rows("UPDATE inbox SET next_at = now() WHERE state = 'pending'")
        self.deliver(self.pick_up())

    def hash(self):
        found = self.rows(
            "SELECT id::text, epoch, version, name FROM thing_copies"
            " WHERE tenant_id = :tenant ORDER BY id",
            tenant=self.tenant,
        )
        return hashlib.sha256(orjson.dumps([tuple(row) for row in found])).hexdigest()

    def names(self):
        asked = "SELECT name FROM thing_copies WHERE tenant_id = :tenant ORDER BY name"
        return [row.name for row in self.rows(asked, tenant=self.tenant)]


@pytest.fixture
def road(database, rows, crew, working):
    return Road(database, rows, crew.id)


@pytest.fixture
def change(working, crew):
    """Changes things, one in a transaction of its own; makes those that are not there."""

    def act(*names):
        for name in names:
            with working(crew.id) as tx:
                thing = tx.session.scalar(select(Thing).where(Thing.name == name))
                if thing is None:
                    tx.session.add(Thing(name=name))
                else:
                    thing.parts.append(Part(name=f"part {len(thing.parts)}"))

    return act


def test_an_announcement_tells_every_record_and_then_how_many(database, change, road, crew):
    change("a", "b", "c")
    road.pick_up()

    announce(database, "thing", "leads")

    told = [orjson.loads(one.body) for one in road.pick_up()]
    assert [one["type"] for one in told] == ["thing.state.v1"] * 3 + ["thing.announced.v1"]
    assert told[-1]["data"] == {"count": 3}
    assert all(one["refill"] for one in told)
    assert len({one["announcement"] for one in told}) == 1


def test_an_announcement_is_addressed_to_its_subscriber(database, change, rows, crew, road):
    change("a")
    announce(database, "thing", "customers")

    found = rows("SELECT DISTINCT recipient FROM outbox WHERE tenant_id = :t", t=crew.id)

    assert {row.recipient for row in found} == {None, "customers"}


def test_an_announcement_goes_on_over_many_batches(database, change, road, monkeypatch):
    change(*"abcdefg")
    road.pick_up()
    monkeypatch.setattr("chassis.announce.BATCH", 3)

    announce(database, "thing", "leads")

    told = [orjson.loads(one.body) for one in road.pick_up()]
    assert sorted(one["data"]["name"] for one in told[:-1]) == list("abcdefg")
    assert told[-1]["data"] == {"count": 7}


def test_an_announcement_changes_no_version(database, change, rows, crew):
    change("a")
    announce(database, "thing", "leads")

    found = rows("SELECT version FROM things WHERE tenant_id = :tenant", tenant=crew.id)

    assert [row.version for row in found] == [1]


def test_a_noun_without_a_public_state_cannot_be_announced(database):
    with pytest.raises(LookupError, match="ghost"):
        announce(database, "ghost", "leads")


def test_a_new_subscriber_is_filled_by_an_announcement(database, change, road):
    change("a", "b", "b")
    road.pick_up()

    announce(database, "thing", "leads")
    road.catch_up()

    assert road.names() == ["a: []", "b: ['part 0']"]


def test_copies_that_are_rebuilt_equal_the_live_ones_while_events_go_on(
    database, change, road, working, crew
):
    shuffle = random.Random(20260309).shuffle
    change(*"abcdef")
    road.catch_up()
    change(*"abc")
    late = road.pick_up()

    with working(crew.id) as tx:
        copying.clear(tx.session, crew.id, "thing.state.v1", copies)
    announce(database, "thing", "leads")
    change(*"cdefgh")
    rebuilt = late + road.pick_up()
    shuffle(rebuilt)
    for delivery in rebuilt:
        road.deliver([delivery])
    road.catch_up()
    after_rebuilding = road.hash()
    announce(database, "thing", "leads")
    road.catch_up()

    assert after_rebuilding == road.hash()
    assert len(road.names()) == 8


def test_the_end_of_an_announcement_waits_for_all_that_it_counts(database, change, road, rows):
    change("a", "b")
    road.pick_up()
    announce(database, "thing", "leads")
    *states, end = road.pick_up()
    asked = "SELECT state FROM inbox WHERE topic = 'thing.announced.v1' AND tenant_id = :tenant"

    road.deliver([states[0], end])
    before = [row.state for row in rows(asked, tenant=road.tenant)]
    road.deliver([states[1]])
    road.catch_up()

    assert before == ["pending"]
    assert [row.state for row in rows(asked, tenant=road.tenant)] == ["done"]


def test_forgetting_copies_leaves_other_tenants_alone(
    database, change, road, working, other_crew, crew
):
    change("a")
    road.catch_up()

    with working(other_crew.id) as tx:
        copying.clear(tx.session, other_crew.id, "thing.state.v1", copies)

    assert road.names() == ["a: []"]


def test_what_is_forgotten_is_no_longer_under_way(database, change, road, working, crew, rows):
    change("a")
    inbox.store(database.engine, road.pick_up())

    with working(crew.id) as tx:
        copying.clear(tx.session, crew.id, "thing.state.v1", copies)
    road.deliver([])

    assert road.names() == []


@pytest.fixture
def set_back(rows, crew, alone):
    """Sets the source back to its first thing in its first version, and begins the next epoch."""

    def act():
        rows("DELETE FROM parts WHERE tenant_id = :tenant", tenant=crew.id)
        rows("DELETE FROM things WHERE tenant_id = :tenant AND name <> 'a'", tenant=crew.id)
        rows("UPDATE things SET version = 1 WHERE tenant_id = :tenant", tenant=crew.id)
        return epochs.begin(alone["databases"]["leads"]["owner"])

    return act


def test_an_epoch_is_one_higher_each_time(alone):
    url = alone["databases"]["leads"]["owner"]

    first = epochs.begin(url)

    assert epochs.begin(url) == first + 1


def test_what_is_told_after_a_restore_is_newer_than_all_that_was_told_before(
    change, road, set_back
):
    change("a", "a", "a")
    road.catch_up()

    set_back()
    change("a")
    road.catch_up()

    assert road.names() == ["a: ['part 0']"]


def test_copies_of_what_a_restore_took_back_go_away(database, change, road, set_back):
    change("a", "b", "a", "c")
    road.catch_up()

    set_back()
    announce(database, "thing", "leads")
    road.catch_up()

    assert road.names() == ["a: []"]


def test_copies_that_are_newer_than_an_announcement_stay(database, change, road):
    change("a")
    announce(database, "thing", "leads")
    change("b")

    road.catch_up()

    assert road.names() == ["a: []", "b: []"]
