"""What a transaction says happened is in the outbox exactly when the transaction is committed."""

import json
from pathlib import Path

import jsonschema
import pytest
from things import Part, Thing, ThingMoved, ThingSold, ThingState, ThingWeighed, Untold

from chassis import calendar
from chassis.events import record, touch

pytestmark = pytest.mark.usefixtures("things")


@pytest.fixture
def told(rows, crew):
    """Answers (topic, version, data) of all that the crew's tenant recorded, in order."""

    def read():
        asked = "SELECT topic, envelope FROM outbox WHERE tenant_id = :tenant ORDER BY position"
        found = rows(asked, tenant=crew.id)
        return [(row.topic, row.envelope["version"], row.envelope["data"]) for row in found]

    return read


@pytest.fixture
def a_thing(working, crew, rows):
    """Makes a thing that was committed and whose state was told before the test begins."""

    def make(name="lamp"):
        with working(crew.id) as tx:
            thing = Thing(name=name, parts=[Part(name="bulb")])
            tx.session.add(thing)
        rows("UPDATE outbox SET tenant_id = gen_random_uuid() WHERE tenant_id = :t", t=crew.id)
        return thing.id

    return make


def _get(session, id):
    return session.get_one(Thing, {"tenant_id": session.info["actor"].tenant_id, "id": id})


def test_an_event_carries_the_version_that_the_flush_gave_the_new_row(working, crew, told):
    with working(crew.id) as tx:
        thing = Thing(name="lamp")
        tx.session.add(thing)
        record(tx.session, ThingMoved(to="hall"), of=thing)

    moved = next(entry for entry in told() if entry[0] == "thing.moved.v1")
    assert moved == ("thing.moved.v1", thing.version, {"to": "hall", "at": None})
    assert thing.version is not None


def test_recording_raises_the_version_though_only_a_child_changed(working, crew, told, a_thing):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        before = thing.version
        thing.parts[0].name = "candle"
        record(tx.session, ThingMoved(to="hall"), of=thing)

    assert [version for _, version, _ in told()] == [before + 1, before + 1]


def test_touching_a_record_states_it_with_its_children(working, crew, told, a_thing):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        before = thing.version
        thing.parts[0].name = "candle"
        touch(tx.session, thing)

    assert told() == [("thing.state.v1", before + 1, {"name": "lamp", "parts": ["candle"]})]


def test_a_child_that_comes_raises_the_version_under_which_its_parent_is_stated(
    working, crew, told, a_thing
):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        before = thing.version
        thing.parts.append(Part(name="shade"))

    assert told() == [("thing.state.v1", before + 1, {"name": "lamp", "parts": ["bulb", "shade"]})]


def test_a_child_that_goes_raises_the_version_of_what_is_recorded(working, crew, told, a_thing):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        before = thing.version
        thing.parts.clear()
        record(tx.session, ThingMoved(to="hall"), of=thing)

    assert [(topic, version) for topic, version, _ in told()] == [
        ("thing.moved.v1", before + 1),
        ("thing.state.v1", before + 1),
    ]


def test_a_record_is_stated_once_however_often_it_changed(working, crew, told, a_thing):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        for name in ("torch", "lantern", "beacon"):
            thing.name = name
            touch(tx.session, thing)
            tx.session.flush()
            record(tx.session, ThingMoved(to=name), of=thing)

    states = [entry for entry in told() if entry[0] == "thing.state.v1"]
    assert states == [("thing.state.v1", thing.version, {"name": "beacon", "parts": ["bulb"]})]


def test_reading_a_record_states_nothing(working, crew, told, a_thing):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        thing.name = str(thing.name)

    assert told() == []


def test_a_record_without_a_public_state_is_not_stated(working, crew, told):
    with working(crew.id) as tx:
        tx.session.add(Untold(name="secret"))

    assert told() == []


def test_a_record_made_in_a_savepoint_that_was_taken_back_is_not_stated(working, crew, told):
    with working(crew.id) as tx:
        savepoint = tx.session.begin_nested()
        tx.session.add(Thing(name="ghost"))
        tx.session.flush()
        savepoint.rollback()

    assert told() == []


def test_a_change_in_a_savepoint_that_was_taken_back_is_not_stated(working, crew, told, a_thing):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        savepoint = tx.session.begin_nested()
        thing.name = "ghost"
        tx.session.flush()
        savepoint.rollback()

    assert told() == []


