"""Gathering evidence: wait until everything has come to rest, then read what two services keep."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from arena import PATIENCE, Arena, wait_until
from seller import Attempt, Seller
from verdict import Copy, Customer, Evidence, Lead, Opening, Told

CALM_WITHIN = 10.0

_LEADS = """
SELECT id::text, state, customer_id::text, ARRAY(
    SELECT c.id::text FROM conversions c WHERE c.lead_id = l.id ORDER BY c.created_at
) AS asked_for
FROM leads l WHERE id = ANY(%s::uuid[])
"""
_QUESTIONS = """
SELECT topic, envelope->>'subject' AS lead_id, envelope->'data'->>'customer_id' AS customer_id,
       envelope->'data'->>'undo' AS undo
FROM outbox WHERE envelope->>'subject' = ANY(%s)
AND topic IN ('lead.converted.v1', 'lead.reverted.v1')
"""
_ANSWERS = """
SELECT topic, envelope->'data'->>'lead_id' AS lead_id, envelope->>'subject' AS customer_id,
       envelope->'data'->>'undo' AS undo
FROM outbox WHERE envelope->'data'->>'lead_id' = ANY(%s) AND topic <> 'customer.state.v1'
"""
_OPENINGS = """
SELECT id::text, lead_id::text, refused_because IS NOT NULL AS is_refused
FROM openings WHERE lead_id = ANY(%s::uuid[])
"""
_CUSTOMERS = """
SELECT id::text, lead_id::text, name, archived_at IS NOT NULL AS is_archived, version,
       (SELECT count(*) FROM contact_links l WHERE l.customer_id = c.id) AS contacts
FROM customers c WHERE lead_id = ANY(%s::uuid[])
"""
_COPIES = """
SELECT id::text, name, archived_at IS NOT NULL AS is_archived, version
FROM customer_copies WHERE id = ANY(%s::uuid[])
"""
_UNPUBLISHED = """
SELECT topic FROM outbox WHERE published_at IS NULL AND envelope->>'subject' = ANY(%s)
"""
_UNAPPLIED = """
SELECT topic, state, error FROM inbox WHERE state <> 'done' AND subject = ANY(%s::uuid[])
"""
_RESTLESS = """
SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL)
     + (SELECT count(*) FROM inbox WHERE state = 'pending') AS count
"""
_ARRIVED = """
SELECT l.id FROM leads l JOIN customer_copies c ON c.id = l.customer_id
WHERE l.id = %s AND l.state = 'converted'
"""


def come_to_rest(arena: Arena, seller: Seller, within: float = PATIENCE) -> Attempt:
    """Wait until nothing is under way any more; returns the attempt by which it is known.

    Facts keep their order from outbox to inbox. So one more lead is converted at the end, and where
    it has arrived, whatever set out before it and is not there will not come any more. What is left
    over then is for the verdict.
    """
    last = seller.convert(seller.enter())
    wait_until(
        lambda: arena.rows("leads", _ARRIVED, last.lead_id), "the last lead has arrived", within
    )
    with suppress(TimeoutError):
        wait_until(lambda: not restless(arena), "nothing is under way", within=CALM_WITHIN)
    return last


def restless(arena: Arena) -> int:
    """How many events wait in the outboxes and inboxes of leads and customers."""
    return sum(arena.rows(service, _RESTLESS)[0]["count"] for service in ("leads", "customers"))


def gather(arena: Arena, attempts: Sequence[Attempt], *, repeated: int = 0) -> Evidence:
    """What both services keep about the leads of these attempts, and what is stuck of it."""
    leads = sorted({one.lead_id for one in attempts})
    openings = [Opening(**row) for row in arena.rows("customers", _OPENINGS, leads)]
    customers = [Customer(**row) for row in arena.rows("customers", _CUSTOMERS, leads)]
    kept = [
        Lead(**{**row, "asked_for": tuple(row["asked_for"])})
        for row in arena.rows("leads", _LEADS, leads)
    ]
    theirs = {one.id for one in openings} | {one for lead in kept for one in lead.asked_for}
    subjects = sorted({*leads, *theirs})
    return Evidence(
        attempts=attempts,
        leads=kept,
        questions=_told(arena.rows("leads", _QUESTIONS, leads)),
        answers=_told(arena.rows("customers", _ANSWERS, leads)),
        openings=openings,
        customers=customers,
        copies=[Copy(**row) for row in arena.rows("leads", _COPIES, sorted(theirs))],
        stuck=[*_stuck(arena, "leads", subjects), *_stuck(arena, "customers", subjects)],
        repeated=repeated,
    )


def _told(rows: list[dict[str, Any]]) -> list[Told]:
    return [Told(**row) for row in rows]


def _stuck(arena: Arena, service: str, subjects: Collection[str]) -> list[str]:
    outbox = arena.rows(service, _UNPUBLISHED, subjects)
    inbox = arena.rows(service, _UNAPPLIED, subjects)
    return [
        *(f"{row['topic']} in the outbox of {service}" for row in outbox),
        *(f"{row['topic']} {row['state']} in {service}: {row['error']}" for row in inbox),
    ]
