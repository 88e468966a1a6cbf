"""A message stays the broker's until it is acknowledged on the channel that delivered it."""

import pika
from lines import PATIENCE, bodies_of, messages, taken_from
from things import until

from chassis import broker
from chassis.broker import EVENTS


def test_the_sender_is_who_the_broker_says(alone, topic, publisher, consumer):
    publisher(alone["broker"]).publish(messages(topic, "one"), within=PATIENCE)

    (taken,) = taken_from(consumer(alone["broker"]), 1)

    assert taken.user == broker.user_of(alone["broker"])


def test_what_was_not_acknowledged_comes_again_after_a_cut(
    alone, cable, address, topic, publisher, consumer
):
    taker = consumer(address)
    publisher(alone["broker"]).publish(messages(topic, "one", "two"), within=PATIENCE)
    first = taken_from(taker, 2)

    cable.pull()
    until(lambda: not taker.wait_up(0))
    cable.plug()

    assert bodies_of(taken_from(taker, 2)) == bodies_of(first) == ["one", "two"]


def test_what_was_acknowledged_does_not_come_again(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(messages(topic, "one", "two", "three"), within=PATIENCE)

    taker.acknowledge(taken_from(taker, 2))
    taker.close()

    assert bodies_of(taken_from(consumer(alone["broker"]), 1)) == ["three"]


def test_what_is_given_back_is_delivered_anew(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(messages(topic, "one", "two"), within=PATIENCE)
    first = taken_from(taker, 2)

    taker.give_back()

    again = taken_from(taker, 2)
    assert bodies_of(again) == bodies_of(first)
    assert again[0].life > first[0].life


def test_giving_back_twice_is_giving_back_once(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(messages(topic, "one"), within=PATIENCE)
    taken_from(taker, 1)

    taker.give_back()
    taker.give_back()

    assert bodies_of(taken_from(taker, 1)) == ["one"]


def test_an_acknowledgement_of_an_earlier_channel_is_ignored(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"], prefetch=2)
    publisher(alone["broker"]).publish(messages(topic, "one", "two", "three"), within=PATIENCE)
    stale = taken_from(taker, 2)
    taker.give_back()
    fresh = taken_from(taker, 2)

    taker.acknowledge(stale)
    assert taker.take(1, wait=0.1, gather=0) == []
    taker.acknowledge(fresh)

    assert bodies_of(taken_from(taker, 1)) == ["three"]


def test_what_an_earlier_channel_delivered_is_not_taken(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"])
    publisher(alone["broker"]).publish(messages(topic, "one"), within=PATIENCE)
    until(lambda: not taker._arrived.empty())
    life = taker._life

    taker.give_back()
    until(lambda: taker._life > life)

    (taken,) = taken_from(taker, 1)
    assert taken.life == taker._life
    assert taker.take(1, wait=0.05, gather=0) == []


def test_no_more_than_the_prefetch_is_under_way(alone, topic, publisher, consumer):
    taker = consumer(alone["broker"], prefetch=2)
    publisher(alone["broker"]).publish(messages(topic, "one", "two", "three"), within=PATIENCE)
    taken = taken_from(taker, 2)
    assert taker.take(1, wait=0.05, gather=0) == []

    taker.acknowledge(taken)

    assert bodies_of(taken_from(taker, 1)) == ["three"]


def test_one_consumer_of_a_queue_is_active_and_the_next_takes_over(
    alone, topic, publisher, consumer
):
    first, second = consumer(alone["broker"]), consumer(alone["broker"])
    publisher(alone["broker"]).publish(messages(topic, "one"), within=PATIENCE)
    taken_from(first, 1)
    assert second.take(1, wait=0.05, gather=0) == []

    first.close()

    assert bodies_of(taken_from(second, 1)) == ["one"]


def test_a_queue_that_was_deleted_and_made_again_is_consumed_again(
    alone, topic, queue, publisher, consumer
):
    taker = consumer(alone["broker"])
    life = taker._life
    with pika.BlockingConnection(pika.URLParameters(alone["broker"])) as connection:
        connection.channel().queue_delete(queue)
    until(lambda: taker._life > life)

    broker.declare(alone["broker"], queue, [(EVENTS, topic)])
    publisher(alone["broker"]).publish(messages(topic, "one"), within=PATIENCE)

    assert bodies_of(taken_from(taker, 1)) == ["one"]
