"""Reads: the tenant behind a key, the organisation, and what people are told of themselves."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.db import find
from chassis.lists import Page, Paging, page_of
from identity import policy
from identity.models import Department, Person, RefreshToken, Role, Tenant

# The tenant of a transaction that has yet to learn one: no row is anybody's there.
NO_TENANT = UUID(int=0)


def tenant_of_corp(session: Session, *, corp_id: str) -> UUID | None:
    """The tenant of a company as WeCom names it."""
    return session.scalar(select(func.tenant_of_corp(corp_id)))


def tenant_of_refresh(session: Session, *, shown: RefreshToken) -> UUID | None:
    """The tenant in which a refresh token was given out."""
    return session.scalar(select(func.tenant_of_refresh(shown.family_hash)))


_PEOPLE = select(
    Person.id,
    Person.name,
    Person.position,
    Person.superior_id,
    Person.department_ids,
    Person.role_ids,
    Person.grants,
    Person.created_at,
    Person.updated_at,
    Person.disabled_at,
    Person.version,
)
_DEPARTMENTS = select(
    Department.id,
    Department.name,
    Department.parent_id,
    Department.created_at,
    Department.updated_at,
    Department.archived_at,
    Department.version,
)
_ROLES = select(
    Role.id,
    Role.name,
    Role.code,
    Role.permissions,
    Role.created_at,
    Role.updated_at,
    Role.version,
)


def people(
    session: Session,
    *,
    by: Actor,
    paging: Paging,
    department_id: UUID | None = None,
    superior_id: UUID | None = None,
    disabled: bool = False,
) -> Page:
    """The people of the company, one page of them."""
    wanted = _PEOPLE.add_columns(policy.people.allowed_actions(by))
    wanted = wanted.where(policy.people.visible(by))
    is_out = Person.disabled_at.is_not(None)
    wanted = wanted.where(is_out if disabled else ~is_out)
    if department_id is not None:
        wanted = wanted.where(Person.department_ids.contains([department_id]))
    if superior_id is not None:
        wanted = wanted.where(Person.superior_id == superior_id)
    return _page(session, wanted, Person, paging)


def person(session: Session, *, by: Actor, person_id: UUID) -> Person:
    """One person; raises NotFound for somebody of another company."""
    return find(session, Person, person_id, policy.people, by=by)


def departments(session: Session, *, by: Actor, paging: Paging, archived: bool = False) -> Page:
    """The departments of the company, one page of them."""
    wanted = _DEPARTMENTS.add_columns(policy.departments.allowed_actions(by))
    wanted = wanted.where(policy.departments.visible(by))
    is_away = Department.archived_at.is_not(None)
    return _page(session, wanted.where(is_away if archived else ~is_away), Department, paging)


def roles(session: Session, *, by: Actor, paging: Paging) -> Page:
    """The roles of the company, one page of them."""
    wanted = _ROLES.add_columns(policy.roles.allowed_actions(by))
    return _page(session, wanted.where(policy.roles.visible(by)), Role, paging)


def _page(session: Session, wanted: Any, model: Any, paging: Paging) -> Page:
    sortable = {"created_at": model.created_at}
    return page_of(session, wanted, sortable=sortable, id=model.id, paging=paging)


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
