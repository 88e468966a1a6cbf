"""This service's own copy of the organisation: it is told what every other service is told."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import people as replica
from chassis.people import Organisation
from identity.models import Base, Department, Person, Role, Tenant

_DEPARTMENT = ("tenant_id", "id", "name", "parent_id", "version")
_ROLE = ("tenant_id", "id", "code", "name", "permissions", "version")
_PERSON = (
    "tenant_id",
    "id",
    "name",
    "superior_id",
    "department_ids",
    "role_ids",
    "grants",
    "revoked_sessions",
    "disabled_at",
    "version",
)


def hold_organisation(session: Session, *, tenant_id: UUID) -> Tenant:
    """Wait for the turn to change the organisation of a tenant; it lasts until the commit.

    The copy's closures are written whole, so two who did it at once would undo each other.
    """
    turn = select(Tenant).where(Tenant.tenant_id == tenant_id).with_for_update(key_share=True)
    return session.scalars(turn.execution_options(populate_existing=True)).one()


def tell_replica(
    session: Session,
    *,
    tenant: Tenant,
    departments: Iterable[Department] = (),
    roles: Iterable[Role] = (),
    people: Iterable[Person] = (),
) -> Organisation:
    """Say how records of the organisation now are, in the transaction that changed them.

    The caller holds the organisation. Returns what was said.
    """
    session.flush()
    told = Organisation(
        tenant={
            "id": tenant.tenant_id,
            "name": tenant.name,
            "time_zone": tenant.time_zone,
            "suspended_at": tenant.suspended_at,
            "version": tenant.version,
        },
        departments=[
            {**_state(department, _DEPARTMENT), "archived": department.archived_at is not None}
            for department in departments
        ],
        roles=[_state(role, _ROLE) for role in roles],
        people=[_state(person, _PERSON) for person in people],
    )
    replica.keep(session, tenant.tenant_id, told)
    return told


def _state(row: Base, columns: tuple[str, ...]) -> Mapping[str, Any]:
    return {column: getattr(row, column) for column in columns}
