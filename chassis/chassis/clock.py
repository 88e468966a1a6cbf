"""The clock: runs each job once for every tenant and due moment, and catches up what was missed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from chassis import db, observe
from chassis.jobs import Job
from chassis.tables import job_runs, org_tenants

RETRY_AFTER = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))

log = structlog.get_logger()

# Waits for a twin that is at it, and then finds that there is nothing left to do.
_CLAIM = text("""
INSERT INTO job_runs (tenant_id, job, due) VALUES (:tenant, :job, :due)
ON CONFLICT DO NOTHING RETURNING true
""")


class Clock:
    """What is due is a row that is not there yet; it is written in the transaction of the job."""

    def __init__(self, database: db.Database, jobs: Sequence[Job]) -> None:
        self._database, self._jobs = database, jobs
        # What was found done needs no second look until it is due again.
        self._seen: set[tuple[str, str, datetime]] = set()
        self._failed: dict[tuple[str, UUID], tuple[int, datetime]] = {}

    def tick(self, now: datetime) -> None:
        """Run what is due; raises DBAPIError where the database is away."""
        if not self._jobs:
            return
        with self._database.engine.connect() as connection:
            zones = connection.execute(select(org_tenants.c.time_zone).distinct()).scalars().all()
        seen = set()
        for job in self._jobs:
            for zone in zones:
                slot = (job.name, zone, job.schedule.last_due(now, zone))
                if slot in self._seen or self._run_all(job, zone, slot[2], now):
                    seen.add(slot)
        self._seen = seen

    def _run_all(self, job: Job, zone: str, due: datetime, now: datetime) -> bool:
        """Run a job for the tenants of one time zone; whether all of them have had it now."""
        ran = select(job_runs).where(
            job_runs.c.tenant_id == org_tenants.c.id, job_runs.c.job == job.name
        )
        wanting = select(org_tenants.c.id).where(
            org_tenants.c.time_zone == zone, ~ran.where(job_runs.c.due == due).exists()
        )
        with self._database.engine.connect() as connection:
            tenants = connection.execute(wanting).scalars().all()
        done = [self._run(job, tenant, due, now) for tenant in tenants]
        return all(done)

    def _run(self, job: Job, tenant: UUID, due: datetime, now: datetime) -> bool:
        failures, not_before = self._failed.get((job.name, tenant), (0, now))
        if now < not_before:
            return False
        try:
            with db.transaction(tenant) as tx:
                facts = {"tenant": tenant, "job": job.name, "due": due}
                if tx.session.execute(_CLAIM, facts).first() is not None:
                    job.run(tx.session, now)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            self._postpone(job, tenant, failures, now, error)
        except Exception as error:  # noqa: BLE001 - one tenant's trouble is not the others'
            self._postpone(job, tenant, failures, now, error)
        else:
            self._failed.pop((job.name, tenant), None)
            observe.jobs_run.labels(job.name, "done").inc()
            return True
        return False

    def _postpone(
        self, job: Job, tenant: UUID, failures: int, now: datetime, error: Exception
    ) -> None:
        pause = RETRY_AFTER[min(failures, len(RETRY_AFTER) - 1)]
        self._failed[job.name, tenant] = (failures + 1, now + pause)
        observe.jobs_run.labels(job.name, "failed").inc()
        log.error("job.failed", job=job.name, tenant_id=str(tenant), error=type(error).__name__)
