"""One connection to the broker, kept up by a thread of its own."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import pika
import structlog
from pika.adapters.select_connection import SelectConnection
from pika.exceptions import AMQPError

HEARTBEAT = 10
# A memory alarm blocks publishers silently; after this the connection counts as lost.
BLOCKED = 10
CONNECT_WITHIN = 5
SLOWEST_RETRY = 5.0

log = structlog.get_logger()


def user_of(url: str) -> str:
    """The name under which a process speaks to the broker: that of its service."""
    return unquote(urlsplit(url).username or "")


def parameters(url: str) -> pika.URLParameters:
    """How every connection is made: with a heartbeat, and never waiting for ever."""
    wanted = pika.URLParameters(url)
    wanted.heartbeat = HEARTBEAT
    wanted.blocked_connection_timeout = BLOCKED
    wanted.socket_timeout = wanted.stack_timeout = CONNECT_WITHIN
    return wanted


# A new channel, and what to call once the broker has agreed to its use.
Begin = Callable[[Any, Callable[[], None]], None]


class Link:
    """A connection with one channel, kept up by its own thread until it is closed.

    `begin` tells a new channel what it is for, and calls back when the broker has agreed; `lost` is
    called when there is no such channel any more.
    """

    def __init__(self, url: str, begin: Begin, lost: Callable[[], None]) -> None:
        self._url, self._begin, self._lost = url, begin, lost
        self._up = threading.Event()
        self._closing = threading.Event()
        self._connection: SelectConnection | None = None
        self._thread = threading.Thread(target=self._keep_up, name="broker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_up(self, within: float) -> bool:
        """Whether it is connected, or becomes so in time."""
        return self._up.wait(within)

    def close(self) -> None:
        """Say goodbye, after what was handed over before; returns when the thread has ended."""
        self._closing.set()
        self.hand_over(self._say_goodbye)
        self._thread.join(CONNECT_WITHIN)

    def drop(self) -> None:
        """Cut the connection without a word to a broker that may not listen; a new one follows."""
        self.hand_over(lambda: self._terminate("given up"))

    def _terminate(self, why: str) -> None:
        # One that is being closed closes its channel by itself, and must not be cut for that.
        if (living := self._living()) is not None:
            living._terminate_stream(AMQPError(why))

    def _say_goodbye(self) -> None:
        if (living := self._living()) is not None:
            living.close()

    def _living(self) -> Any:
        """The connection, unless it is on its way out already."""
        connection = self._connection
        is_over = connection is None or connection.is_closing or connection.is_closed
        return None if is_over else connection

    def hand_over(self, act: Callable[[], Any]) -> None:
        """Have the connection's own thread do something, if there still is one."""
        connection = self._connection
        if connection is not None:
            # Its loop may have ended meanwhile, and whatever was to be done with it.
            with suppress(Exception):
                connection.ioloop.add_callback_threadsafe(act)

    def _keep_up(self) -> None:
        failures = 0
        while not self._closing.is_set():
            was_up = self._live_once()
            failures = 0 if was_up else failures + 1
            pause = min(SLOWEST_RETRY, 0.1 * 2**failures)
            self._closing.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter

    def _live_once(self) -> bool:
        """One connection from its beginning to its end; whether it ever was of use."""
        connection = self._connection = SelectConnection(
            parameters(self._url),
            on_open_callback=lambda opened: opened.channel(on_open_callback=self._opened),
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
        )
        was_up = False
        if self._closing.is_set():
            # Whoever closed us in this moment may have found no connection to say goodbye to.
            self.hand_over(self._say_goodbye)
        try:
            connection.ioloop.start()
            was_up = self._up.is_set()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next connection may work
            log.warning("broker.broken", error=repr(error))
        finally:
            self._up.clear()
            self._connection = None
            self._lost()
            connection.ioloop.close()
        return was_up

    def _ended(self, connection: Any, error: BaseException) -> None:
        if not self._closing.is_set():
            log.warning("broker.away", error=repr(error))
        connection.ioloop.stop()

    def _opened(self, channel: Any) -> None:
        channel.add_on_close_callback(lambda _channel, error: self._terminate(repr(error)))
        self._begin(channel, self._up.set)
