"""The running parts of a stack: started detached, remembered by pid and start, ended by pid."""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from stack import ports
from stack.accounts import Account
from stack.places import Stack
from stack.progress import Failed

READY_WITHIN = 90.0
# gunicorn gives requests under way 30 s.
ENDED_WITHIN = 40.0
PAUSE = 0.05

# Columns of /proc/PID/stat after the name.
STATE, PARENT, SESSION, THREADS, STARTED = 0, 1, 3, 17, 19


@dataclass(frozen=True, kw_only=True)
class Child:
    """What is to run, and how to know that it is well."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    ports: tuple[int, ...]
    ready: Callable[[], bool]
    account: Account | None = None
    # A digest of the files that it reads only at its start.
    made_of: str = ""
    stop: signal.Signals = signal.SIGTERM

    @property
    def fingerprint(self) -> str:
        """Changes when a running one would have to be started anew."""
        whole = [self.command, sorted(self.environment.items()), self.made_of]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


@dataclass(frozen=True)
class Record:
    """A child that was started. Pids come round again, so the start is remembered with it."""

    pid: int
    started: str
    fingerprint: str
    stop: int
    folder: str

    @property
    def alive(self) -> bool:
        return start_of(self.pid) == self.started


def start_of(pid: int) -> str | None:
    """When a living process started, distinct over restarts of the machine; None for the dead."""
    try:
        columns = _columns(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return None if _is_dead(columns) else f"{boot} {columns[STARTED]}"


def _is_dead(columns: list[str]) -> bool:
    # Its first thread may be gone while another still holds its files and ports.
    return columns[STATE] in "ZX" and int(columns[THREADS]) <= 1


def recorded(stack: Stack, name: str) -> Record | None:
    """The last start of a child, dead or alive."""
    try:
        return Record(**json.loads((stack.run / f"{name}.json").read_text()))
    except FileNotFoundError:
        return None


def names(stack: Stack) -> list[str]:
    """Every child that was started and not ended."""
    return sorted(path.stem for path in stack.run.glob("*.json"))


def running(stack: Stack, name: str) -> Record | None:
    record = recorded(stack, name)
    return record if record is not None and record.alive else None


def as_wanted(stack: Stack, child: Child) -> bool:
    """Whether it runs already, from the same code and settings."""
    record = running(stack, child.name)
    return record is not None and record.fingerprint == child.fingerprint


def start(stack: Stack, child: Child) -> None:
    """Start it in a session of its own, so that it outlives us; an older one is ended first."""
    end(stack, [child.name])
    for port in child.ports:
        if ports.taken(port):
            raise Failed(
                f"{child.name} needs port {port}, which is taken by {ports.holder(port)}; "
                f"end that, or choose other ports: base={stack.base + 1000}"
            )
    log = stack.log(child.name)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as out:
        begun = subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(child.environment),
            cwd=child.folder,
            user=child.account.uid if child.account else None,
            group=child.account.gid if child.account else None,
            extra_groups=[] if child.account else None,
            start_new_session=True,
        )
    # It outlives us: nothing here is to wait for it.
    begun.returncode = 0
    record = Record(
        pid=begun.pid,
        started=start_of(begun.pid) or "",
        fingerprint=child.fingerprint,
        stop=child.stop,
        folder=str(child.folder.resolve()),
    )
    fresh = stack.run / f"{child.name}.new"
    fresh.write_text(json.dumps(asdict(record)))
    fresh.replace(stack.run / f"{child.name}.json")


def wait_until_ready(stack: Stack, child: Child) -> None:
    """Return when it is well; raises Failed with its log when it ends or takes too long."""
    deadline = time.monotonic() + READY_WITHIN
    while not child.ready():
        if running(stack, child.name) is None:
            raise Failed(f"{child.name} ended before it was ready", stack.log(child.name))
        if time.monotonic() > deadline:
            raise Failed(
                f"{child.name} was not ready within {READY_WITHIN:.0f} s", stack.log(child.name)
            )
        time.sleep(PAUSE)


def end(stack: Stack, wanted: Iterable[str]) -> list[str]:
    """End these together, each by its pid, and return the names of those that were alive."""
    records = {name: record for name in wanted if (record := recorded(stack, name))}
    alive = sorted(name for name, record in records.items() if record.alive)
    for name in alive:
        _signal(records[name].pid, records[name].stop)
        # A frozen one hears nothing before it goes on.
        _signal(records[name].pid, signal.SIGCONT)
    deadline = time.monotonic() + ENDED_WITHIN
    for name, record in records.items():
        while record.alive and time.monotonic() < deadline:
            _reap(record.pid)
            time.sleep(PAUSE)
        if record.alive:
            _kill([record.pid])
        _kill(_orphans(record))
        (stack.run / f"{name}.json").unlink()
    return alive


def _orphans(record: Record) -> list[int]:
    """What a dead child has left behind, the workers of a killed nginx for example.

    They are still in the session that it led and in the folder where it was started; a stranger
    who came by its pid has neither.
    """
    return [
        pid
        for pid, columns in _everybody()
        if int(columns[SESSION]) == record.pid != pid
        and not _is_dead(columns)
        and _folder_of(pid) == record.folder
    ]


def _kill(pids: list[int]) -> None:
    for pid in pids:
        _signal(pid, signal.SIGKILL)
    for pid in pids:
        while start_of(pid) is not None:
            _reap(pid)
            time.sleep(PAUSE)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _everybody() -> Iterator[tuple[int, list[str]]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield int(stat.parent.name), _columns(stat.read_text())


def _columns(stat: str) -> list[str]:
    """The columns after the name of the program, which may have spaces and brackets in it."""
    return stat.rpartition(")")[2].split()


def _folder_of(pid: int) -> str | None:
    with suppress(OSError):
        return str(Path(f"/proc/{pid}/cwd").readlink())
    return None


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for member, columns in _everybody():
        children.setdefault(int(columns[PARENT]), []).append(member)
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def memory(pid: int) -> int:
    """Proportional share of memory, in bytes, of a child and all its descendants."""
    total = 0
    for member in family(pid):
        with suppress(OSError, IndexError):
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
            total += 1024 * int(rollup.partition("\nPss:")[2].split()[0])
    return total
