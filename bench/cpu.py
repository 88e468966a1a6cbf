"""How much processor time processes have used, as the kernel counts it."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from stack import children

TICK = 1_000_000 // os.sysconf("SC_CLK_TCK")

# Columns of /proc/PID/stat after the name: own time and that of children that were waited for.
_FIRST, _LAST = 11, 15


def used(pids: Iterable[int]) -> int:
    """Microseconds of processor time of these processes and of the children they have reaped."""
    return TICK * sum(_ticks(pid) for pid in pids)


def used_by_family(pid: int) -> int:
    """Microseconds of a process and all its descendants, the ended ones included."""
    return used(children.family(pid))


def _ticks(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return ticks(Path(f"/proc/{pid}/stat").read_text())
    return 0


def ticks(stat: str) -> int:
    """User and system time in a line of /proc/PID/stat.

    The name of the program may have spaces and brackets in it, so columns are counted behind it.
    """
    return sum(int(column) for column in stat.rpartition(")")[2].split()[_FIRST:_LAST])
