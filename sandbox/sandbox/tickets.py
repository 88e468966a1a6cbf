"""Slips of paper that are good once and for a while: the state of a login, the code of a scan."""

import secrets
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Tickets(Generic[T]):
    """What was written on each ticket that is still good. They live as long as the process."""

    def __init__(self, *, lasts: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lasts, self._clock = lasts, clock
        self._written: dict[str, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def issue(self, written: T) -> str:
        """A new ticket for `written`, good for as many seconds as tickets last."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._forget_old()
            self._written[ticket] = (self._clock() + self._lasts, written)
        return ticket

    def look_at(self, ticket: str) -> T | None:
        """What is written on a ticket, which stays good."""
        with self._lock:
            self._forget_old()
            return self._written.get(ticket, (0.0, None))[1]

    def take(self, ticket: str) -> T | None:
        """What is written on a ticket, which is used up with that."""
        with self._lock:
            self._forget_old()
            return self._written.pop(ticket, (0.0, None))[1]

    def _forget_old(self) -> None:
        now = self._clock()
        self._written = {t: w for t, w in self._written.items() if w[0] > now}
