"""What waits is counted in the database, at the moment somebody asks."""

import pytest
from prometheus_client import CollectorRegistry
from things import a_delivery, an_envelope

from chassis import db, inbox
from chassis.gauges import Waiting

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def gauge(database):
    registry = CollectorRegistry()
    registry.register(Waiting(database.engine))
    return lambda name: registry.get_sample_value(f"xiaoke_{name}")


NAMES = (
    "outbox_unpublished",
    "outbox_oldest_seconds",
    "outbox_unroutable",
    "inbox_pending",
    "inbox_lag_seconds",
    "inbox_parked",
)


def test_where_nothing_waits_everything_is_zero(gauge):
    assert [gauge(name) for name in NAMES] == [0.0] * 6


def test_what_is_not_published_is_counted_with_its_age(gauge, rows):
    rows(
        "INSERT INTO outbox (event_id, topic, tenant_id, personal, envelope, recorded_at,"
        " unroutable_at) SELECT gen_random_uuid(), 'thing.moved.v1', gen_random_uuid(), false,"
        " '{}', now() - make_interval(hours => hours), CASE WHEN hours = 2 THEN now() END"
        " FROM unnest(ARRAY[1, 2]) AS hours"
    )

    assert gauge("outbox_unpublished") == 2
    assert gauge("outbox_unroutable") == 1
    assert 7200 <= gauge("outbox_oldest_seconds") < 7500


def test_what_has_had_no_effect_is_counted_with_its_lag(gauge, database, rows):
    inbox.store(database.engine, [a_delivery(an_envelope()) for _ in range(3)])
    rows("UPDATE inbox SET next_at = now() - interval '1 hour' WHERE state = 'pending'")

    assert gauge("inbox_pending") == 3
    assert 3600 <= gauge("inbox_lag_seconds") < 3900


def test_what_was_postponed_has_no_lag_yet(gauge, database, rows):
    inbox.store(database.engine, [a_delivery(an_envelope())])
    rows("UPDATE inbox SET next_at = now() + interval '1 hour' WHERE state = 'pending'")

    assert gauge("inbox_lag_seconds") == 0


def test_what_waits_for_a_person_is_counted(gauge, database):
    inbox.store(database.engine, [a_delivery(an_envelope(source="/thief"))])

    assert (gauge("inbox_parked"), gauge("inbox_pending")) == (1, 0)


def test_a_database_that_is_away_has_nothing_to_say():
    nowhere = db.Database("postgresql://nobody@127.0.0.1:1/none", pool_size=1)

    assert list(Waiting(nowhere.engine).collect()) == []
