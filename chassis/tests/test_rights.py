"""The broker lets a service say what is its own, under its own name, and nothing else."""

from uuid import uuid4

import pika
import pytest
from lines import PATIENCE, delete_queues

from chassis import broker
from chassis.broker import ANNOUNCE, EVENTS, Message, Publisher, Receipt


@pytest.fixture
def publishing(alone):
    """Publishes one message as the broker's user of leads, or with what the test changes of it."""
    opened = []

    def publish(topic, exchange=EVENTS):
        publisher = Publisher(alone["amqp"]["leads"])
        opened.append(publisher)
        assert publisher.wait_up(PATIENCE)
        return publisher.publish(
            [Message(1, exchange, topic, str(uuid4()), b"{}")], within=PATIENCE
        )

    yield publish
    for publisher in opened:
        publisher.close()


def test_a_service_publishes_its_own_topic(publishing, listener):
    listener("lead.converted.v1")

    assert publishing("lead.converted.v1") == Receipt(confirmed={1})


def test_a_service_cannot_publish_the_topic_of_another(publishing, listener):
    consumer = listener("customer.created.v1")

    assert publishing("customer.created.v1") == Receipt()
    assert consumer.take(1, wait=0.05, gather=0.01) == []


def test_a_service_cannot_announce_what_is_not_its_own(publishing, listener):
    listener("identity.#", exchange=ANNOUNCE)

    assert publishing("identity.customer.state.v1", ANNOUNCE) == Receipt()


def test_a_service_cannot_go_around_the_exchanges(publishing, listener, alone):
    assert publishing("customers", "") == Receipt()


def test_a_service_cannot_publish_under_another_name(alone, listener):
    consumer = listener("lead.converted.v1")
    forged = pika.BasicProperties(user_id="customers", message_id=str(uuid4()))

    with pika.BlockingConnection(pika.URLParameters(alone["amqp"]["leads"])) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="user_id"):
            channel.basic_publish(EVENTS, "lead.converted.v1", b"{}", forged)

    assert consumer.take(1, wait=0.05, gather=0.01) == []


@pytest.fixture
def queue_of_leads(alone):
    """The queue is the service's own."""
    yield
    delete_queues(alone["broker"], "leads")


def test_a_service_cannot_listen_to_what_is_announced_to_another(alone, queue_of_leads):
    broker.declare(alone["amqp"]["leads"], "leads", [(ANNOUNCE, "leads.#")])

    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
        broker.declare(alone["amqp"]["leads"], "leads", [(ANNOUNCE, "customers.#")])
