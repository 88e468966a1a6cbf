"""Events in: each handler reads the facts it needs and calls one use case."""

from typing import Any

from sqlalchemy.orm import Session

from chassis import calendar
from chassis.consumers import Consumers, Fact
from chassis.schema import UUID, List, Needs, Nested, String
from customers import usecases

consumers = Consumers()


class LeadsCompany(Needs):
    name = String(required=True)
    uscc = String(allow_none=True)
    phone = String(allow_none=True)
    address = String(allow_none=True)
    postcode = String(allow_none=True)
    remark = String(allow_none=True)


class LeadsPerson(Needs):
    name = String(required=True)
    gender = String(allow_none=True)
    mobile = String(allow_none=True)
    phone = String(allow_none=True)
    email = String(allow_none=True)
    qq = String(allow_none=True)
    wechat = String(allow_none=True)
    department = String(allow_none=True)
    title = String(allow_none=True)


class ConvertedLead(Needs):
    customer_id = UUID(required=True)
    asked_by = UUID(required=True)
    owner_id = UUID(required=True)
    customer = Nested(LeadsCompany, required=True)
    contact = Nested(LeadsPerson, required=True, allow_none=True)
    confirmed_similar = List(UUID(), required=True)
    confirmed_because = String(required=True, allow_none=True)


class RevertedLead(Needs):
    customer_id = UUID(required=True)
    undo = UUID(required=True)


@consumers.on("lead.converted.v1", ConvertedLead)
def open_customer(session: Session, fact: Fact, lead: dict[str, Any]) -> None:
    usecases.open_customer(session, now=calendar.now(), lead_id=fact.subject, **lead)


@consumers.on("lead.reverted.v1", RevertedLead)
def withdraw_customer(session: Session, fact: Fact, lead: dict[str, Any]) -> None:
    usecases.withdraw_customer(session, now=calendar.now(), lead_id=fact.subject, **lead)
