"""How every service hears of the organisation: identity's states, kept in its replica of people."""

from typing import Any

from sqlalchemy.orm import Session

from chassis import people
from chassis.consumers import Consumers, Fact
from chassis.people import Organisation
from chassis.schema import UUID, Boolean, Dict, Instant, List, Needs, String
from chassis.tables import org_departments, org_people, org_roles

consumers = Consumers()


class KnownTenant(Needs):
    name = String(required=True)
    time_zone = String(required=True)
    suspended_at = Instant(required=True, allow_none=True)


class KnownDepartment(Needs):
    name = String(required=True)
    parent_id = UUID(required=True, allow_none=True)
    archived = Boolean(required=True)


class KnownRole(Needs):
    code = String(required=True)
    name = String(required=True)
    permissions = Dict(keys=String(), values=String(), required=True)


class KnownPerson(Needs):
    name = String(required=True)
    superior_id = UUID(required=True, allow_none=True)
    department_ids = List(UUID(), required=True)
    role_ids = List(UUID(), required=True)
    grants = Dict(keys=String(), values=String(), required=True)
    revoked_sessions = List(UUID(), required=True)
    disabled_at = Instant(required=True, allow_none=True)


@consumers.on("tenant.state.v1", KnownTenant)
def keep_tenant(session: Session, fact: Fact, tenant: dict[str, Any]) -> None:
    _keep(session, fact, Organisation(tenant=_told(fact, tenant)))


@consumers.on("department.state.v1", KnownDepartment, copies=org_departments)
def keep_department(session: Session, fact: Fact, department: dict[str, Any]) -> None:
    _keep(session, fact, Organisation(departments=[_told(fact, department)]))


@consumers.on("role.state.v1", KnownRole, copies=org_roles)
def keep_role(session: Session, fact: Fact, role: dict[str, Any]) -> None:
    _keep(session, fact, Organisation(roles=[_told(fact, role)]))


@consumers.on("person.state.v1", KnownPerson, copies=org_people)
def keep_person(session: Session, fact: Fact, person: dict[str, Any]) -> None:
    _keep(session, fact, Organisation(people=[_told(fact, person)]))


def _told(fact: Fact, state: dict[str, Any]) -> dict[str, Any]:
    return {"id": fact.subject, "epoch": fact.epoch, "version": fact.version, **state}


def _keep(session: Session, fact: Fact, told: Organisation) -> None:
    people.keep(session, fact.tenant, told, may_equal=fact.refill)
