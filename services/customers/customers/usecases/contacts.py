"""The people whom we speak to at a customer."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.db import find
from chassis.events import touch
from customers import policy
from customers.models import Contact, Customer


def add_contact(session: Session, *, by: Actor, customer_id: UUID, **written: Any) -> Contact:
    """Take down somebody at a customer; followers and collaborators may (CONT-02, COLL-04).

    Raises NotFound, NotYours; CustomerArchived, ContactWayMissing.
    """
    # Locked, so that nobody withdraws the customer meanwhile because nothing hangs on it.
    customer = find(session, Customer, customer_id, policy.customers, by=by, to="add_contact")
    customer.must_be_at_hand()
    contact = Contact(creator_id=by.person_id, **written)
    contact.must_be_reachable()
    contact.stand_for(customer.id)
    session.add(contact)
    touch(session, customer)
    return contact
