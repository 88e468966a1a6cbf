"""The clock in: what leads do by themselves."""

from datetime import datetime

from sqlalchemy.orm import Session

from chassis.jobs import Jobs
from leads import usecases

jobs = Jobs()


@jobs.every("30s")
def ask_for_answers(session: Session, now: datetime) -> None:
    """No lead stays on its way: customers are asked again (rules 14)."""
    usecases.ask_again(session, now=now)
