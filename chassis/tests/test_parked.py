"""What waits for a person is seen, tried again, or given up; and copies are told and rebuilt."""

from types import SimpleNamespace
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import MetaData
from things import NeededThing, Thing, a_delivery, an_envelope, copies

from chassis import copies as copying
from chassis import inbox, operate, parked
from chassis.applier import Applier
from chassis.consumers import Consumers
from chassis.errors import Conflict
from chassis.service import Service

pytestmark = pytest.mark.usefixtures("things", "quiet", "working")


class Broken(Conflict):
    code = "broken"


@pytest.fixture
def mood():
    """Whether the handler refuses, which the test may change."""
    return {"refuses": True}


@pytest.fixture
def desk(mood):
    consumers = Consumers()

    @consumers.on("thing.state.v1", NeededThing, copies=copies)
    def keep(session, fact, thing):
        if mood["refuses"]:
            raise Broken("for now")
        session.add(Thing(name=thing["name"]))
        copying.write(session, copies, fact, {"name": thing["name"]})

    return Service(name="leads", tables=MetaData(), routes=[], consumers=consumers)


@pytest.fixture
def apply(desk, database, rows):
    def act():
        rows("UPDATE inbox SET next_at = now() WHERE state = 'pending'")
        while Applier(database, desk.consumers.subscriptions).apply_due():
            pass

    return act


@pytest.fixture
def a_parked_one(database, crew, apply):
    """Makes a fact that was refused."""

    def make(**changed):
        document = an_envelope(tenant=crew.id, **changed)
        inbox.store(database.engine, [a_delivery(document)])
        apply()
        return document["id"]

    return make


@pytest.fixture
def states(rows):
    def read(*ids):
        asked = "SELECT event_id::text, state FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[]))"
        found = {row.event_id: row.state for row in rows(asked, ids=list(ids))}
        return [found[one] for one in ids]

    return read


@pytest.fixture
def made(rows, crew):
    def count():
        return len(rows("SELECT 1 FROM things WHERE tenant_id = :tenant", tenant=crew.id))

    return count


@pytest.fixture
def events(desk, alone, capsys):
    """Gives an operator's command; answers its exit status, and what it said."""

    def command(*words):
        settings = SimpleNamespace(database_url=alone["databases"]["leads"]["app"])
        status = operate.events(desk, settings, list(map(str, words)))
        said = capsys.readouterr()
        return status, said.out + said.err

    return command


def test_what_is_parked_is_listed_oldest_first(events, a_parked_one):
    ids = [a_parked_one(), a_parked_one()]

    status, said = events("parked")

    listed = [orjson.loads(line) for line in said.splitlines()]
    assert (status, [one["event_id"] for one in listed]) == (0, ids)
    assert "Broken" in listed[0]["error"]


def test_the_list_can_be_of_one_topic_and_short(events, a_parked_one):
    other = a_parked_one(type="thing.state.v2")
    ids = [a_parked_one(), a_parked_one()]

    _, of_topic = events("parked", "--topic", "thing.state.v1")
    _, short = events("parked", "--most", "1")

    assert [orjson.loads(line)["event_id"] for line in of_topic.splitlines()] == ids
    assert [orjson.loads(line)["event_id"] for line in short.splitlines()] == [other]


def test_the_list_shows_no_content(events, a_parked_one):
    a_parked_one(data={"name": "a secret"})

    assert "a secret" not in events("parked")[1]


def test_one_event_is_shown_whole(events, a_parked_one):
    one = a_parked_one(data={"name": "a secret"})

    status, said = events("show", one)

    shown = orjson.loads(said)
    assert (status, shown["event_id"], shown["state"]) == (0, one, "parked")
    assert shown["envelope"]["data"] == {"name": "a secret"}


def test_an_event_that_is_not_here_cannot_be_shown(events):
    status, said = events("show", uuid4())

    assert (status, "no such event" in said) == (1, True)


def test_a_replayed_event_has_its_effect(events, a_parked_one, mood, apply, states, made):
    one = a_parked_one()
    mood["refuses"] = False

    answer = events("replay", one)
    apply()

    assert answer == (0, "given back: 1\n")
    assert (states(one), made()) == (["done"], 1)


