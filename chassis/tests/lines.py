"""What tests send over the lines of the broker, and take from them."""

from uuid import uuid4

import pika
from things import until

from chassis.broker import EVENTS, Message

PATIENCE = 20.0


def messages(topic, *bodies):
    return [
        Message(number, EVENTS, topic, str(uuid4()), body.encode())
        for number, body in enumerate(bodies)
    ]


def reconnect(sender):
    """Give the connection up, and wait for the next one."""
    channel = sender._channel
    sender._link.drop()
    until(lambda: sender._channel not in {None, channel} and sender.wait_up(0))


def taken_from(consumer, count):
    taken = []

    def enough():
        taken.extend(consumer.take(count - len(taken), wait=0.1, gather=0.02))
        return len(taken) == count

    until(enough)
    return taken


def bodies_of(taken):
    return [one.body.decode() for one in taken]


def delete_queues(url, *names):
    """Take queues away, and what is in them."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        for name in names:
            connection.channel().queue_delete(name)
