"""What every service is told of the organisation after every change."""

from sqlalchemy.orm import Session

from chassis.events import states
from identity.events import DepartmentState, PersonState, RoleState, TenantState
from identity.models import Department, Person, Role, Tenant


@states(Tenant, TenantState)
def state_of_tenant(_: Session, tenant: Tenant) -> TenantState:
    """A company, by the name and the clock that its people live by."""
    return TenantState(
        name=tenant.name, time_zone=tenant.time_zone, suspended_at=tenant.suspended_at
    )


@states(Department, DepartmentState)
def state_of_department(_: Session, department: Department) -> DepartmentState:
    """A department and its place in the tree."""
    return DepartmentState(
        name=department.name,
        parent_id=department.parent_id,
        archived=department.archived_at is not None,
    )


@states(Role, RoleState)
def state_of_role(_: Session, role: Role) -> RoleState:
    """A role and what it gives."""
    return RoleState(code=role.code, name=role.name, permissions=role.permissions)


@states(Person, PersonState)
def state_of_person(_: Session, person: Person) -> PersonState:
    """A person; what they are called in WeCom stays here and with the bridge."""
    return PersonState(
        name=person.name,
        superior_id=person.superior_id,
        department_ids=person.department_ids,
        role_ids=person.role_ids,
        grants=person.grants,
        revoked_sessions=person.revoked_sessions,
        disabled_at=person.disabled_at,
    )
