"""Named points at which a process of the local stack can be killed, to see what survives it."""

import os
import signal
from pathlib import Path

POINTS = frozenset(
    f"{point}.{moment}"
    for point in (
        *("fact", "outbox", "commit", "publish", "confirm", "mark"),
        *("store", "ack", "apply", "done"),
    )
    for moment in ("before", "after")
)
_armed: tuple[str, int, Path] | None = None


def exists(wanted: str) -> bool:
    """Whether `publish.after:2` names a point, and perhaps the number of a hit."""
    point, _, number = wanted.partition(":")
    return point in POINTS and (number == "" or number.isdigit())


def arm(wanted: str | None, state_dir: Path) -> None:
    """Kill this service at a hit of a point: the second one for `publish.after:2`.

    Hits are counted in a file, over all processes and deaths: who comes after is not killed again.
    """
    global _armed  # noqa: PLW0603 - one point a process
    point, _, number = (wanted or "").partition(":")
    _armed = (point, int(number or 1), state_dir / f"hits-{point}") if wanted else None


def hit(point: str) -> None:
    """Die here, if this is the point and the time."""
    if _armed is not None and _armed[0] == point:
        _count(_armed[1], _armed[2])


def _count(deadly: int, hits: Path) -> None:
    # Appending tells each of several processes which hit was its own.
    with hits.open("ab", buffering=0) as file:
        file.write(b".")
        number = file.tell()
    if number == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
