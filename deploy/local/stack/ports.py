"""Whether a port is free, and who has it."""

import socket
from pathlib import Path

LISTENING = "0A"


def taken(port: int) -> bool:
    """Whether somebody listens there; connections that are only winding up do not count."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def holder(port: int) -> str:
    """The process that listens on a port, as a person would name it."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            held = str(descriptor.readlink())
        except OSError:
            continue
        if held in sockets:
            process = descriptor.parents[1]
            return f"{(process / 'comm').read_text().strip()}, process {process.name}"
    return "a process of another user"


def _inodes(port: int) -> set[str]:
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for row in table.read_text().splitlines()[1:] if table.exists() else ():
            column = row.split()
            if column[3] == LISTENING and int(column[1].rpartition(":")[2], 16) == port:
                found.add(column[9])
    return found
