"""A stack of its own for tests of faults: parts of it are killed, frozen, started otherwise."""

import http.client
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from stack import assemble, children, places, postgresql
from stack.children import Child
from stack.places import Stack

FARTHER = 100
PATIENCE = 30.0
LOOK_EVERY = 0.02
WORK = "-work"
_REPEATED = re.compile(r"^xiaoke_events_repeated_total (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Arena(Stack):
    """A stack beside that of the tests; what is done to it by name is done by pid."""

    test: bool = True
    folder: str = "faults"

    @property
    def home(self) -> Path:
        return self.checkout / ".local" / self.folder

    @cached_property
    def _parts(self) -> dict[str, Child]:
        return {part.name: part for part in assemble.parts(self)}

    def command(self, name: str) -> tuple[str, ...]:
        """By which command a part is started."""
        return self._parts[name].command

    def runs(self, name: str) -> bool:
        """Whether the process at the head of a part lives."""
        return children.running(self, name) is not None

    def family(self, name: str) -> set[int]:
        """The processes of a part that runs, by pid."""
        record = children.running(self, name)
        return set(children.family(record.pid)) if record else set()

    def kill(self, name: str) -> None:
        """End every process of a part without a word to it, and reap its head."""
        family = self.family(name)
        self._signal(name, signal.SIGKILL)
        wait_until(lambda: not any(map(children.start_of, family)), f"{name} is dead")
        record = children.recorded(self, name)
        if record is not None:
            with suppress(ChildProcessError):
                os.waitpid(record.pid, 0)

    def freeze(self, name: str) -> None:
        """Stop every process of a part where it stands."""
        self._signal(name, signal.SIGSTOP)

    def is_frozen(self, name: str) -> bool:
        """Whether every process of a part stands still."""
        states = [Path(f"/proc/{pid}/stat").read_text() for pid in self.family(name)]
        return all(stat.rpartition(")")[2].split()[0] == "T" for stat in states)

    def thaw(self, name: str) -> None:
        """Let a frozen part go on."""
        self._signal(name, signal.SIGCONT)

    def _signal(self, name: str, number: signal.Signals) -> None:
        for pid in self.family(name):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def start(self, name: str, *, command: tuple[str, ...] = (), **told: str | None) -> None:
        """Start a part anew, told something more, or by another command; an older one is killed.

        What is told as None is not told at all.
        """
        part = self._parts[name]
        self.kill(name)
        if name == "postgresql":
            postgresql.clear_lock(self)
        environment = {k: v for k, v in {**part.environment, **told}.items() if v is not None}
        part = replace(part, command=command or part.command, environment=environment)
        children.start(self, part)
        children.wait_until_ready(self, part)

    def arm(self, name: str, wanted: str, *, command: tuple[str, ...] = (), **told: str) -> None:
        """Start a part that dies at a point: at its second hit for `publish.after:2`."""
        # Whoever was armed with the same point before would count on, from nothing.
        self.kill(name)
        self._hits(name, wanted).unlink(missing_ok=True)
        self.start(name, command=command, XIAOKE_FAILPOINT=wanted, **told)

    def fired(self, name: str, wanted: str) -> bool:
        """Whether the point was hit as often as its killing takes."""
        hits = self._hits(name, wanted)
        return hits.exists() and hits.stat().st_size >= int(wanted.partition(":")[2] or 1)

    def _hits(self, name: str, wanted: str) -> Path:
        point = wanted.partition(":")[0]
        return self.home / "state" / name.removesuffix(WORK) / f"hits-{point}"

    def restore(self) -> None:
        """Start every part that does not run, or not as it should."""
        for name, part in self._parts.items():
            self.thaw(name)
            if not children.as_wanted(self, part):
                self.start(name)

    def rows(self, service: str, query: str, *values: Any) -> list[dict[str, Any]]:
        """What the owner of a service's database is answered."""
        url = postgresql.url(self, service, "owner")
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def repeated(self) -> int:
        """How many deliveries the consumers that run now have absorbed because they knew them."""
        return sum(self.repeated_by(service) for service in self.services)

    def repeated_by(self, service: str) -> int:
        """How many of those the consumer of one service has absorbed since it was started."""
        line = http.client.HTTPConnection("127.0.0.1", self.work_port(service), timeout=5)
        try:
            line.request("GET", "/metrics")
            found = _REPEATED.search(line.getresponse().read().decode())
        except OSError:
            return 0
        finally:
            line.close()
        return int(float(found[1])) if found else 0


def wait_until(truth: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    """Return once something is true; raises TimeoutError if it does not become so."""
    deadline = time.monotonic() + within
    while not truth():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {within:.0f} s it is not so that {what}")
        time.sleep(LOOK_EVERY)


def wanted_base() -> int:
    """The first port: beside that of the tests, unless another was named."""
    named = os.environ.get("XIAOKE_FAULTS_BASE")
    return int(named or places.remembered_base(places.CHECKOUT, test=True) + FARTHER)


@contextmanager
def opened(arena: Arena) -> Iterator[Arena]:
    """The arena is up inside the block and ended behind it, by pid; its logs stay."""
    is_kept = bool(os.environ.get("XIAOKE_KEEP"))
    with assemble.alone(arena):
        if not is_kept:
            # An interrupted run may have left something, frozen perhaps.
            assemble.down(arena)
        if not any(map(arena.runs, children.names(arena))):
            places.forget(arena)
        try:
            assemble.up(arena)
            yield arena
        finally:
            # Who keeps the stack of the tests keeps this one too.
            if not is_kept:
                assemble.down(arena)
