"""Taking what arrives in a queue, and giving up the broker's copy when it is safe."""

import queue
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from chassis.broker.link import Link


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it arrived, and on which life of the channel."""

    life: int
    tag: int
    user: str | None
    key: str
    exchange: str
    body: bytes


class Consumer:
    """Takes what arrives in one queue; a message stays the broker's until it is acknowledged."""

    def __init__(self, url: str, queue_name: str, *, prefetch: int) -> None:
        self._queue_name, self._prefetch = queue_name, prefetch
        self._arrived: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._life = 0
        self._channel: Any = None
        self._link = Link(url, self._begin, self._lost)
        self._link.start()

    def wait_up(self, within: float) -> bool:
        """Whether the broker is there, or comes in time."""
        return self._link.wait_up(within)

    def take(self, most: int, *, wait: float, gather: float) -> list[Delivery]:
        """Up to `most` messages: wait for the first, then gather for a moment what comes along."""
        taken: list[Delivery] = []
        deadline = monotonic() + wait
        with suppress(queue.Empty):
            while len(taken) < most:
                delivery = self._arrived.get(timeout=max(0.0, deadline - monotonic()))
                # One from a lost channel comes again, and can no longer be acknowledged.
                if delivery.life == self._life:
                    if not taken:
                        deadline = monotonic() + gather
                    taken.append(delivery)
        return taken

    def acknowledge(self, taken: Sequence[Delivery]) -> None:
        """Give up the broker's copies of these and of all that came before them."""
        last = taken[-1]
        self._link.hand_over(lambda: self._acknowledge(last))

    def give_back(self) -> None:
        """Leave to the broker all that was not acknowledged: it delivers that anew."""
        self._link.drop()

    def close(self) -> None:
        self._link.close()

    def _begin(self, channel: Any, up: Callable[[], None]) -> None:
        self._channel = channel
        self._life += 1
        life = self._life
        channel.add_on_cancel_callback(lambda _frame: self._link.drop())
        channel.basic_qos(prefetch_count=self._prefetch)
        channel.basic_consume(
            self._queue_name,
            lambda _channel, method, properties, body: self._arrived.put(
                Delivery(
                    life,
                    method.delivery_tag,
                    properties.user_id,
                    method.routing_key,
                    method.exchange,
                    body,
                )
            ),
            callback=lambda _ok: up(),
        )

    def _lost(self) -> None:
        self._channel = None
        self._life += 1

    def _acknowledge(self, last: Delivery) -> None:
        if last.life == self._life and self._channel is not None and self._channel.is_open:
            self._channel.basic_ack(last.tag, multiple=True)
