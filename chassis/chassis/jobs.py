"""The clock in: what a service does by itself, for every tenant, and when."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

Task = Callable[[Session, datetime], None]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


class Schedule(Protocol):
    """When a job is due."""

    def last_due(self, now: datetime, time_zone: str) -> datetime:
        """The latest moment up to now at which it was due for people who live there."""


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, counted from midnight UTC."""

    span: timedelta

    def last_due(self, now: datetime, time_zone: str) -> datetime:
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (now - midnight) // self.span * self.span


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, at a time of the tenant's own clock."""

    at: time

    def last_due(self, now: datetime, time_zone: str) -> datetime:
        local = now.astimezone(ZoneInfo(time_zone))
        due = datetime.combine(local.date(), self.at, ZoneInfo(time_zone))
        if due > local:
            due = datetime.combine(local.date() - timedelta(days=1), self.at, ZoneInfo(time_zone))
        return due.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """A function that the clock calls in a transaction of each tenant."""

    name: str
    schedule: Schedule
    run: Task


class Jobs:
    """What the clock calls in a service."""

    def __init__(self) -> None:
        self.all: list[Job] = []

    def every(self, span: str) -> Callable[[Task], Task]:
        """Each `30s`, `10m` or `6h`."""
        number, unit = re.fullmatch(r"([1-9]\d*)([smh])", span).groups()  # type: ignore[union-attr]
        return self._declare(Every(timedelta(**{_UNITS[unit]: int(number)})))

    def daily(self, at: str) -> Callable[[Task], Task]:
        """Each day at `00:05`, by the clock of the tenant."""
        return self._declare(Daily(time.fromisoformat(at)))

    def _declare(self, schedule: Schedule) -> Callable[[Task], Task]:
        def declare(task: Task) -> Task:
            self.all.append(Job(task.__name__, schedule, task))
            return task

        return declare
