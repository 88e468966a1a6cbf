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
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        """Cut every line at once, and refuse new ones."""
        with self._lock:
            self._is_plugged = False
            lines, self._lines = self._lines, set()
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def plug(self) -> None:
        """Carry new lines again."""
        with self._lock:
            self._is_plugged = True

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
        with near, socket.create_connection(self._target) as far, contextlib.suppress(OSError):
            with self._lock:
                self._lines |= {near, far}
            _exchange(near, far)

    def close(self) -> None:
        """Pull the cable for good."""
        self.pull()
        self._door.close()


def _exchange(near: socket.socket, far: socket.socket) -> None:
    """Pass bytes both ways until either side ends."""
    with selectors.DefaultSelector() as both:
        both.register(near, selectors.EVENT_READ, far)
        both.register(far, selectors.EVENT_READ, near)
        while True:
            for ready, _ in both.select():
                arrived = ready.fileobj.recv(65536)  # type: ignore[union-attr]
                if not arrived:
                    return
                ready.data.sendall(arrived)


@contextlib.contextmanager
def cable_to(target: tuple[str, int]) -> Iterator[Cable]:
    """A cable that is taken away at the end."""
    cable = Cable(target)
    try:
        yield cable
    finally:
        cable.close()
