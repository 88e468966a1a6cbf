"""Reads: the tenant behind a key, and what a signed-in person is told of themselves."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.access import Actor
from identity.models import Department, Person, RefreshToken, Tenant

# The tenant of a transaction that has yet to learn one: no row is anybody's there.
NO_TENANT = UUID(int=0)


def tenant_of_corp(session: Session, *, corp_id: str) -> UUID | None:
    """The tenant of a company as WeCom names it."""
    return session.scalar(select(func.tenant_of_corp(corp_id)))


def tenant_of_refresh(session: Session, *, shown: RefreshToken) -> UUID | None:
    """The tenant in which a refresh token was given out."""
    return session.scalar(select(func.tenant_of_refresh(shown.family_hash)))


def me(session: Session, *, by: Actor) -> dict[str, Any]:
    """Who the actor is, where they work, and what they may do."""
    person, tenant = session.execute(
        select(Person, Tenant)
        .join(Tenant, Tenant.tenant_id == Person.tenant_id)
        .where(Person.tenant_id == by.tenant_id, Person.id == by.person_id)
    ).one()
    departments = session.scalars(
        select(Department)
        .where(Department.tenant_id == by.tenant_id, Department.id.in_(person.department_ids))
        .order_by(func.array_position(person.department_ids, Department.id))
    )
    return {
        "person": {
            "id": person.id,
            "userid": person.userid,
            "name": person.name,
            "position": person.position,
            "departments": list(departments),
        },
        "tenant": {"id": tenant.tenant_id, "name": tenant.name, "time_zone": tenant.time_zone},
        "permissions": sorted(by.permissions),
        "scopes": {key: sorted(scopes) for key, scopes in sorted(by.permissions.items())},
        "features": {},
        "tenant_settings": {},
    }
