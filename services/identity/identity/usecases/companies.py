"""How a company comes to be here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.people import Organisation
from identity.models import Department, Person, Role, Tenant
from identity.policy import ROLES
from identity.usecases.replica import hold_organisation, tell_replica

_COMPANIES = UUID("5d1c4d6e-9f1b-4f0e-8a57-1f0c7a3a2b64")
M = TypeVar("M", Department, Role, Person)
Facts = Mapping[str, Mapping[str, Any]]


def company_id(corp_id: str) -> UUID:
    """The id of a seeded company: the same one on every machine."""
    return uuid5(_COMPANIES, corp_id)


def seed_company(
    session: Session,
    *,
    tenant_id: UUID,
    corp_id: str,
    name: str,
    departments: Sequence[Mapping[str, Any]],
    people: Sequence[Mapping[str, Any]],
    permissions: Sequence[Mapping[str, Any]],
) -> Organisation:
    """Let a company be as it is described; what is so already stays as it is.

    Ids follow from names, so a second seed finds what the first one wrote. Every company gets
    every role of ours, with what the `permissions` give to it at first. Who is not described any
    more stays too.
    """

    def id_of(kind: str) -> Callable[[str], UUID]:
        return lambda key: uuid5(tenant_id, f"{kind}/{key.lower()}")

    department_id, role_id, person_id = id_of("department"), id_of("role"), id_of("person")
    tenant = _settle_tenant(session, tenant_id, corp_id=corp_id, name=name)
    told_departments = {
        row["key"]: {
            "key": row["key"],
            "name": row["name"],
            "parent_id": row["parent"] and department_id(row["parent"]),
        }
        for row in departments
    }
    told_roles = {
        code: {
            "code": code,
            "name": role_name,
            "permissions": {p["key"]: p["roles"][code] for p in permissions if code in p["roles"]},
        }
        for code, role_name in ROLES.items()
    }
    told_people = {
        row["userid"]: {
            "userid": row["userid"],
            "name": row["name"],
            "position": row["position"],
            "superior_id": row["reports_to"] and person_id(row["reports_to"]),
            "department_ids": [department_id(row["department"])],
            "role_ids": [role_id(code) for code in row["roles"]],
        }
        for row in people
    }
    return tell_replica(
        session,
        tenant=tenant,
        departments=_settle(session, Department, tenant_id, department_id, told_departments),
        roles=_settle(session, Role, tenant_id, role_id, told_roles),
        people=_settle(session, Person, tenant_id, person_id, told_people),
    )


def _settle_tenant(session: Session, tenant_id: UUID, *, corp_id: str, name: str) -> Tenant:
    here = select(Tenant.tenant_id).where(Tenant.tenant_id == tenant_id)
    if session.scalar(here) is None:
        session.add(Tenant(corp_id=corp_id, name=name))
        session.flush()
    tenant = hold_organisation(session, tenant_id=tenant_id)
    tenant.corp_id, tenant.name = corp_id, name
    return tenant


def _settle(
    session: Session, model: type[M], tenant_id: UUID, id_of: Callable[[str], UUID], told: Facts
) -> list[M]:
    """Bring the rows of one model to what is told of them, and return those rows."""
    known = {
        row.id: row for row in session.scalars(select(model).where(model.tenant_id == tenant_id))
    }
    settled = []
    for key, facts in told.items():
        row = known.get(id_of(key))
        if row is None:
            row = model(id=id_of(key), **facts)
            session.add(row)
        for name, value in facts.items():
            setattr(row, name, value)
        settled.append(row)
    return settled
