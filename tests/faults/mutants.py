"""`python -m mutants NAME PACKAGE COMMAND`: a process of a service that breaks one promise.

Each mutant takes back one decision of the chassis, the smallest change that does, before the
process starts as it always does.
"""

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pika.channel

from chassis import applier, broker, db, envelope, events, inbox, relay, worker
from chassis.failpoints import hit
from chassis.main import main

MUTANTS: dict[str, Callable[[], None]] = {}


def mutant(install: Callable[[], None]) -> Callable[[], None]:
    MUTANTS[install.__name__.replace("_", "-")] = install
    return install


@mutant
def publish_before_commit() -> None:
    """A request publishes what it announces itself, and commits afterwards."""
    settle = events.settle

    @cache
    def publisher() -> broker.Publisher:
        found = broker.Publisher(Path(os.environ["XIAOKE_AMQP_URL_FILE"]).read_text().strip())
        found.wait_up(5)
        return found

    def hasty(session: Any) -> int:
        count = settle(session)
        rows = session.connection().exec_driver_sql(relay._READ, (relay.BATCH,)).all()
        if rows:
            publisher().publish([relay._message(row, "leads") for row in rows], within=5)
        return count

    events.settle = hasty


@mutant
def acknowledge_before_store() -> None:
    """The broker gives up its copy as soon as it has sent it."""
    consume = pika.channel.Channel.basic_consume

    def trusting(self: Any, *given: Any, **more: Any) -> Any:
        return consume(self, *given, auto_ack=True, **more)

    pika.channel.Channel.basic_consume = trusting
    broker.Consumer.acknowledge = lambda *_: None


@mutant
def no_confirm() -> None:
    """What was handed to the connection counts as kept by the broker."""

    def send(self: Any, messages: Any, *, within: float) -> broker.Receipt:
        batch = sys.modules[broker.Publisher.__module__]._Batch(messages)
        self._link.hand_over(lambda: self._send(batch))
        return broker.Receipt(confirmed={message.number for message in messages})

    broker.Publisher.publish = send


@mutant
def no_mandatory() -> None:
    """The broker may drop what nobody is bound to."""
    publish = pika.channel.Channel.basic_publish

    def careless(self: Any, *given: Any, **more: Any) -> Any:
        return publish(self, *given, **{**more, "mandatory": False})

    pika.channel.Channel.basic_publish = careless


@mutant
def no_inbox() -> None:
    """Every delivery has its effect at once, whether it was there before or not."""

    def apply_at_once(self: Any, consumer: broker.Consumer) -> None:
        taken = consumer.take(worker.STORED_AT_ONCE, wait=worker.POLL, gather=worker.GATHER)
        for delivery in taken:
            arrival = inbox.read(delivery)
            with db.transaction(UUID(arrival.tenant_id)) as tx:
                fact = envelope.fact(orjson.loads(arrival.envelope), by=tx.actor)
                self._applier.subscriptions[arrival.topic].apply(tx.session, fact)
        if taken:
            hit("ack.before")
            consumer.acknowledge(taken)
            hit("ack.after")

    worker.Worker._store = apply_at_once


@mutant
def done_in_its_own_transaction() -> None:
    """A fact is marked done first, and has its effect in another transaction."""

    def apply(self: Any, row: Any) -> None:
        with self.database.engine.begin() as connection:
            claimed = connection.execute(applier._CLAIM, {"id": row.event_id}).one()
            connection.execute(applier._DONE, {"id": row.event_id})
        with db.transaction(row.tenant_id) as tx:
            hit("apply.before")
            fact = envelope.fact(claimed.envelope, by=tx.actor)
            self.subscriptions[row.topic].apply(tx.session, fact)

    applier.Applier._apply = apply


@mutant
def only_after_the_last_one_seen() -> None:
    """The relay reads on from the last position that it has published."""
    relay._READ = relay._READ.replace(
        "WHERE published_at IS NULL",
        "WHERE position > (SELECT coalesce(max(position), 0) FROM outbox"
        " WHERE published_at IS NOT NULL) AND published_at IS NULL",
    )


@mutant
def mark_before_confirm() -> None:
    """The relay marks a batch as published, and publishes it afterwards."""
    publish = broker.Publisher.publish
    connections: list[Any] = []
    ship = relay.ship

    def remembering(connection: Any, *rest: Any) -> relay.Shipped:
        connections[:] = [connection]
        return ship(connection, *rest)

    def late(self: Any, messages: Any, *, within: float) -> broker.Receipt:
        connections[0].execute(relay._MARK, ([message.number for message in messages],))
        return publish(self, messages, within=within)

    relay.ship, broker.Publisher.publish = remembering, late


if __name__ == "__main__":
    name, package, *command = sys.argv[1:]
    MUTANTS[name]()
    sys.exit(main(package, command))
