"""A cable between a client and a server on this machine that a test can pull and plug in again."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator


class Cable:
    """Carries bytes from a port of its own to `target`; pulled, it carries nothing."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._is_plugged = True
        self._is_deaf = False
        # Bytes of the target that never arrived.
        self.swallowed = 0
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> int:
        """Cut every line at once, and refuse new ones; returns how many were cut."""
        with self._lock:
            self._is_plugged = False
            lines, self._lines = self._lines, set()
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        return len(lines)

    def plug(self) -> None:
        """Carry new lines again, both ways."""
        with self._lock:
            self._is_plugged, self._is_deaf = True, False

    def deafen(self) -> None:
        """Swallow from now on what the target says; what is said to it still arrives."""
        self._is_deaf = True

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with self._lock:
            is_plugged = self._is_plugged
        if not is_plugged:
            near.close()
            return
        # Where the target is away, the caller learns it as they would without us.
        with near, contextlib.suppress(OSError), socket.create_connection(self._target) as far:
            with self._lock:
                self._lines |= {near, far}
            self._exchange(near, far)

    def _exchange(self, near: socket.socket, far: socket.socket) -> None:
        """Pass bytes both ways until either side ends."""
        with selectors.DefaultSelector() as both:
            both.register(near, selectors.EVENT_READ, far)
            both.register(far, selectors.EVENT_READ, near)
            while True:
                for ready, _ in both.select():
                    arrived = ready.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not arrived:
                        return
                    if ready.fileobj is far and self._is_deaf:
                        self.swallowed += len(arrived)
                        continue
                    ready.data.sendall(arrived)

    def close(self) -> None:
        """Pull the cable for good."""
        self.pull()
        self._door.close()


@contextlib.contextmanager
def cable_to(target: tuple[str, int]) -> Iterator[Cable]:
    """A cable that is taken away at the end."""
    cable = Cable(target)
    try:
        yield cable
    finally:
        cable.close()
