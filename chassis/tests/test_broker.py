"""A connection to the broker is kept up, and nobody takes silence for an answer."""

import threading
from uuid import uuid4

from lines import PATIENCE, bodies_of, messages, reconnect, taken_from
from structlog.testing import capture_logs
from things import until

from chassis import broker
from chassis.broker import EVENTS, Consumer, Message, Publisher, Receipt, link


def test_what_is_published_is_confirmed_and_arrives_in_order(alone, topic, publisher, consumer):
    sent = messages(topic, "one", "two", "three")

    receipt = publisher(alone["broker"]).publish(sent, within=PATIENCE)

    assert receipt == Receipt(confirmed={0, 1, 2})
    assert bodies_of(taken_from(consumer(alone["broker"]), 3)) == ["one", "two", "three"]


def test_what_nobody_wants_is_told_apart(alone, topic, queue, publisher):
    sent = [*messages(topic, "one"), Message(7, EVENTS, "thing.unheard.v1", str(uuid4()), b"")]

    receipt = publisher(alone["broker"]).publish(sent, within=PATIENCE)

    assert receipt == Receipt(confirmed={0}, unroutable={7})


def test_a_publisher_comes_back_after_its_connection_was_cut(
    cable, address, topic, queue, publisher
):
    sender = publisher(address)
    cable.pull()
    until(lambda: not sender.wait_up(0))

    cable.plug()

    assert sender.wait_up(PATIENCE)
    assert sender.publish(messages(topic, "one"), within=PATIENCE).confirmed == {0}


def test_publishing_without_a_connection_confirms_nothing(cable, address, topic, queue, publisher):
    sender = publisher(address)
    cable.pull()
    until(lambda: not sender.wait_up(0))

    assert sender.publish(messages(topic, "one"), within=0.2) == Receipt()


def test_a_publisher_that_was_never_connected_answers_within_its_deadline(opened, topic):
    sender = opened(Publisher("amqp://nobody:none@127.0.0.1:1/none"))

    assert sender.publish(messages(topic, "one"), within=0.1) == Receipt()


def test_a_confirm_that_is_lost_leaves_the_message_unconfirmed(alone, topic, queue, publisher):
    sender = publisher(alone["broker"])
    sender._answered = lambda frame: None
    reconnect(sender)

    assert sender.publish(messages(topic, "one"), within=0.2) == Receipt()


def test_a_cable_that_is_pulled_while_a_batch_is_in_flight_ends_the_wait(
    cable, address, topic, queue, publisher
):
    sender = publisher(address)
    sender._answered = lambda frame: None
    reconnect(sender)
    sent = threading.Event()
    receipts = []

    def publish():
        sent.set()
        receipts.append(sender.publish(messages(topic, "one"), within=60))

    waiting = threading.Thread(target=publish)
    waiting.start()
    sent.wait(PATIENCE)
    cable.pull()
    waiting.join(PATIENCE)

    assert receipts == [Receipt()]


def test_an_answer_to_an_earlier_batch_is_not_taken_for_a_later_one(alone, topic, queue, publisher):
    sender = publisher(alone["broker"])
    answer, held = sender._answered, []
    sender._answered = held.append
    reconnect(sender)
    sender.publish(messages(topic, "late"), within=0.2)
    until(lambda: held)
    sender._answered = answer
    until(lambda: sender._next_tag == 1 and sender.wait_up(0))

    for frame in held:
        answer(frame)

    assert sender.publish(messages(topic, "one", "two"), within=PATIENCE).confirmed == {0, 1}


def test_a_queue_that_is_declared_again_stays_as_it_is(alone, topic, queue, publisher, consumer):
    publisher(alone["broker"]).publish(messages(topic, "one"), within=PATIENCE)

    broker.declare(alone["broker"], queue, [(EVENTS, topic)])

    assert bodies_of(taken_from(consumer(alone["broker"]), 1)) == ["one"]


def test_a_connection_is_closed_without_a_complaint(alone, queue, caplog):
    with capture_logs() as said:
        for one in (Publisher(alone["broker"]), Consumer(alone["broker"], queue, prefetch=1)):
            assert one.wait_up(PATIENCE)
            one.close()
            assert not one._link._thread.is_alive()

    assert said == []
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == []


def test_a_connection_that_is_closed_while_it_begins_ends(alone, monkeypatch):
    class Sudden(link.SelectConnection):
        """Made in the very moment in which somebody closes the link."""

        def __init__(self, *arguments, **rest):
            sender._link._closing.set()
            super().__init__(*arguments, **rest)

    monkeypatch.setattr(link, "SelectConnection", Sudden)
    monkeypatch.setattr(link.threading.Thread, "start", lambda thread: None)
    sender = Publisher(alone["broker"])
    monkeypatch.undo()
    monkeypatch.setattr(link, "SelectConnection", Sudden)

    sender._link._thread.start()
    sender._link._thread.join(PATIENCE)

    assert not sender._link._thread.is_alive()


def test_a_name_in_an_address_is_read_as_it_was_meant():
    assert broker.user_of("amqp://wecom%2Dbridge:secret@localhost/") == "wecom-bridge"
