"""Months of events are made ahead and dropped as a whole, never with anything under way in them."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis import calendar, retention

pytestmark = pytest.mark.usefixtures("quiet")

KEPT = timedelta(days=14)


def _id(year, month, day):
    """A UUIDv7 of that day."""
    milliseconds = int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | secrets.randbits(62))


@pytest.fixture(autouse=True)
def _no_old_months(owner):
    """Takes away the months of 2021, in which these tests happen."""

    def drop():
        with owner.begin() as connection:
            for name in _months(connection):
                connection.exec_driver_sql(f"DROP TABLE {name}")
            for table in ("outbox", "inbox"):
                connection.exec_driver_sql(
                    f"DELETE FROM {table} WHERE event_id < floor_of('2022-01-01')"
                )

    drop()
    yield
    drop()


def _months(connection):
    asked = r"SELECT relname FROM pg_class WHERE relname ~ '^(in|out)box_2021_\d\d$' ORDER BY 1"
    return list(connection.exec_driver_sql(asked).scalars())


@pytest.fixture
def months(owner):
    def read():
        with owner.connect() as connection:
            return _months(connection)

    return read


@pytest.fixture
def keep(database):
    """Has the months kept as on a day of 2021; answers what was changed."""

    def act(month, day):
        moment = datetime(2021, month, day, tzinfo=UTC)
        with database.engine.begin() as connection:
            asked = "SELECT keep_months(%s, %s)"
            return connection.exec_driver_sql(asked, (moment, KEPT)).scalar_one()

    return act


@pytest.fixture
def an_event(rows):
    """Puts an event of a day of 2021 into the outbox; answers in which table it lies."""

    def make(month, day, *, published=True):
        (row,) = rows(
            "INSERT INTO outbox (event_id, topic, tenant_id, personal, envelope, published_at)"
            " VALUES (:id, 'thing.moved.v1', :id, false, '{}', :at) RETURNING event_id",
            id=_id(2021, month, day),
            at=calendar.now() if published else None,
        )
        return row.event_id

    return make


@pytest.fixture
def an_arrival(rows):
    def make(month, day, state="done"):
        (row,) = rows(
            "INSERT INTO inbox (event_id, topic, state) VALUES (:id, 'thing.moved.v1', :state)"
            " RETURNING event_id",
            id=_id(2021, month, day),
            state=state,
        )
        return row.event_id

    return make


@pytest.fixture
def lies_in(rows):
    def read(table, event_id):
        asked = f"SELECT tableoid::regclass::text AS place FROM {table} WHERE event_id = :id"
        return [row.place for row in rows(asked, id=event_id)]

    return read


def test_this_month_and_two_more_are_there(keep, months):
    changed = keep(3, 15)

    wanted = [f"{box}_2021_{month}" for box in ("inbox", "outbox") for month in ("03", "04", "05")]
    assert months() == wanted
    assert sorted(changed) == [f"made {name}" for name in wanted]


def test_keeping_months_again_changes_nothing(keep):
    keep(3, 15)

    assert keep(3, 15) == []


def test_an_event_lies_in_its_month(keep, an_event, an_arrival, lies_in):
    keep(3, 15)

    assert lies_in("outbox", an_event(4, 30)) == ["outbox_2021_04"]
    assert lies_in("inbox", an_arrival(3, 1)) == ["inbox_2021_03"]


def test_a_month_that_is_made_late_takes_its_events_over(keep, an_event, lies_in):
    early, other = an_event(4, 2, published=False), an_event(8, 2)
    before = lies_in("outbox", early)

    keep(3, 15)

    assert (before, lies_in("outbox", early)) == (["outbox_others"], ["outbox_2021_04"])
    assert lies_in("outbox", other) == ["outbox_others"]


def test_an_event_that_was_taken_over_keeps_its_place_in_the_order(keep, an_event, rows):
    one = an_event(4, 2)
    asked = "SELECT position FROM outbox WHERE event_id = :id"
    before = rows(asked, id=one)

    keep(3, 15)

    assert rows(asked, id=one) == before


def test_a_finished_month_is_dropped_once_its_last_event_is_old(keep, months, an_event, an_arrival):
    keep(3, 15)
    an_event(3, 31)
    an_arrival(3, 31)

    too_early, in_time = keep(4, 14), keep(4, 15)

    assert not any("dropped" in one for one in too_early)
    assert sorted(one for one in in_time if "dropped" in one) == [
        "dropped inbox_2021_03",
        "dropped outbox_2021_03",
    ]
    assert "outbox_2021_03" not in months()


def test_a_month_with_an_unpublished_event_is_never_dropped(keep, months, an_event):
    keep(3, 15)
    an_event(3, 2, published=False)

    keep(12, 15)

    assert "outbox_2021_03" in months()
    assert "inbox_2021_03" not in months()


@pytest.mark.parametrize("state", ["pending", "parked"])
def test_a_month_with_an_event_that_had_no_effect_is_never_dropped(keep, months, an_arrival, state):
    keep(3, 15)
    an_arrival(3, 2, state)

    keep(12, 15)

    assert "inbox_2021_03" in months()
    assert "outbox_2021_03" not in months()


def test_the_year_turns_without_a_gap(keep, months):
    keep(11, 30)

    assert {"outbox_2021_11", "outbox_2021_12"} <= set(months())


@pytest.fixture
def a_published_one(rows):
    """Puts a personal event into the outbox that was published as long ago."""

    def make(ago, *, personal=True):
        (row,) = rows(
            "INSERT INTO outbox (event_id, topic, tenant_id, personal, envelope, published_at)"
            """ VALUES (:id, 'thing.sold.v1', :id, :personal, '{"id": 1, "data": {"to": "Ada"}}',"""
            " now() - CAST(:ago AS interval)) RETURNING event_id",
            id=uuid4(),
            ago=ago,
            personal=personal,
        )
        return row.event_id

    return make


def _envelopes(rows, *ids):
    asked = "SELECT envelope FROM outbox WHERE event_id = :id"
    return [rows(asked, id=one)[0].envelope for one in ids]


def test_a_personal_event_is_emptied_a_week_after_it_was_published(database, a_published_one, rows):
    old, young = a_published_one(timedelta(days=7, hours=1)), a_published_one(timedelta(days=6))

    retention.sweep(database.engine)

    assert _envelopes(rows, old, young) == [{"id": 1}, {"id": 1, "data": {"to": "Ada"}}]


def test_an_event_that_is_not_personal_keeps_its_content(database, a_published_one, rows):
    one = a_published_one(timedelta(days=8), personal=False)

    retention.sweep(database.engine)

    assert _envelopes(rows, one) == [{"id": 1, "data": {"to": "Ada"}}]


def test_a_personal_event_that_was_not_published_keeps_its_content(database, a_published_one, rows):
    one = a_published_one(timedelta(days=30))
    rows("UPDATE outbox SET published_at = NULL WHERE event_id = :id", id=one)

    retention.sweep(database.engine)

    assert _envelopes(rows, one) == [{"id": 1, "data": {"to": "Ada"}}]


def test_runs_of_jobs_are_forgotten_after_two_months(database, crew, rows):
    rows(
        "INSERT INTO job_runs (tenant_id, job, due) SELECT :tenant, 'x', now() - make_interval("
        "days => days) FROM unnest(ARRAY[61, 59]) AS days",
        tenant=crew.id,
    )

    retention.sweep(database.engine)

    assert len(rows("SELECT 1 FROM job_runs WHERE tenant_id = :tenant", tenant=crew.id)) == 1


def test_answers_are_forgotten_after_a_week_for_one_tenant_at_a_time(
    working, crew, other_crew, rows
):
    for tenant in (crew.id, other_crew.id):
        rows(
            "INSERT INTO idempotency (tenant_id, person_id, key, request_hash, created_at)"
            " SELECT :tenant, :tenant, days::text, '', now() - make_interval(days => days)"
            " FROM unnest(ARRAY[8, 6]) AS days",
            tenant=tenant,
        )

    with working(crew.id) as tx:
        retention.forget_answers(tx.session, calendar.now())

    asked = "SELECT key FROM idempotency WHERE tenant_id = :tenant ORDER BY key"
    assert [row.key for row in rows(asked, tenant=crew.id)] == ["6"]
    assert [row.key for row in rows(asked, tenant=other_crew.id)] == ["6", "8"]
