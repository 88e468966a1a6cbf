"""The facts this service announces."""

from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from chassis.events import Event, State


class FollowerState(TypedDict):
    person_id: UUID
    is_main: bool


class CollaboratorState(TypedDict):
    person_id: UUID
    kind: Literal["pre_sales", "in_sales", "after_sales"]


class MatchFound(TypedDict):
    customer_id: UUID
    key: Literal["uscc", "name", "core", "mobile"]


class CustomerCreated(Event, name="customer.created", version=1):
    """A customer is there; where a lead asked for it, its id is the one that the lead chose."""

    lead_id: UUID | None
    contact_id: UUID | None


class CustomerRefused(Event, name="customer.refused", version=1):
    """A lead does not become a customer; the subject is the id that it chose."""

    lead_id: UUID
    code: str
    matches: list[MatchFound]


class CustomerWithdrawn(Event, name="customer.withdrawn", version=1):
    """A customer was put away because its lead asked for itself back; `undo` names the request."""

    lead_id: UUID
    undo: UUID


class CustomerKept(Event, name="customer.kept", version=1):
    """A customer stays though its lead asked for itself back: something else hangs on it."""

    lead_id: UUID
    undo: UUID
    code: str


class CustomerState(State, name="customer", version=1):
    """What others may know of a customer, whole, after every change."""

    name: str
    lead_id: UUID | None
    creator_id: UUID
    followers: list[FollowerState]
    collaborators: list[CollaboratorState]
    created_at: datetime
    archived_at: datetime | None
