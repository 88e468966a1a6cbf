"""How a lead becomes a customer and, on the same day, a lead again (rules 14)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.db import find
from chassis.errors import NotYet
from chassis.events import record
from chassis.people import TENANT
from leads import policy
from leads.events import Company, LeadConverted, LeadReverted, Person
from leads.models import (
    CONTACT_WAYS,
    ContactNameMissing,
    Conversion,
    CustomerNameMissing,
    Lead,
    NoContactWay,
    Question,
    State,
)

log = structlog.get_logger()

_COMPANY = ("name", "uscc", "phone", "address", "postcode", "remark")
_PERSON = ("name", "gender", "mobile", "phone", "email", "qq", "wechat", "department", "title")


def convert_lead(
    session: Session,
    *,
    by: Actor,
    lead_id: UUID,
    version: int | None,
    now: datetime,
    customer: Mapping[str, Any],
    contact: Mapping[str, Any],
    **confirmed: Any,
) -> Lead:
    """Ask customers to take the lead over; what the form leaves open comes from the lead.

    The id of the customer is chosen here, so that asking twice makes one customer.

    Raises NotFound, NotYours, Stale; LeadArchived, LeadConverting, AlreadyConverted;
    CustomerNameMissing, ContactNameMissing; NoContactWay where the form empties the last one.
    """
    lead = find(session, Lead, lead_id, policy.leads, by=by, to="convert", version=version)
    conversion = Conversion(
        lead_id=lead.id,
        asked_by=by.person_id,
        customer=_company(lead, customer),
        contact=_person(lead, contact),
        asked_at=now,
        **confirmed,
    )
    lead.convert(conversion.id)
    session.add(conversion)
    _ask(session, lead, conversion)
    return lead


def undo_conversion(
    session: Session, *, by: Actor, lead_id: UUID, version: int | None, now: datetime
) -> Lead:
    """Ask customers to let go of what the lead has become; the business day is the actor's.

    Raises NotFound, NotYours, Stale; NotConverted, LeadConverting, UndoTooLate.
    """
    lead = find(session, Lead, lead_id, policy.leads, by=by, to="undo_conversion", version=version)
    lead.undo(now=now, time_zone=by.time_zone)
    conversion = _conversion(session, cast("UUID", lead.customer_id))
    conversion.begin_undo(asked_by=by.person_id, now=now)
    _ask(session, lead, conversion)
    return lead


def accept_conversion(session: Session, *, lead_id: UUID, customer_id: UUID, now: datetime) -> None:
    """Customers have opened the customer: the lead shows where it went.

    Raises NotYet for a lead that is not here.
    """
    lead = _lead(session, lead_id)
    if _awaits(lead, customer_id, State.CONVERTING):
        lead.become_customer(now=now)
        _conversion(session, customer_id).answered()


def refuse_conversion(
    session: Session, *, lead_id: UUID, customer_id: UUID, code: str, matches: list[dict[str, Any]]
) -> None:
    """Customers have refused: the lead comes back to its owner with the reason.

    Raises NotYet for a lead that is not here.
    """
    lead = _lead(session, lead_id)
    if _awaits(lead, customer_id, State.CONVERTING):
        told = [{"customer_id": str(m["customer_id"]), "key": m["key"]} for m in matches]
        lead.come_back(code, told)
        _conversion(session, customer_id).answered()


def finish_undo(session: Session, *, lead_id: UUID, customer_id: UUID, undo: UUID) -> None:
    """Customers have let go: the lead is one again. Raises NotYet for a lead that is not here."""
    lead = _lead(session, lead_id)
    if _awaits(lead, customer_id, State.UNDOING):
        conversion = _conversion(session, customer_id)
        if conversion.undo == undo:
            lead.come_back(None, [])
            conversion.answered()


def refuse_undo(
    session: Session, *, lead_id: UUID, customer_id: UUID, undo: UUID, code: str
) -> None:
    """Customers keep the customer, and say why. Raises NotYet for a lead that is not here."""
    lead = _lead(session, lead_id)
    if _awaits(lead, customer_id, State.UNDOING):
        conversion = _conversion(session, customer_id)
        if conversion.undo == undo:
            lead.stay_customer(code)
            conversion.answered()


def ask_again(session: Session, *, now: datetime) -> int:
    """Ask customers once more for every answer that is overdue; returns for how many.

    Under the same ids, so that whoever did hear the first question answers the same. From the
    fourth time on somebody must look: it raises the alarm each time.
    """
    waiting = select(Conversion).where(
        Conversion.tenant_id == TENANT, Conversion.question.is_not(None)
    )
    due = [one for one in session.scalars(waiting) if one.is_due(now=now)]
    for conversion in due:
        lead = _lead(session, conversion.lead_id)
        if conversion.ask_again(now=now):
            log.error("conversion.unanswered", lead_id=str(lead.id), customer_id=str(conversion.id))
        _ask(session, lead, conversion)
    return len(due)


def _ask(session: Session, lead: Lead, conversion: Conversion) -> None:
    if conversion.question == Question.OPEN:
        record(
            session,
            LeadConverted(
                customer_id=conversion.id,
                asked_by=conversion.asked_by,
                owner_id=lead.owner_id,
                customer=cast("Company", conversion.customer),
                contact=cast("Person", conversion.contact),
                confirmed_similar=conversion.confirmed_similar,
                confirmed_because=conversion.confirmed_because,
            ),
            of=lead,
        )
    else:
        undo = cast("UUID", conversion.undo)
        record(session, LeadReverted(customer_id=conversion.id, undo=undo), of=lead)


def _company(lead: Lead, form: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "name": lead.company_name,
        "address": lead.address,
        "postcode": lead.postcode,
        "remark": lead.remark,
    }
    company = dict.fromkeys(_COMPANY) | known | dict(form)
    if not company["name"]:
        raise CustomerNameMissing
    return company


def _person(lead: Lead, form: Mapping[str, Any]) -> dict[str, Any]:
    person = {name: getattr(lead, name) for name in _PERSON} | dict(form)
    if not person["name"]:
        raise ContactNameMissing
    if not any(person[way] for way in CONTACT_WAYS):
        raise NoContactWay(f"contact.{way}" for way in CONTACT_WAYS)
    return person


def _awaits(lead: Lead, customer_id: UUID, state: State) -> bool:
    """Whether this answer is the awaited one; it may come late, twice, or to an older question."""
    return lead.customer_id == customer_id and lead.state == state


def _lead(session: Session, id: UUID) -> Lead:
    wanted = select(Lead).where(Lead.tenant_id == TENANT, Lead.id == id)
    lead = session.scalars(wanted.with_for_update(of=Lead)).one_or_none()
    if lead is None:
        raise NotYet(f"lead {id} is not here")
    return lead


def _conversion(session: Session, customer_id: UUID) -> Conversion:
    wanted = select(Conversion).where(Conversion.tenant_id == TENANT, Conversion.id == customer_id)
    return session.scalars(wanted).one()
