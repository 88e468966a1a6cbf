"""Every job runs once for each tenant and due moment, and what was missed is caught up once."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from things import Thing, until

from chassis import db
from chassis.clock import RETRY_AFTER, Clock
from chassis.jobs import Daily, Every, Jobs
from chassis.testing import Crew

pytestmark = pytest.mark.usefixtures("things", "quiet", "working")

SHANGHAI = "Asia/Shanghai"
NOON = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)


def _at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "now", "due"),
    [
        (timedelta(minutes=10), "2026-03-09 04:09:59", "2026-03-09 04:00:00"),
        (timedelta(minutes=10), "2026-03-09 04:10:00", "2026-03-09 04:10:00"),
        (timedelta(hours=6), "2026-03-09 23:59:59", "2026-03-09 18:00:00"),
        (timedelta(hours=6), "2026-03-10 00:00:00", "2026-03-10 00:00:00"),
        (timedelta(seconds=30), "2026-03-09 00:00:29", "2026-03-09 00:00:00"),
    ],
)
def test_every_span_is_counted_from_midnight(span, now, due):
    assert Every(span).last_due(_at(now), SHANGHAI) == _at(due)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # 00:04:59 and 00:05 of the 10th in Shanghai are still the 9th in UTC.
        ("2026-03-09 16:04:59", "2026-03-08 16:05:00"),
        ("2026-03-09 16:05:00", "2026-03-09 16:05:00"),
        ("2026-03-10 15:59:59", "2026-03-09 16:05:00"),
        ("2026-03-10 16:00:00", "2026-03-09 16:05:00"),
    ],
)
def test_a_day_begins_where_the_tenant_lives(now, due):
    assert Daily(time(0, 5)).last_due(_at(now), SHANGHAI) == _at(due)


def test_one_moment_is_due_at_other_times_for_people_who_live_elsewhere():
    daily = Daily(time(3, 10))

    assert daily.last_due(NOON, SHANGHAI) == _at("2026-03-08 19:10:00")
    assert daily.last_due(NOON, "Europe/Berlin") == _at("2026-03-09 02:10:00")


@pytest.mark.parametrize("span", ["", "10", "0m", "5d", "-1h", "m", "1.5h"])
def test_a_span_that_nobody_can_read_is_not_declared(span):
    with pytest.raises(AttributeError):
        Jobs().every(span)


@pytest.fixture
def jobs():
    return Jobs()


@pytest.fixture
def ran(rows, crew):
    """Answers for which moments a job had run for a tenant."""

    def read(job, tenant=None):
        asked = "SELECT due FROM job_runs WHERE tenant_id = :tenant AND job = :job ORDER BY due"
        return [row.due for row in rows(asked, tenant=tenant or crew.id, job=job)]

    return read


def _job(jobs, name, act):
    act.__name__ = name
    return jobs.every("10m")(act)


def test_a_job_runs_once_in_each_span(jobs, database, crew, ran, request):
    name = request.node.name
    calls = []
    _job(jobs, name, lambda session, now: calls.append(session.info["actor"].tenant_id))
    clock = Clock(database, jobs.all)

    for seconds in (0, 1, 599, 600, 601):
        clock.tick(NOON + timedelta(seconds=seconds))

    assert calls.count(crew.id) == 2
    assert ran(name) == [NOON, NOON + timedelta(minutes=10)]


def test_a_job_works_in_the_tenants_own_transaction(jobs, database, crew, rows, request):
    _job(jobs, request.node.name, lambda session, now: session.add(Thing(name=request.node.name)))

    Clock(database, jobs.all).tick(NOON)

    found = rows("SELECT tenant_id FROM things WHERE name = :name", name=request.node.name)
    assert crew.id in {row.tenant_id for row in found}
    assert len(found) == len({row.tenant_id for row in found})


def test_runs_that_were_missed_are_caught_up_once(jobs, database, crew, ran, request):
    name = request.node.name
    _job(jobs, name, lambda session, now: None)
    Clock(database, jobs.all).tick(NOON)

    Clock(database, jobs.all).tick(NOON + timedelta(hours=7))

    assert ran(name) == [NOON, NOON + timedelta(hours=7)]


def test_a_clock_that_begins_anew_does_not_repeat_a_run(jobs, database, crew, request):
    calls = []
    _job(jobs, request.node.name, lambda s, now: calls.append(s.info["actor"].tenant_id))

    for _ in range(2):
        Clock(database, jobs.all).tick(NOON)

    assert calls.count(crew.id) == 1


def test_two_clocks_at_once_run_a_job_once(jobs, database, crew, ran, request, somebody_waits):
    name, calls, go_on = request.node.name, [], threading.Event()

    def act(session, now):
        if session.info["actor"].tenant_id == crew.id:
            calls.append(now)
            assert go_on.wait(10)

    def tick():
        db.database.set(database)
        Clock(database, jobs.all).tick(NOON)

    _job(jobs, name, act)
    both = [threading.Thread(target=tick) for _ in range(2)]
    both[0].start()
    until(lambda: calls)
    both[1].start()
    until(lambda: somebody_waits() or len(calls) == 2)
    go_on.set()
    for one in both:
        one.join(30)

    assert (len(calls), ran(name)) == (1, [NOON])


def test_one_tenants_failure_does_not_stop_the_others(
    jobs, database, crew, other_crew, ran, request
):
    def act(session, now):
        if session.info["actor"].tenant_id == crew.id:
            raise RuntimeError("not for us")

    _job(jobs, request.node.name, act)

    Clock(database, jobs.all).tick(NOON)

    assert ran(request.node.name) == []
    assert ran(request.node.name, other_crew.id) == [NOON]


def test_a_job_that_failed_leaves_nothing_behind(jobs, database, crew, rows, request):
    def act(session, now):
        session.add(Thing(name=request.node.name))
        session.flush()
        raise RuntimeError("not for us")

    _job(jobs, request.node.name, act)

    Clock(database, jobs.all).tick(NOON)

    assert rows("SELECT 1 FROM things WHERE name = :name", name=request.node.name) == []


def test_a_job_that_failed_is_tried_again_after_a_while(jobs, database, crew, ran, request):
    calls = []

    def act(session, now):
        if session.info["actor"].tenant_id == crew.id:
            calls.append(now)
            if len(calls) == 1:
                raise RuntimeError("not yet")

    name = request.node.name
    _job(jobs, name, act)
    clock = Clock(database, jobs.all)
    again = NOON + RETRY_AFTER[0]

    for moment in (NOON, NOON + timedelta(seconds=1), again, again + timedelta(seconds=1)):
        clock.tick(moment)

    assert calls == [NOON, again]
    assert ran(name) == [NOON]


def test_a_job_that_fails_on_is_tried_more_and_more_slowly(jobs, database, crew, request):
    calls = []

    def act(session, now):
        if session.info["actor"].tenant_id == crew.id:
            calls.append(now)
            raise RuntimeError("never")

    act.__name__ = request.node.name
    jobs.daily("00:05")(act)
    clock = Clock(database, jobs.all)

    for seconds in (0, 5, 10, 65, 70, 665, 670, 1265, 1270, 1300):
        clock.tick(NOON + timedelta(seconds=seconds))

    assert [int((moment - NOON).total_seconds()) for moment in calls] == [0, 10, 70, 670, 1270]


def test_a_daily_job_runs_for_each_tenant_by_its_own_clock(jobs, database, crew, ran, request):
    berlin = Crew(database, time_zone="Europe/Berlin")
    name = request.node.name

    def act(session, now):
        pass

    act.__name__ = name
    jobs.daily("03:10")(act)

    Clock(database, jobs.all).tick(NOON)

    assert ran(name) == [_at("2026-03-08 19:10:00")]
    assert ran(name, berlin.id) == [_at("2026-03-09 02:10:00")]
