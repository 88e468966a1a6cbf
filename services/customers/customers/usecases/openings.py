"""Leads that ask to become customers, and for themselves back (rules 14)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.errors import NotYet, Refusal
from chassis.events import Event, record
from chassis.people import TENANT
from customers.events import CustomerCreated, CustomerKept, CustomerRefused, CustomerWithdrawn
from customers.models import (
    Contact,
    ContactLink,
    Customer,
    CustomerExists,
    Match,
    Opening,
    SimilarCustomers,
)
from customers.usecases.customers import must_be_new

# What else may hang on a customer, as the lead's owner is told it.
HAS_CONTACTS = "has-contacts"


def open_customer(
    session: Session,
    *,
    now: datetime,
    customer_id: UUID,
    lead_id: UUID,
    **asked: Any,
) -> Opening:
    """Make a lead a customer with its contact, under the id that the lead chose, or say why not.

    Asked again, it answers again, and the same: the lead may not have heard it.
    """
    opening = _opening(session, customer_id)
    if opening is None:
        opening = Opening(id=customer_id, lead_id=lead_id)
        session.add(opening)
        _open(session, opening, now=now, **asked)
    answer: Event
    if opening.refused_because is None:
        answer = CustomerCreated(lead_id=lead_id, contact_id=opening.contact_id)
    else:
        answer = CustomerRefused(
            lead_id=lead_id,
            code=opening.refused_because,
            matches=opening.matches,  # type: ignore[arg-type]
        )
    record(session, answer, of=opening)
    return opening


def withdraw_customer(
    session: Session, *, now: datetime, customer_id: UUID, lead_id: UUID, undo: UUID
) -> Opening:
    """Put the customer of a lead away again, unless something else hangs on it by now.

    `undo` names the request: asked again under the same name, it answers again, and the same.
    Raises NotYet while the request to become a customer has not arrived.
    """
    opening = _opening(session, customer_id)
    if opening is None:
        raise NotYet(f"customer {customer_id} was not asked for yet")
    if opening.undo != undo:
        opening.undo = undo
        opening.kept_because = _withdraw(session, opening, now=now)
    answer: Event
    if opening.kept_because is None:
        answer = CustomerWithdrawn(lead_id=lead_id, undo=undo)
    else:
        answer = CustomerKept(lead_id=lead_id, undo=undo, code=opening.kept_because)
    record(session, answer, of=opening)
    return opening


def _opening(session: Session, id: UUID) -> Opening | None:
    asked = select(Opening).where(Opening.tenant_id == TENANT, Opening.id == id)
    return session.scalars(asked).one_or_none()


def _open(
    session: Session,
    opening: Opening,
    *,
    now: datetime,
    asked_by: UUID,
    owner_id: UUID,
    customer: Mapping[str, Any],
    contact: Mapping[str, Any] | None,
    **confirmed: Any,
) -> None:
    """Add the customer and its contact, or take down in the opening why not."""
    try:
        made = Customer(
            id=opening.id, lead_id=opening.lead_id, creator_id=asked_by, **customer, **confirmed
        )
        made.follow(owner_id, now=now)
        person = Contact(creator_id=asked_by, **contact) if contact else None
        if person:
            person.must_be_reachable()
        must_be_new(session, made, mobiles=[person.mobile] if person and person.mobile else [])
    except (CustomerExists, SimilarCustomers) as refusal:
        matches: list[Match] = refusal.args[1]
        opening.refuse(refusal.code, matches)
    except Refusal as refusal:
        opening.refuse(refusal.code, [])
    else:
        session.add(made)
        if person is not None:
            person.stand_for(made.id)
            session.add(person)
            opening.contact_id = person.id


def _withdraw(session: Session, opening: Opening, *, now: datetime) -> str | None:
    """Archive the customer and the contact that came with it; else the code of what hangs on it."""
    wanted = select(Customer).where(Customer.tenant_id == TENANT, Customer.id == opening.id)
    customer = session.scalars(wanted.with_for_update(of=Customer)).one_or_none()
    if customer is None or customer.archived_at is not None:
        return None
    if _has_further_contacts(session, opening):
        return HAS_CONTACTS
    customer.archive(now=now)
    if opening.contact_id is not None:
        whom = select(Contact).where(Contact.tenant_id == TENANT, Contact.id == opening.contact_id)
        session.scalars(whom).one().archived_at = now
    return None


def _has_further_contacts(session: Session, opening: Opening) -> bool:
    further = select(func.count()).where(
        ContactLink.tenant_id == TENANT,
        ContactLink.customer_id == opening.id,
        ContactLink.contact_id.is_distinct_from(opening.contact_id),
    )
    return session.scalars(further).one() > 0
