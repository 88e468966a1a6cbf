"""What an administrator does with departments, people and roles (PLAT-10, PLAT-12).

All of it takes its turn: what follows from it, who is below whom, is worked out whole.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.access import SCOPES, Actor
from chassis.db import find
from chassis.errors import FieldFault, Invalid
from chassis.people import TENANT
from identity import policy
from identity.models import (
    UNKNOWN_DEPARTMENT,
    UNKNOWN_PERMISSION,
    UNKNOWN_PERSON,
    UNKNOWN_ROLE,
    Department,
    DepartmentInUse,
    GoesInCircle,
    LastAdministrator,
    Person,
    Role,
    RoleExists,
)
from identity.usecases.replica import hold_organisation, tell_replica

MANAGING = "organisation.edit"


def make_department(
    session: Session, *, by: Actor, name: str, parent_id: UUID | None = None
) -> Department:
    """Add a part of the company. Raises Invalid for a parent that is not there."""
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    _must_be_there(session, Department, [parent_id], "parent_id", UNKNOWN_DEPARTMENT)
    department = Department(key=uuid4().hex, name=name, parent_id=parent_id)
    session.add(department)
    tell_replica(session, tenant=tenant, departments=[department])
    return department


def change_department(
    session: Session,
    *,
    by: Actor,
    department_id: UUID,
    version: int | None,
    changes: Mapping[str, Any],
) -> Department:
    """Rename a department or put it elsewhere in the tree.

    Raises NotFound, NotYours, Stale; Invalid for a parent that is not there, GoesInCircle for one
    that lies below it.
    """
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    department = find(
        session,
        Department,
        department_id,
        policy.departments,
        by=by,
        to="edit",
        version=version,
    )
    if "parent_id" in changes:
        above = changes["parent_id"]
        _must_be_there(session, Department, [above], "parent_id", UNKNOWN_DEPARTMENT)
        if _leads_to(session, Department, Department.parent_id, above, department.id):
            raise GoesInCircle("parent_id")
    _change(department, changes)
    tell_replica(session, tenant=tenant, departments=[department])
    return department


def archive_department(
    session: Session, *, by: Actor, department_id: UUID, version: int | None, now: datetime
) -> Department:
    """Put a department away. Raises DepartmentInUse while somebody or something is in it."""
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    department = find(
        session,
        Department,
        department_id,
        policy.departments,
        by=by,
        to="edit",
        version=version,
    )
    people = select(func.count()).where(
        Person.tenant_id == TENANT,
        Person.disabled_at.is_(None),
        Person.department_ids.contains([department.id]),
    )
    below = select(func.count()).where(
        Department.tenant_id == TENANT,
        Department.archived_at.is_(None),
        Department.parent_id == department.id,
    )
    if session.scalars(people).one() or session.scalars(below).one():
        raise DepartmentInUse(department.id)
    department.archived_at = now
    tell_replica(session, tenant=tenant, departments=[department])
    return department


def change_person(
    session: Session,
    *,
    by: Actor,
    person_id: UUID,
    version: int | None,
    changes: Mapping[str, Any],
    known: Collection[str],
) -> Person:
    """Change what somebody is called here, whom they report to, and what they may do.

    `known` are the permission keys that any service declares. Raises NotFound, NotYours, Stale;
    Invalid for what is not there, GoesInCircle for a superior who reports to them, and
    LastAdministrator where nobody would be left to undo it.
    """
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    person = find(session, Person, person_id, policy.people, by=by, to="edit", version=version)
    if "superior_id" in changes:
        above = changes["superior_id"]
        _must_be_there(session, Person, [above], "superior_id", UNKNOWN_PERSON)
        if _leads_to(session, Person, Person.superior_id, above, person.id):
            raise GoesInCircle("superior_id")
    departments, held = changes.get("department_ids", ()), changes.get("role_ids", ())
    _must_be_there(session, Department, departments, "department_ids", UNKNOWN_DEPARTMENT)
    _must_be_there(session, Role, held, "role_ids", UNKNOWN_ROLE)
    _must_be_known(changes.get("grants", {}), known, "grants")
    _change(person, changes)
    tell_replica(session, tenant=tenant, people=[person])
    _must_have_administrator(session)
    return person


def disable_person(
    session: Session, *, by: Actor, person_id: UUID, version: int | None, now: datetime
) -> Person:
    """Let somebody in no longer; what they had stays. Raises LastAdministrator."""
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    person = find(session, Person, person_id, policy.people, by=by, to="disable", version=version)
    person.disabled_at = person.disabled_at or now
    tell_replica(session, tenant=tenant, people=[person])
    _must_have_administrator(session)
    return person


def enable_person(session: Session, *, by: Actor, person_id: UUID, version: int | None) -> Person:
    """Let somebody in again. Raises NotFound, NotYours, Stale."""
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    person = find(session, Person, person_id, policy.people, by=by, to="enable", version=version)
    person.disabled_at = None
    tell_replica(session, tenant=tenant, people=[person])
    return person


def make_role(
    session: Session,
    *,
    by: Actor,
    code: str,
    name: str,
    permissions: Mapping[str, str],
    known: Collection[str],
) -> Role:
    """Add a role of the company's own. Raises RoleExists, Invalid for an unknown permission."""
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    _must_be_known(permissions, known, "permissions")
    taken = select(Role.id).where(Role.tenant_id == TENANT, Role.code == code)
    if session.scalar(taken) is not None:
        raise RoleExists(code)
    role = Role(code=code, name=name, permissions=dict(permissions))
    session.add(role)
    tell_replica(session, tenant=tenant, roles=[role])
    return role


