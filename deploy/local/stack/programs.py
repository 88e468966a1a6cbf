"""Where the programs of the distribution are, and which package brings the missing ones.

Run before the virtual environment exists, so it uses the standard library only.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from stack.progress import Failed

# The wrappers of RabbitMQ in /usr/sbin switch the user, so its own folder is asked first.
FOLDERS = (
    *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda b: float(b.parent.name))[::-1],
    Path("/usr/lib/rabbitmq/bin"),
    *(Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder),
    Path("/usr/sbin"),
)

PACKAGES = {
    "postgres": "postgresql",
    "initdb": "postgresql",
    "rabbitmq-server": "rabbitmq-server",
    "epmd": "rabbitmq-server",
    "nginx": "nginx-light",
}


def find(program: str, folders: Iterable[Path] = FOLDERS) -> Path:
    """The path of a program; raises Failed with the package that would bring it."""
    for folder in folders:
        path = folder / program
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise Failed(f"{program} is not installed (package {PACKAGES[program]})")


def missing(folders: Iterable[Path] = FOLDERS) -> dict[str, str]:
    """Program and package of everything the stack needs and this machine lacks."""
    searched = list(folders)
    lacking = {}
    for program, package in PACKAGES.items():
        try:
            find(program, searched)
        except Failed:
            lacking[program] = package
    return lacking


if __name__ == "__main__":
    for _program, _package in missing().items():
        sys.stdout.write(f"{_program} {_package}\n")
