"""Events in: each handler reads the facts it needs and calls one use case."""

from typing import Any

from sqlalchemy.orm import Session

from chassis import calendar, copies
from chassis.consumers import Consumers, Fact
from chassis.schema import UUID, Instant, List, Needs, Nested, String
from leads import usecases
from leads.models import customer_copies

consumers = Consumers()


class CreatedCustomer(Needs):
    lead_id = UUID(required=True, allow_none=True)


class AlikeCustomer(Needs):
    customer_id = UUID(required=True)
    key = String(required=True)


class RefusedCustomer(Needs):
    lead_id = UUID(required=True)
    code = String(required=True)
    matches = List(Nested(AlikeCustomer), required=True)


class WithdrawnCustomer(Needs):
    lead_id = UUID(required=True)
    undo = UUID(required=True)


class KeptCustomer(Needs):
    lead_id = UUID(required=True)
    undo = UUID(required=True)
    code = String(required=True)


class KnownCustomer(Needs):
    name = String(required=True)
    archived_at = Instant(required=True, allow_none=True)


@consumers.on("customer.created.v1", CreatedCustomer)
def accept_conversion(session: Session, fact: Fact, customer: dict[str, Any]) -> None:
    # Most customers were never a lead of ours.
    if customer["lead_id"] is not None:
        usecases.accept_conversion(
            session, customer_id=fact.subject, now=calendar.now(), **customer
        )


@consumers.on("customer.refused.v1", RefusedCustomer)
def refuse_conversion(session: Session, fact: Fact, customer: dict[str, Any]) -> None:
    usecases.refuse_conversion(session, customer_id=fact.subject, **customer)


@consumers.on("customer.withdrawn.v1", WithdrawnCustomer)
def finish_undo(session: Session, fact: Fact, customer: dict[str, Any]) -> None:
    usecases.finish_undo(session, customer_id=fact.subject, **customer)


@consumers.on("customer.kept.v1", KeptCustomer)
def refuse_undo(session: Session, fact: Fact, customer: dict[str, Any]) -> None:
    usecases.refuse_undo(session, customer_id=fact.subject, **customer)


@consumers.on("customer.state.v1", KnownCustomer, copies=customer_copies)
def keep_customer(session: Session, fact: Fact, customer: dict[str, Any]) -> None:
    copies.write(session, customer_copies, fact, customer)