def test_a_second_replay_changes_nothing(events, a_parked_one, mood, apply, states, made):
    one = a_parked_one()
    mood["refuses"] = False
    events("replay", one)
    apply()

    answer = events("replay", one)
    apply()

    assert answer == (0, "given back: 0\n")
    assert (states(one), made()) == (["done"], 1)


def test_a_replayed_event_begins_with_its_attempts_anew(events, a_parked_one, rows):
    one = a_parked_one()

    events("replay", one)

    (row,) = rows("SELECT state, attempts FROM inbox WHERE event_id = :id", id=one)
    assert tuple(row) == ("pending", 0)


def test_all_that_are_parked_under_a_topic_are_replayed(events, a_parked_one, states):
    ids, other = [a_parked_one(), a_parked_one()], a_parked_one(type="thing.state.v2")

    answer = events("replay", "--topic", "thing.state.v1")

    assert answer == (0, "given back: 2\n")
    assert states(*ids, other) == ["pending", "pending", "parked"]


def test_replayed_events_are_spread_by_the_pace(database, a_parked_one, rows):
    ids = [a_parked_one() for _ in range(4)]

    parked.replay(database.engine, ids, pace=2)

    asked = "SELECT next_at FROM inbox WHERE event_id = :id"
    due = [rows(asked, id=one)[0].next_at for one in ids]
    assert [(later - due[0]).total_seconds() for later in due] == [0, 0.5, 1, 1.5]


def test_what_cannot_be_read_stays_parked(database, events, states):
    delivery = a_delivery(an_envelope(source="/thief"))
    inbox.store(database.engine, [delivery])
    one = str(inbox.bad(delivery, "").event_id)

    answer = events("replay", one)

    assert (answer, states(one)) == ((0, "given back: 0\n"), ["parked"])


def test_a_discarded_event_is_done_without_an_effect(events, a_parked_one, apply, rows, made):
    one = a_parked_one()

    answer = events("discard", one)
    apply()

    (row,) = rows("SELECT state, envelope, error FROM inbox WHERE event_id = :id", id=one)
    assert (answer, made()) == ((0, "discarded: 1\n"), 0)
    assert (row.state, row.envelope, row.error[:10]) == ("done", None, "discarded:")


def test_only_what_is_parked_can_be_discarded(database, crew, events, states):
    document = an_envelope(tenant=crew.id)
    inbox.store(database.engine, [a_delivery(document)])

    assert events("discard", document["id"]) == (0, "discarded: 0\n")
    assert states(document["id"]) == ["pending"]


def test_an_operator_announces_a_noun_to_one_service(events, working, crew, rows):
    with working(crew.id) as tx:
        tx.session.add(Thing(name="lamp"))

    status, said = events("announce", "--noun", "thing", "--to", "customers")

    asked = "SELECT topic FROM outbox WHERE tenant_id = :tenant AND recipient = 'customers'"
    told = [row.topic for row in rows(f"{asked} ORDER BY position", tenant=crew.id)]
    assert (status, said[:11]) == (0, "announced: ")
    assert told == ["thing.state.v1", "thing.announced.v1"]


def test_a_noun_that_nobody_states_is_an_operators_mistake(events):
    assert events("announce", "--noun", "ghost", "--to", "customers")[0] == 1


def test_a_rebuild_forgets_the_copies_and_says_what_comes_next(
    events, a_parked_one, mood, rows, crew
):
    mood["refuses"] = False
    a_parked_one()
    asked = "SELECT 1 FROM thing_copies WHERE tenant_id = :tenant"
    before = len(rows(asked, tenant=crew.id))

    status, said = events("rebuild", "--noun", "thing")

    assert (before, len(rows(asked, tenant=crew.id))) == (1, 0)
    assert (status, "events announce --noun thing" in said) == (0, True)


def test_a_noun_without_copies_cannot_be_rebuilt(events):
    assert events("rebuild", "--noun", "ghost")[0] == 1
