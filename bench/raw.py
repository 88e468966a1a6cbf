"""pika and nothing else: the fastest that its asynchronous connection publishes and consumes."""

from collections.abc import Callable
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection

from chassis.broker import EVENTS

# In flight at once when publishing, and acknowledged at once when consuming: as ours.
BATCH = 500
ACKNOWLEDGED_AT_ONCE = 50


def publish(url: str, user: str, key: str, body: bytes, count: int) -> None:
    """Publish `count` messages, persistent and confirmed, a batch in flight at a time."""

    def begin(channel: Any) -> None:
        sent, confirmed = 0, 0
        properties = pika.BasicProperties(delivery_mode=2, user_id=user)

        def send() -> None:
            nonlocal sent
            for _ in range(min(BATCH, count - sent)):
                channel.basic_publish(EVENTS, key, body, properties, mandatory=True)
                sent += 1

        def answered(frame: Any) -> None:
            nonlocal confirmed
            tag = frame.method.delivery_tag
            confirmed = tag if frame.method.multiple else confirmed + 1
            if confirmed == count:
                channel.connection.close()
            elif confirmed == sent:
                send()

        channel.confirm_delivery(answered, callback=lambda _ok: send())

    _run(url, begin)


def consume(url: str, queue: str, count: int) -> None:
    """Take `count` messages from a queue, and acknowledge them in batches."""

    def begin(channel: Any) -> None:
        taken = 0

        def arrived(_channel: Any, method: Any, _properties: Any, _body: bytes) -> None:
            nonlocal taken
            taken += 1
            if taken % ACKNOWLEDGED_AT_ONCE == 0 or taken == count:
                channel.basic_ack(method.delivery_tag, multiple=True)
            if taken == count:
                channel.connection.close()

        channel.basic_qos(prefetch_count=1000)
        channel.basic_consume(queue, arrived)

    _run(url, begin)


def _run(url: str, begin: Callable[[Any], None]) -> None:
    connection = SelectConnection(
        pika.URLParameters(url),
        on_open_callback=lambda opened: opened.channel(on_open_callback=begin),
        on_open_error_callback=_failed,
        on_close_callback=lambda closed, _why: closed.ioloop.stop(),
    )
    connection.ioloop.start()


def _failed(_connection: Any, error: BaseException) -> None:
    raise error
