"""A connection to the broker is kept up, and nobody takes silence for an answer."""

import threading
from uuid import uuid4

import pika
import pytest
from cable import cable_to
from structlog.testing import capture_logs
from things import until

from chassis import broker
from chassis.broker import EVENTS, Consumer, Message, Publisher, Receipt, link

PATIENCE = 15.0


@pytest.fixture
def topic():
    return f"thing.t{uuid4().hex}.v1"


@pytest.fixture
def queue(alone, topic):
    """A queue that hears of the topic."""
    name = f"heard-{uuid4()}"
    broker.declare(alone["broker"], name, [(EVENTS, topic)])
    yield name
    with pika.BlockingConnection(pika.URLParameters(alone["broker"])) as connection:
        connection.channel().queue_delete(name)


@pytest.fixture
def cable(alone):
    """A cable to the broker that the test may pull."""
    wanted = pika.URLParameters(alone["broker"])
    with cable_to((wanted.host, wanted.port)) as cable:
        yield cable


@pytest.fixture
def address(alone, cable):
    """The broker's address at the near end of the cable."""
    port = pika.URLParameters(alone["broker"]).port
    return alone["broker"].replace(f":{port}/", f":{cable.port}/")


@pytest.fixture
def opened():
    """Closes at the end what a test opens."""
    things = []

    def keep(thing):
        things.append(thing)
        return thing

    yield keep
    for thing in things:
        thing.close()


@pytest.fixture
def publisher(opened):
    def make(url):
        made = opened(Publisher(url))
        assert made.wait_up(PATIENCE)
        return made

    return make


@pytest.fixture
def consumer(opened, queue):
    def make(url, prefetch=100):
        made = opened(Consumer(url, queue, prefetch=prefetch))
        assert made.wait_up(PATIENCE)
        return made

    return make


def _messages(topic, *bodies):
    return [
        Message(number, EVENTS, topic, str(uuid4()), body.encode())
        for number, body in enumerate(bodies)
    ]


def _reconnect(sender):
    """Give the connection up, and wait for the next one."""
    channel = sender._channel
    sender._link.drop()
    until(lambda: sender._channel not in {None, channel} and sender.wait_up(0))


def _take(consumer, count):
    taken = []

    def enough():
        taken.extend(consumer.take(count - len(taken), wait=0.1, gather=0.02))
        return len(taken) == count

    until(enough)
    return taken


def _bodies(taken):
    return [one.body.decode() for one in taken]


def test_what_is_published_is_confirmed_and_arrives_in_order(alone, topic, publisher, consumer):
    sent = _messages(topic, "one", "two", "three")

    receipt = publisher(alone["broker"]).publish(sent, within=PATIENCE)

    assert receipt == Receipt(confirmed={0, 1, 2})
    assert _bodies(_take(consumer(alone["broker"]), 3)) == ["one", "two", "three"]


def test_what_nobody_wants_is_told_apart(alone, topic, queue, publisher):
    sent = [*_messages(topic, "one"), Message(7, EVENTS, "thing.unheard.v1", str(uuid4()), b"")]

    receipt = publisher(alone["broker"]).publish(sent, within=PATIENCE)

    assert receipt == Receipt(confirmed={0}, unroutable={7})


def test_the_sender_is_who_the_broker_says(alone, topic, publisher, consumer):
    publisher(alone["broker"]).publish(_messages(topic, "one"), within=PATIENCE)

    (taken,) = _take(consumer(alone["broker"]), 1)

    assert taken.user == broker.user_of(alone["broker"])


def test_a_publisher_comes_back_after_its_connection_was_cut(
    cable, address, topic, queue, publisher
):
    sender = publisher(address)
    cable.pull()
    until(lambda: not sender.wait_up(0))

    cable.plug()

    assert sender.wait_up(PATIENCE)
    assert sender.publish(_messages(topic, "one"), within=PATIENCE).confirmed == {0}


def test_publishing_without_a_connection_confirms_nothing(cable, address, topic, queue, publisher):
    sender = publisher(address)
    cable.pull()
    until(lambda: not sender.wait_up(0))

    assert sender.publish(_messages(topic, "one"), within=0.2) == Receipt()


def test_a_publisher_that_was_never_connected_answers_within_its_deadline(opened, topic):
    sender = opened(Publisher("amqp://nobody:none@127.0.0.1:1/none"))

    assert sender.publish(_messages(topic, "one"), within=0.1) == Receipt()


def test_a_confirm_that_is_lost_leaves_the_message_unconfirmed(alone, topic, queue, publisher):
    sender = publisher(alone["broker"])
    sender._answered = lambda frame: None
    _reconnect(sender)

    assert sender.publish(_messages(topic, "one"), within=0.2) == Receipt()


