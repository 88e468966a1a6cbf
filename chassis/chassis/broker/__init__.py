"""RabbitMQ: a publisher and a consumer, each with a connection and a thread of its own.

The only package that knows pika. A connection belongs to its thread; other threads hand work over
and wait for events. Everything that a broker forgets with a connection is said again.
"""

from collections.abc import Sequence

import pika

from chassis.broker.consumer import Consumer, Delivery
from chassis.broker.link import parameters, user_of
from chassis.broker.publisher import Message, Publisher, Receipt

__all__ = [
    "ANNOUNCE",
    "EVENTS",
    "Consumer",
    "Delivery",
    "Message",
    "Publisher",
    "Receipt",
    "declare",
    "user_of",
]

# To everybody, and to one subscriber whose name stands before the topic.
EVENTS, ANNOUNCE = "xiaoke.events", "xiaoke.announce"


def declare(url: str, queue: str, bindings: Sequence[tuple[str, str]]) -> None:
    """Make a service's queue and its bindings, (exchange, key), to the exchanges that exist.

    One consumer at a time, so that a standby keeps the order. Saying it again changes nothing.
    """
    with pika.BlockingConnection(parameters(url)) as connection:
        channel = connection.channel()
        arguments = {"x-queue-type": "quorum", "x-single-active-consumer": True}
        channel.queue_declare(queue, durable=True, arguments=arguments)
        for exchange, key in bindings:
            channel.queue_bind(queue, exchange, key)