def test_what_follows_a_savepoint_that_was_taken_back_still_raises_the_version(
    working, crew, told, a_thing
):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        before = thing.version
        savepoint = tx.session.begin_nested()
        record(tx.session, ThingMoved(to="nowhere"), of=thing)
        savepoint.rollback()
        record(tx.session, ThingMoved(to="hall"), of=thing)

    assert [(topic, version) for topic, version, _ in told()] == [
        ("thing.moved.v1", before + 1),
        ("thing.state.v1", before + 1),
    ]


def test_a_change_before_a_savepoint_that_was_taken_back_is_stated(working, crew, told, a_thing):
    lamp = a_thing()

    with working(crew.id) as tx:
        thing = _get(tx.session, lamp)
        thing.name = "torch"
        tx.session.flush()
        savepoint = tx.session.begin_nested()
        thing.name = "ghost"
        tx.session.flush()
        savepoint.rollback()

    assert told() == [("thing.state.v1", thing.version, {"name": "torch", "parts": ["bulb"]})]


def test_a_transaction_that_fails_leaves_nothing_to_tell(working, crew, told):
    def fail():
        with working(crew.id) as tx:
            thing = Thing(name="lamp")
            tx.session.add(thing)
            record(tx.session, ThingMoved(to="hall"), of=thing)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert told() == []


def test_events_stand_in_the_order_in_which_they_were_recorded(working, crew, told):
    places = [f"room {number}" for number in range(20)]

    with working(crew.id) as tx:
        thing = Thing(name="lamp")
        tx.session.add(thing)
        for place in places:
            record(tx.session, ThingMoved(to=place), of=thing)

    assert [data["to"] for topic, _, data in told() if topic == "thing.moved.v1"] == places


def test_both_versions_of_one_fact_may_carry_one_id(working, crew, rows):
    with working(crew.id) as tx:
        thing = Thing(name="lamp")
        tx.session.add(thing)
        event_id = record(tx.session, ThingMoved(to="hall"), of=thing)
        record(tx.session, ThingSold(to="Ada"), of=thing, id=event_id)

    found = rows("SELECT topic FROM outbox WHERE event_id = :id ORDER BY position", id=event_id)
    assert [row.topic for row in found] == ["thing.moved.v1", "thing.sold.v1"]


def test_an_event_with_a_float_is_not_recorded(working, crew, told):
    def weigh():
        with working(crew.id) as tx:
            thing = Thing(name="lamp")
            tx.session.add(thing)
            record(tx.session, ThingWeighed(kilograms=1.5), of=thing)

    with pytest.raises(TypeError, match="float"):
        weigh()

    assert told() == []


def test_what_is_written_is_the_envelope_that_is_published(working, crew, rows):
    person = crew.person()
    file = Path(__file__).resolve().parents[2] / "api/events/envelope.json"
    published = json.loads(file.read_text(encoding="utf-8"))

    with working(crew.id, on_behalf_of=person.person_id) as tx:
        thing = Thing(name="lamp")
        tx.session.add(thing)
        record(tx.session, ThingMoved(to="hall", at=calendar.now()), of=thing)

    found = rows("SELECT envelope FROM outbox WHERE tenant_id = :tenant", tenant=crew.id)
    for row in found:
        # The relay says who sends it.
        whole = {"source": "/leads", **row.envelope}
        jsonschema.validate(
            whole,
            published,
            jsonschema.Draft202012Validator,
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )
        assert whole["actor"] == str(person.person_id)
    assert len(found) == 2


def test_what_nobody_was_behind_has_no_actor(working, crew, rows):
    with working(crew.id) as tx:
        tx.session.add(Thing(name="lamp"))

    (found,) = rows("SELECT envelope FROM outbox WHERE tenant_id = :tenant", tenant=crew.id)
    assert found.envelope["actor"] is None


def test_only_personal_events_are_marked_so(working, crew, rows):
    with working(crew.id) as tx:
        thing = Thing(name="lamp")
        tx.session.add(thing)
        record(tx.session, ThingSold(to="Ada"), of=thing)

    found = rows("SELECT topic, personal FROM outbox WHERE tenant_id = :tenant", tenant=crew.id)
    assert dict(tuple(row) for row in found) == {"thing.sold.v1": True, "thing.state.v1": False}


def test_a_noun_gives_its_state_the_topic(things):
    assert (ThingState.topic, ThingState.noun) == ("thing.state.v1", "thing")