def test_a_cable_that_is_pulled_while_a_batch_is_in_flight_ends_the_wait(
    cable, address, topic, queue, publisher
):
    sender = publisher(address)
    sender._answered = lambda frame: None
    _reconnect(sender)
    sent = threading.Event()
    receipts = []

    def publish():
        sent.set()
        receipts.append(sender.publish(_messages(topic, "one"), within=60))

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
    _reconnect(sender)
    sender.publish(_messages(topic, "late"), within=0.2)
    until(lambda: held)
    sender._answered = answer
    until(lambda: sender._next_tag == 1 and sender.wait_up(0))

    for frame in held:
        answer(frame)

    assert sender.publish(_messages(topic, "one", "two"), within=PATIENCE).confirmed == {0, 1}


def test_what_was_not_acknowledged_comes_again_after_a_cut(
    alone, cable, address, topic, publisher, consumer
):
    taker = consumer(address)
    publisher(alone["broker"]).publish(_messages(topic, "one", "two"), within=PATIENCE)
    first = _take(taker, 2)

    cable.pull()
    until(lambda: not taker.wait_up(0))
    cable.plug()

    assert _bodies(_take(taker, 2)) == _bodies(first) == ["one", "two"]


def test_what_was_acknowledged_does_not_come_again(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(_messages(topic, "one", "two", "three"), within=PATIENCE)

    taker.acknowledge(_take(taker, 2))
    taker.close()

    assert _bodies(_take(consumer(alone["broker"]), 1)) == ["three"]


def test_what_is_given_back_is_delivered_anew(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(_messages(topic, "one", "two"), within=PATIENCE)
    first = _take(taker, 2)

    taker.give_back()

    again = _take(taker, 2)
    assert _bodies(again) == _bodies(first)
    assert again[0].life > first[0].life


def test_giving_back_twice_is_giving_back_once(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(_messages(topic, "one"), within=PATIENCE)
    _take(taker, 1)

    taker.give_back()
    taker.give_back()

    assert _bodies(_take(taker, 1)) == ["one"]


def test_an_acknowledgement_of_an_earlier_channel_is_ignored(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"], prefetch=2)
    publisher(alone["broker"]).publish(_messages(topic, "one", "two", "three"), within=PATIENCE)
    stale = _take(taker, 2)
    taker.give_back()
    fresh = _take(taker, 2)

    taker.acknowledge(stale)
    assert taker.take(1, wait=0.1, gather=0) == []
    taker.acknowledge(fresh)

    assert _bodies(_take(taker, 1)) == ["three"]


def test_what_an_earlier_channel_delivered_is_not_taken(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(_messages(topic, "one"), within=PATIENCE)
    until(lambda: not taker._arrived.empty())
    life = taker._life

    taker.give_back()
    until(lambda: taker._life > life)

    (taken,) = _take(taker, 1)
    assert taken.life == taker._life
    assert taker.take(1, wait=0.05, gather=0) == []


def test_no_more_than_the_prefetch_is_under_way(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"], prefetch=2)
    publisher(alone["broker"]).publish(_messages(topic, "one", "two", "three"), within=PATIENCE)
    taken = _take(taker, 2)
    assert taker.take(1, wait=0.05, gather=0) == []

    taker.acknowledge(taken)

    assert _bodies(_take(taker, 1)) == ["three"]


def test_one_consumer_of_a_queue_is_active_and_the_next_takes_over(
    alone, topic, publisher, consumer
):
    first, second = consumer(alone["broker"]), consumer(alone["broker"])
    publisher(alone["broker"]).publish(_messages(topic, "one"), within=PATIENCE)
    _take(first, 1)
    assert second.take(1, wait=0.05, gather=0) == []

    first.close()

    assert _bodies(_take(second, 1)) == ["one"]


def test_a_queue_that_was_deleted_and_made_again_is_consumed_again(
    alone, topic, queue, publisher, consumer
):
    taker = consumer(alone["broker"])
    life = taker._life
    with pika.BlockingConnection(pika.URLParameters(alone["broker"])) as connection:
        connection.channel().queue_delete(queue)
    until(lambda: taker._life > life)

    broker.declare(alone["broker"], queue, [(EVENTS, topic)])
    publisher(alone["broker"]).publish(_messages(topic, "one"), within=PATIENCE)

    assert _bodies(_take(taker, 1)) == ["one"]


def test_a_queue_that_is_declared_again_stays_as_it_is(alone, topic, queue, publisher, consumer):
    publisher(alone["broker"]).publish(_messages(topic, "one"), within=PATIENCE)

    broker.declare(alone["broker"], queue, [(EVENTS, topic)])

    assert _bodies(_take(consumer(alone["broker"]), 1)) == ["one"]


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
