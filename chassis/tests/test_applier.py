"""Every fact has its effect once, together with the note that it had it, or waits its turn."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import text
from things import NeededThing, Thing, an_envelope, until

from chassis import applier as applying
from chassis import db
from chassis.applier import Applier
from chassis.consumers import Consumers
from chassis.errors import Conflict

pytestmark = pytest.mark.usefixtures("things", "quiet", "working")


class Broken(Conflict):
    code = "broken"


def test_a_fact_that_is_delivered_thrice_has_one_effect(desk, told, names):
    document = told()

    for _ in range(3):
        desk.hear(document)
        desk.apply()

    assert names() == ["lamp"]


def test_an_applied_fact_is_done_and_its_content_forgotten(desk, told, row_of):
    document = told()
    desk.hear(document)

    desk.apply()

    row = row_of(document)
    assert (row.state, row.envelope, row.error) == ("done", None, None)


def test_a_handler_is_told_the_whole_fact_and_acts_for_the_one_behind_it(desk, told, crew):
    person = uuid4()
    document = told(actor=person, version=7, epoch=2)
    desk.hear(document)

    desk.apply()

    (fact,) = desk.facts
    assert (fact.version, fact.epoch, fact.actor, fact.source) == (7, 2, person, "/test")
    assert (fact.by.tenant_id, fact.by.person_id) == (crew.id, person)


def test_facts_are_applied_in_the_order_in_which_they_came(desk, told, names):
    desk.hear(*(told(f"thing {number}") for number in range(10)))

    desk.apply()

    assert names() == [f"thing {number}" for number in range(10)]


def test_a_refusal_parks_the_fact_and_undoes_what_it_did(desk, told, row_of, names):
    document = told()
    desk.troubles["lamp"] = Broken("for good")
    desk.hear(document)

    desk.apply()

    assert (row_of(document).state, names()) == ("parked", [])
    assert "Broken" in row_of(document).error


def test_data_that_lack_something_park_the_fact(desk, crew, row_of):
    document = an_envelope(tenant=crew.id, data={"nam": "lamp"})
    desk.hear(document)

    desk.apply()

    assert row_of(document).state == "parked"
    assert "ValidationError" in row_of(document).error


def test_data_that_say_more_than_is_needed_are_applied(desk, crew, names):
    desk.hear(an_envelope(tenant=crew.id, data={"name": "lamp", "colour": "red"}))

    desk.apply()

    assert names() == ["lamp"]


def test_a_topic_that_nobody_handles_in_this_version_parks_the_fact(desk, told, row_of):
    document = told(type="thing.state.v2")
    desk.hear(document)

    desk.apply()

    assert row_of(document).state == "parked"
    assert "thing.state.v2" in row_of(document).error


def test_a_parked_fact_stays_until_somebody_decides(desk, told, row_of, later):
    document = told()
    desk.troubles["lamp"] = Broken("for good")
    desk.hear(document)
    desk.apply()
    desk.troubles.clear()

    later()
    desk.apply()

    assert (row_of(document).state, row_of(document).attempts) == ("parked", 1)


def test_an_effect_whose_mark_fails_is_undone(desk, told, names, row_of, monkeypatch):
    def fail(session, event_id):
        session.flush()
        session.execute(text("SELECT 1 / 0"))

    document = told()
    desk.hear(document)

    monkeypatch.setattr(applying, "_mark_done", fail)
    desk.apply()

    assert (names(), row_of(document).state) == ([], "pending")


def test_a_mark_is_undone_with_an_effect_that_cannot_be_committed(desk, told, row_of, monkeypatch):
    def fail(session):
        raise RuntimeError("at the very last")

    document = told()
    desk.hear(document)

    monkeypatch.setattr(db.events, "settle", fail)
    desk.apply()

    assert (row_of(document).state, row_of(document).attempts) == ("pending", 1)


def test_each_fact_has_a_transaction_of_its_own_tenant(desk, told, crew, other_crew, rows):
    theirs = an_envelope(tenant=other_crew.id, data={"name": "theirs"})
    desk.hear(told("ours"), theirs, told("ours too"))

    desk.apply()

    found = rows(
        "SELECT tenant_id, name, xmin::text AS made_by FROM things WHERE tenant_id IN (:a, :b)",
        a=crew.id,
        b=other_crew.id,
    )
    assert {(row.tenant_id, row.name) for row in found} == {
        (crew.id, "ours"),
        (crew.id, "ours too"),
        (other_crew.id, "theirs"),
    }
    assert len({row.made_by for row in found}) == 3


def test_a_handler_cannot_reach_another_tenants_records(desk, told, other_crew, database, rows):
    found = []

    def look(session, fact, thing):
        found.extend(session.query(Thing).all())

    with db.transaction(other_crew.id) as tx:
        tx.session.add(Thing(name="theirs"))
    consumers = Consumers()
    consumers.on("thing.state.v1", NeededThing)(look)
    desk.hear(told())

    Applier(database, consumers.subscriptions).apply_due()

    assert found == []


def test_two_appliers_at_once_give_a_fact_one_effect(desk, told, names, database, somebody_waits):
    entered, go_on = [], threading.Event()

    def keep_slowly(session, fact, thing):
        entered.append(fact)
        assert go_on.wait(10)
        session.add(Thing(name=thing["name"]))

    def apply():
        db.database.set(database)
        Applier(database, consumers.subscriptions).apply_due()

    consumers = Consumers()
    consumers.on("thing.state.v1", NeededThing)(keep_slowly)
    desk.hear(told())

    both = [threading.Thread(target=apply) for _ in range(2)]
    both[0].start()
    until(lambda: entered)
    both[1].start()
    until(lambda: somebody_waits() or len(entered) == 2)
    go_on.set()
    for one in both:
        one.join(10)

    assert names() == ["lamp"]


def test_a_database_that_is_away_is_nobodys_attempt(desk, told, row_of, database, alone):
    def cut(session, fact, thing):
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        session.execute(text("SELECT 1"))

    consumers = Consumers()
    consumers.on("thing.state.v1", NeededThing)(cut)
    document = told()
    desk.hear(document)

    with pytest.raises(db.DBAPIError):
        Applier(database, consumers.subscriptions).apply_due()

    assert (row_of(document).state, row_of(document).attempts) == ("pending", 0)


def test_a_topic_is_handled_by_one_function_only():
    consumers = Consumers()
    consumers.on("thing.state.v1", NeededThing)(lambda *_: None)

    with pytest.raises(ValueError, match="twice"):
        consumers.on("thing.state.v1", NeededThing)(lambda *_: None)
