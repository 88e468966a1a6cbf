"""The facts this service announces."""

from typing import Literal, TypedDict
from uuid import UUID

from chassis.events import Event


class Company(TypedDict):
    name: str
    uscc: str | None
    phone: str | None
    address: str | None
    postcode: str | None
    remark: str | None


class Person(TypedDict):
    name: str
    gender: Literal["male", "female"] | None
    mobile: str | None
    phone: str | None
    email: str | None
    qq: str | None
    wechat: str | None
    department: str | None
    title: str | None


class LeadConverted(Event, name="lead.converted", version=1, personal=True):
    """A lead asks to become the customer of this id, with its contact (rules 14).

    `asked_by` is who pressed the button: the clock asks again, and nobody is behind that.
    """

    customer_id: UUID
    asked_by: UUID
    owner_id: UUID
    customer: Company
    contact: Person
    confirmed_similar: list[UUID]
    confirmed_because: str | None


class LeadReverted(Event, name="lead.reverted", version=1):
    """A lead asks for itself back; `undo` names this one request."""

    customer_id: UUID
    undo: UUID
