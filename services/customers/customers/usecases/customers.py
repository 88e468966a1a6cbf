"""Entering and completing customers, and telling who is here already."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.db import find
from chassis.events import record
from customers import policy
from customers.events import CustomerCreated
from customers.models import (
    Customer,
    CustomerExists,
    Match,
    ReasonMissing,
    SimilarCustomers,
    alike,
    strongest,
)

log = structlog.get_logger()


def enter_customer(
    session: Session,
    *,
    by: Actor,
    now: datetime,
    confirmed_similar: Collection[UUID] = (),
    confirmed_because: str | None = None,
    **written: Any,
) -> Customer:
    """Take down a customer; who enters it follows it, and contacts may come later (CUST-01).

    Raises CustomerExists for the same company, SimilarCustomers for one that may be and was not
    confirmed to be another, ReasonMissing where it was without saying why (decision 16);
    UnreadableName, BadUscc.
    """
    customer = Customer(
        creator_id=by.person_id,
        confirmed_similar=list(confirmed_similar),
        confirmed_because=confirmed_because,
        **written,
    )
    customer.follow(by.person_id, now=now)
    must_be_new(session, customer)
    session.add(customer)
    record(session, CustomerCreated(lead_id=None, contact_id=None), of=customer)
    return customer


def complete_customer(
    session: Session, *, by: Actor, customer_id: UUID, version: int | None, changes: dict[str, Any]
) -> Customer:
    """Fill in or correct what is known of a customer; its name changes by request only (REN-01).

    Raises NotFound, NotYours, Stale; CustomerArchived, BadUscc; CustomerExists for the code of
    another customer.
    """
    customer = find(
        session, Customer, customer_id, policy.customers, by=by, to="edit", version=version
    )
    customer.complete(changes)
    return customer


def must_be_new(session: Session, customer: Customer, *, mobiles: Iterable[str] = ()) -> None:
    """Refuse a company that is here already (decision 16).

    `mobiles` are those of its contacts. Raises CustomerExists, SimilarCustomers, both with the
    matches as their argument; ReasonMissing.
    """
    matches = _alike(session, customer, mobiles)
    same = [match for match in matches if match.is_same]
    if same:
        raise CustomerExists(same)
    open_questions = [m for m in matches if m.customer_id not in customer.confirmed_similar]
    if open_questions:
        raise SimilarCustomers(open_questions)
    if matches and not customer.confirmed_because:
        raise ReasonMissing
    if matches:
        log.info(
            "similar_customers.confirmed",
            customer_id=str(customer.id),
            similar=[str(match.customer_id) for match in matches],
        )


def _alike(session: Session, customer: Customer, mobiles: Iterable[str]) -> list[Match]:
    numbers = [number for number in (customer.mobile, *mobiles) if number]
    wanted = alike(name=customer.name, uscc=customer.uscc, mobiles=numbers)
    with session.no_autoflush:
        return strongest(session.execute(wanted))