def change_role(
    session: Session,
    *,
    by: Actor,
    role_id: UUID,
    version: int | None,
    changes: Mapping[str, Any],
    known: Collection[str],
) -> Role:
    """Change what a role is called and what it gives; in force at once for all who hold it.

    Raises NotFound, NotYours, Stale; Invalid for an unknown permission; LastAdministrator.
    """
    tenant = hold_organisation(session, tenant_id=by.tenant_id)
    role = find(session, Role, role_id, policy.roles, by=by, to="edit", version=version)
    _must_be_known(changes.get("permissions", {}), known, "permissions")
    _change(role, changes)
    tell_replica(session, tenant=tenant, roles=[role])
    _must_have_administrator(session)
    return role


def _change(row: Any, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)


def _must_be_there(
    session: Session, model: Any, ids: Iterable[UUID | None], field: str, said: Any
) -> None:
    """Raises Invalid where one of these is no record of the company, or was put away."""
    wanted = {one for one in ids if one is not None}
    gone = model.disabled_at if model is Person else getattr(model, "archived_at", None)
    there = select(model.id).where(model.tenant_id == TENANT, model.id.in_(wanted))
    if gone is not None:
        there = there.where(gone.is_(None))
    if wanted - set(session.scalars(there)):
        raise Invalid(faults=[FieldFault(field, said)])


def _must_be_known(given: Mapping[str, str], known: Collection[str], field: str) -> None:
    wrong = [key for key, scope in given.items() if key not in known or scope not in SCOPES]
    if wrong:
        raise Invalid(faults=[FieldFault(f"{field}.{key}", UNKNOWN_PERMISSION) for key in wrong])


def _leads_to(session: Session, model: Any, above: Any, start: UUID | None, end: UUID) -> bool:
    """Whether going up from `start` one comes past `end`; circles that are there already end it."""
    seen: set[UUID] = set()
    step = start
    while step is not None and step not in seen:
        if step == end:
            return True
        seen.add(step)
        step = session.scalar(select(above).where(model.tenant_id == TENANT, model.id == step))
    return False


def _must_have_administrator(session: Session) -> None:
    """Raises LastAdministrator where nobody could manage the organisation any more."""
    session.flush()
    managing = session.scalars(
        select(Role.id).where(Role.tenant_id == TENANT, Role.permissions.has_key(MANAGING))
    )
    left = select(func.count()).where(
        Person.tenant_id == TENANT,
        Person.disabled_at.is_(None),
        Person.role_ids.overlap(list(managing)) | Person.grants.has_key(MANAGING),
    )
    if session.scalars(left).one() == 0:
        raise LastAdministrator
