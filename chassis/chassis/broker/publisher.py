"""Publishing in batches, and knowing of each message what became of it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import pika

from chassis import failpoints
from chassis.broker.link import Link, user_of
from chassis.envelope import CONTENT_TYPE


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be published; `number` is how its sender calls it."""

    number: int
    exchange: str
    key: str
    id: str
    body: bytes


@dataclass(slots=True)
class Receipt:
    """What the broker said of a batch: which it keeps for good, and which nobody wanted."""

    confirmed: set[int] = field(default_factory=set)
    unroutable: set[int] = field(default_factory=set)


class _Batch:
    """Messages in flight; filled in by the connection's thread, waited for by the sender's."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.by_tag: dict[int, Message] = {}
        self.returned: set[tuple[str, str, str]] = set()
        self.receipt = Receipt()
        self.settled = threading.Event()

    def settle(self, tag: int, *, multiple: bool, is_kept: bool) -> None:
        """Take down an answer for one message, or for it and all before it."""
        tags = list(takewhile(lambda t: t <= tag, self.by_tag)) if multiple else [tag]
        for message in filter(None, (self.by_tag.pop(t, None) for t in tags)):
            # A message that is returned is confirmed as well, after it.
            # Two versions of one fact have one id, so its address belongs to its name.
            if (message.id, message.exchange, message.key) in self.returned:
                self.receipt.unroutable.add(message.number)
            elif is_kept:
                self.receipt.confirmed.add(message.number)
        if not self.by_tag:
            self.settled.set()


class Publisher:
    """Publishes batches and says what became of each message: persistent, mandatory, confirmed."""

    def __init__(self, url: str) -> None:
        self._user = user_of(url)
        self._channel: Any = None
        self._next_tag = 1
        self._batch = _Batch([])
        self._link = Link(url, self._begin, self._lost)
        self._link.start()

    def wait_up(self, within: float) -> bool:
        """Whether the broker is there, or comes in time."""
        return self._link.wait_up(within)

    def publish(self, messages: Sequence[Message], *, within: float) -> Receipt:
        """Have a batch in flight as a whole, for at most `within` seconds.

        What is in neither part of the receipt may or may not have arrived: the connection is given
        up, so that no later answer can be taken for another batch's.
        """
        batch = _Batch(messages)
        self._link.hand_over(lambda: self._send(batch))
        if not batch.settled.wait(within) or batch.by_tag:
            self._link.drop()
        return Receipt(set(batch.receipt.confirmed), set(batch.receipt.unroutable))

    def close(self) -> None:
        self._link.close()

    def _begin(self, channel: Any, up: Callable[[], None]) -> None:
        self._channel, self._next_tag = channel, 1
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._answered, lambda _ok: up())

    def _lost(self) -> None:
        self._channel = None
        self._batch.settled.set()

    def _send(self, batch: _Batch) -> None:
        self._batch = batch
        channel = self._channel
        if channel is None or not channel.is_open:
            batch.settled.set()
            return
        failpoints.hit("publish.before")
        for message in batch.messages:
            batch.by_tag[self._next_tag] = message
            self._next_tag += 1
            channel.basic_publish(
                message.exchange,
                message.key,
                message.body,
                self._properties(message),
                mandatory=True,
            )
        failpoints.hit("publish.after")

    def _properties(self, message: Message) -> pika.BasicProperties:
        # The broker refuses a user id that is not the connection's own: who reads it may trust it.
        return pika.BasicProperties(
            content_type=CONTENT_TYPE,
            delivery_mode=pika.DeliveryMode.Persistent.value,
            message_id=message.id,
            user_id=self._user,
        )

    def _returned(self, _channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        self._batch.returned.add((properties.message_id, method.exchange, method.routing_key))

    def _answered(self, frame: Any) -> None:
        failpoints.hit("confirm.before")
        is_kept = isinstance(frame.method, pika.spec.Basic.Ack)
        self._batch.settle(
            frame.method.delivery_tag, multiple=frame.method.multiple, is_kept=is_kept
        )
        failpoints.hit("confirm.after")
