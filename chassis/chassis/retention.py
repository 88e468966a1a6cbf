"""How long the chassis keeps what it keeps, and the months in which it lies."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from chassis.jobs import Jobs

# A month of the outbox or the inbox goes as a whole, once the last of it is this old.
EVENTS_KEPT = timedelta(days=14)
PERSONAL_KEPT = timedelta(days=7)
RUNS_KEPT = timedelta(days=60)
ANSWERS_KEPT = timedelta(days=7)
SWEEP_EVERY = timedelta(hours=1)

jobs = Jobs()

_SWEEPS = (
    (text("SELECT keep_months(now(), :age)"), EVENTS_KEPT),
    (
        text(
            "UPDATE outbox SET envelope = envelope - 'data', personal = false"
            " WHERE personal AND published_at < now() - :age"
        ),
        PERSONAL_KEPT,
    ),
    (text("DELETE FROM job_runs WHERE due < now() - :age"), RUNS_KEPT),
)


def sweep(engine: Engine) -> None:
    """Make the months to come, drop those that are over, and empty what may be kept no longer."""
    for statement, age in _SWEEPS:
        with engine.begin() as connection:
            connection.execute(statement, {"age": age})


@jobs.daily("03:10")
def forget_answers(session: Session, now: datetime) -> None:
    """Give idempotency keys free: who calls again after a week means something new."""
    session.execute(
        text("DELETE FROM idempotency WHERE tenant_id = current_tenant() AND created_at < :before"),
        {"before": now - ANSWERS_KEPT},
    )
