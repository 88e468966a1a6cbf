"""The facts this service announces: the organisation, as every service keeps it."""

from datetime import datetime
from uuid import UUID

from chassis.events import State


class TenantState(State, name="tenant", version=1):
    """A company that uses the product."""

    name: str
    time_zone: str
    suspended_at: datetime | None


class DepartmentState(State, name="department", version=1):
    """A part of a company, and what it lies below."""

    name: str
    parent_id: UUID | None
    archived: bool


class RoleState(State, name="role", version=1):
    """A set of permissions, each with the scope that it has for who holds the role."""

    code: str
    name: str
    permissions: dict[str, str]


class PersonState(State, name="person", version=1):
    """Somebody who works there, what they hold, and which of their sessions are over."""

    name: str
    superior_id: UUID | None
    department_ids: list[UUID]
    role_ids: list[UUID]
    grants: dict[str, str]
    revoked_sessions: list[UUID]
    disabled_at: datetime | None
