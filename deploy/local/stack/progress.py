"""What a person at the terminal sees while the stack is made, and how a step fails."""

import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LAST_LINES = 25


class Failed(Exception):
    """A step could not be done; knows the log that says why."""

    def __init__(self, reason: str, log: Path | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.log = log


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Say what is being done, then how long it took; a Failed learns which step it was."""
    sys.stdout.write(f"  {doing:<52}")
    sys.stdout.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException as error:
        say("failed")
        if isinstance(error, Failed):
            error.add_note(doing)
        raise
    say(f"{time.monotonic() - started:6.1f} s")


def tell_failure(failed: Failed) -> None:
    """The step, the reason, and the last lines of the log, for the terminal."""
    where = getattr(failed, "__notes__", [])
    sys.stderr.write(f"\nFailed: {' / '.join([*where[::-1], failed.reason])}\n")
    if failed.log is not None and failed.log.exists():
        sys.stderr.write(f"The last lines of {failed.log}:\n")
        with failed.log.open(errors="replace") as lines:
            sys.stderr.writelines(f"  | {line.rstrip()}\n" for line in deque(lines, LAST_LINES))
