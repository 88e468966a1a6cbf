"""Copies end in the newest state of every record, in whatever order it is told."""

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from things import NeededThing, an_envelope, copies

from chassis.access import Actor
from chassis.consumers import Consumers
from chassis.copies import end_of, is_end, write
from chassis.envelope import fact

pytestmark = pytest.mark.usefixtures("things")


def _told(tenant, subject, version, epoch=0, **more):
    document = an_envelope(tenant=tenant, subject=subject, version=version, epoch=epoch, **more)
    return fact(document, by=Actor.system(tenant, None))


@pytest.fixture
def tell(working, crew):
    """Writes a state into the copies, each in a transaction of its own."""

    def write_one(subject, version, epoch=0, name=None, tenant=None, **more):
        told = _told(tenant or crew.id, subject, version, epoch, **more)
        with working(told.tenant) as tx:
            return write(tx.session, copies, told, {"name": name or f"{epoch}/{version}"})

    return write_one


@pytest.fixture
def kept(working, crew):
    def read(tenant=None):
        with working(tenant or crew.id) as tx:
            return {row.id: row.name for row in tx.session.execute(select(copies))}

    return read


def test_a_newer_state_replaces_an_older_one(tell, kept):
    subject = uuid4()

    written = [tell(subject, 1), tell(subject, 2)]

    assert (written, kept()) == ([True, True], {subject: "0/2"})


def test_an_older_state_that_comes_late_changes_nothing(tell, kept):
    subject = uuid4()
    tell(subject, 2)

    written = tell(subject, 1)

    assert (written, kept()) == (False, {subject: "0/2"})


def test_a_state_that_is_repeated_changes_nothing(tell, kept):
    subject = uuid4()
    tell(subject, 2)

    written = tell(subject, 2, name="again")

    assert (written, kept()) == (False, {subject: "0/2"})


def test_what_is_announced_anew_may_replace_the_same_version(tell, kept):
    subject = uuid4()
    tell(subject, 2)

    written = tell(subject, 2, name="with more", refill=True)

    assert (written, kept()) == (True, {subject: "with more"})


def test_what_is_announced_anew_does_not_replace_a_newer_version(tell, kept):
    subject = uuid4()
    tell(subject, 3)

    written = tell(subject, 2, refill=True)

    assert (written, kept()) == (False, {subject: "0/3"})


def test_a_lower_version_of_a_later_epoch_is_newer(tell, kept):
    subject = uuid4()
    tell(subject, 9)

    tell(subject, 2, epoch=1)
    tell(subject, 10)

    assert kept() == {subject: "1/2"}


def test_one_record_of_two_tenants_has_two_copies(tell, kept, crew, other_crew):
    subject = uuid4()

    tell(subject, 1, name="ours")
    tell(subject, 2, name="theirs", tenant=other_crew.id)

    assert kept() == {subject: "ours"}
    assert kept(other_crew.id) == {subject: "theirs"}


@settings(max_examples=30, deadline=None)
@given(
    stream=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 4), st.booleans()),
        min_size=1,
        max_size=16,
    ).flatmap(lambda states: st.permutations(states * 2))
)
def test_any_shuffled_and_repeated_stream_ends_in_the_newest_states(database, stream):
    tenant, subjects = uuid4(), [uuid4() for _ in range(3)]
    newest = {}
    for number, epoch, version, _ in stream:
        place = subjects[number]
        newest[place] = max(newest.get(place, (0, 0)), (epoch, version))

    with database.session() as session:
        session.execute(select(func.set_config("xiaoke.tenant", str(tenant), True)))
        for number, epoch, version, refill in stream:
            told = _told(tenant, subjects[number], version, epoch, refill=refill)
            write(session, copies, told, {"name": f"{epoch}/{version}"})
        ended = {row.id: row.name for row in session.execute(select(copies))}

    assert ended == {one: f"{epoch}/{version}" for one, (epoch, version) in newest.items()}


def test_the_end_of_an_announcement_has_a_topic_of_its_own():
    assert end_of("thing.state.v1") == "thing.announced.v1"
    assert is_end("thing.announced.v1")
    assert not is_end("thing.state.v1")


def test_who_keeps_no_copies_has_nothing_to_do_where_an_announcement_ends():
    consumers = Consumers()
    consumers.on("thing.state.v1", NeededThing)(lambda *_: None)

    end = consumers.subscriptions["thing.announced.v1"]

    assert end.copies is None
    assert end.needs().load({"count": 3}) == {"count": 3}
    end.handle(None, None, {"count": 3})


def test_who_keeps_copies_handles_the_ends_of_announcements_too():
    consumers = Consumers()

    consumers.on("thing.state.v1", NeededThing, copies=copies)(lambda *_: None)

    assert set(consumers.subscriptions) == {"thing.state.v1", "thing.announced.v1"}
