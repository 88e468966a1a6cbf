"""The relay: ships what is in the outbox, in order, and marks what the broker has confirmed."""

from typing import NamedTuple

import psycopg
import structlog

from chassis import failpoints, observe
from chassis.broker import ANNOUNCE, EVENTS, Message, Publisher

BATCH = 500
WITHIN = 5.0

log = structlog.get_logger()

# Always from the lowest unpublished position: rows become visible out of order, so that "after the
# last one seen" would lose those that were committed late.
_READ = """
SELECT position, event_id::text, topic, recipient, envelope::text FROM outbox
WHERE published_at IS NULL
AND (unroutable_at IS NULL OR unroutable_at < now() - interval '60 seconds')
ORDER BY position LIMIT %s
"""
_MARK = """
UPDATE outbox SET published_at = now() WHERE published_at IS NULL AND position = ANY(%s)
"""
_SET_ASIDE = """
UPDATE outbox SET unroutable_at = now() WHERE published_at IS NULL AND position = ANY(%s)
"""

Row = tuple[int, str, str, str | None, str]


class Shipped(NamedTuple):
    """How many rows a batch had, and how many of them are still to be published."""

    rows: int
    left: int


def ship(
    connection: psycopg.Connection[Row], publisher: Publisher, source: str, batch: int = BATCH
) -> Shipped:
    """Publish one batch, and mark what the broker keeps.

    Reads and marks on the connection that holds the service's lock, so that who lost the lead can
    do neither. Whatever was not confirmed stays, and is read again.
    """
    rows = connection.execute(_READ, (batch,)).fetchall()
    if not rows:
        return Shipped(0, 0)
    receipt = publisher.publish([_message(row, source) for row in rows], within=WITHIN)
    topics = {position: topic for position, _, topic, _, _ in rows}
    if receipt.confirmed:
        failpoints.hit("mark.before")
        connection.execute(_MARK, (sorted(receipt.confirmed),))
        failpoints.hit("mark.after")
    if receipt.unroutable:
        # Nobody is bound to the topic: a fault of the deployment, so it is kept and tried later.
        connection.execute(_SET_ASIDE, (sorted(receipt.unroutable),))
        unheard = sorted({topics[position] for position in receipt.unroutable})
        log.error("event.unroutable", topics=unheard, count=len(receipt.unroutable))
    for counter, positions in (
        (observe.published, receipt.confirmed),
        (observe.returned, receipt.unroutable),
    ):
        for position in positions:
            counter.labels(topics[position]).inc()
    settled = len(receipt.confirmed) + len(receipt.unroutable)
    return Shipped(len(rows), len(rows) - settled)


def _message(row: Row, source: str) -> Message:
    position, event_id, topic, recipient, envelope = row
    exchange, key = (ANNOUNCE, f"{recipient}.{topic}") if recipient else (EVENTS, topic)
    # The source is said here, where the broker can hold it against who we are.
    body = f'{{"source": "/{source}", {envelope[1:]}'
    return Message(position, exchange, key, event_id, body.encode())
