"""The present moment, and the business day it falls on."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# The local stack may live on another day for a whole run; it is set once, at start.
_shift = timedelta()


def shift_clock(seconds: int) -> None:
    """Move this process's clock, in seconds; only the local stack's settings lead here."""
    global _shift  # noqa: PLW0603 - one clock a process
    _shift = timedelta(seconds=seconds)


def now() -> datetime:
    """The present instant, aware and in UTC. Only edges ask; business code is told."""
    return datetime.now(UTC) + _shift


def day_of(moment: datetime, time_zone: str) -> date:
    """The business date of an instant for people who live in `time_zone` (decision 17)."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
