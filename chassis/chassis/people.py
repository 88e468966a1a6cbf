"""Each service's replica of the organisation, and the visibility that follows from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Uuid,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import Text

from chassis import copies
from chassis.access import Actor, Reach
from chassis.tables import (
    org_department_tree,
    org_departments,
    org_members,
    org_people,
    org_reports,
    org_roles,
    org_tenants,
)

TENANT = func.current_tenant(type_=Uuid)
Predicate = ColumnElement[bool]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


def within(reach: Reach, owner: Column) -> Predicate:
    """Whether the person in `owner` lies within somebody's reach, as a SQL predicate (rules 5)."""
    if "all" in reach.scopes:
        return true()
    ways: list[Predicate] = []
    if reach.scopes:
        ways.append(owner == reach.person_id)
    if "team" in reach.scopes:
        ways.append(owner.in_(_team(reach)))
    if "dept_tree" in reach.scopes:
        ways.append(owner.in_(_departments(reach, below=True)))
    elif "dept" in reach.scopes:
        ways.append(owner.in_(_departments(reach, below=False)))
    return or_(false(), *ways)


def _team(reach: Reach) -> Any:
    return select(org_reports.c.person_id).where(
        org_reports.c.tenant_id == TENANT, org_reports.c.superior_id == reach.person_id
    )


def _departments(reach: Reach, *, below: bool) -> Any:
    mine, theirs, tree = org_members.alias(), org_members.alias(), org_department_tree
    query = select(theirs.c.person_id).where(
        mine.c.tenant_id == TENANT,
        mine.c.person_id == reach.person_id,
        theirs.c.tenant_id == TENANT,
    )
    if not below:
        return query.where(theirs.c.department_id == mine.c.department_id)
    return query.where(
        tree.c.tenant_id == TENANT,
        tree.c.ancestor_id == mine.c.department_id,
        tree.c.department_id == theirs.c.department_id,
    )


@dataclass(frozen=True)
class Act:
    """Something people do to a record: by which permission, whose record, in which state.

    `whose` is the column of the one person a record belongs to, or says of a reach whether the
    record lies within it, where it belongs to several.
    """

    permission: str
    whose: Column | Callable[[Reach], Predicate]
    when: Predicate = field(default_factory=true)

    def covers(self, reach: Reach) -> Predicate:
        """Whether the record belongs to somebody within a reach."""
        is_column = isinstance(self.whose, InstrumentedAttribute | ColumnElement)
        return within(reach, self.whose) if is_column else self.whose(reach)  # type: ignore[arg-type, operator]


@dataclass(frozen=True)
class Policy:
    """Who may see and touch which record of one model: the one definition behind lists and checks.

    `see` gives the predicate of what an actor may see; `acts` names what can be done.
    """

    model: type[Any]
    see: Callable[[Actor], Predicate]
    acts: Mapping[str, Act] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _policies[self.model] = self

    def visible(self, by: Actor) -> Predicate:
        """The records of the actor's own tenant that they may see.

        Row-level security holds the tenant as well; each of the two walls stands alone. Both say it
        in the same words, so that the planner sees one condition and not two that seem independent.
        """
        return and_(self.model.tenant_id == TENANT, self.see(by))

    def permits(self, by: Actor, act: str) -> Predicate:
        """Whether the actor may do `act` to a record, whatever state it is in."""
        wanted = self.acts[act]
        return wanted.covers(by.scope(wanted.permission))

    def allowed_actions(self, by: Actor) -> ColumnElement[Any]:
        """A text array of what this actor can do to this record now."""
        named = [
            case((and_(self.permits(by, name), act.when), literal(name, Text)))
            for name, act in self.acts.items()
            if by.may(act.permission)
        ]
        if not named:
            return literal([], ARRAY(Text)).label("allowed_actions")
        listed = func.array_remove(array(named), None, type_=ARRAY(Text))
        return listed.label("allowed_actions")


_policies: dict[type[Any], Policy] = {}


def policy_of(model: type[Any]) -> Policy:
    """The policy that guards a model."""
    return _policies[model]


@dataclass(frozen=True, slots=True)
class Organisation:
    """States of one tenant as identity tells them, each a mapping of its replica's columns."""

    tenant: Mapping[str, Any] | None = None
    departments: list[Mapping[str, Any]] = field(default_factory=list)
    roles: list[Mapping[str, Any]] = field(default_factory=list)
    people: list[Mapping[str, Any]] = field(default_factory=list)


def keep(session: Session, tenant_id: UUID, told: Organisation, *, may_equal: bool = False) -> None:
    """Write states into the replica, each only if it is newer, and work out who is below whom.

    Runs in a transaction of that tenant, one at a time: what follows from the copies is worked out
    whole, so two who did it at once would undo each other. What is equally new is written too where
    it `may_equal`.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(str(tenant_id)))))
    before = _relations(session, told)
    for table, states in (
        (org_tenants, [told.tenant] if told.tenant else []),
        (org_departments, told.departments),
        (org_roles, told.roles),
        (org_people, told.people),
    ):
        for state in states:
            copies.put(session, table, state, may_equal=may_equal)
    if _relations(session, told) != before:
        _relate(session, tenant_id)


def _relations(session: Session, told: Organisation) -> list[Any]:
    """Whose superior is who and what lies below what, of the records that are told of."""
    people, departments = org_people.c, org_departments.c
    of_people = select(people.id, people.superior_id, people.department_ids)
    of_departments = select(departments.id, departments.parent_id)
    return [
        *session.execute(
            of_people.where(people.id.in_([p["id"] for p in told.people])).order_by(people.id)
        ),
        *session.execute(
            of_departments.where(departments.id.in_([d["id"] for d in told.departments])).order_by(
                departments.id
            )
        ),
    ]


# Superiors come from outside and may run in a circle; CYCLE cuts each path where it closes.
_RELATIONS = (
    "DELETE FROM org_members WHERE tenant_id = :tenant",
    """INSERT INTO org_members (tenant_id, department_id, person_id)
       SELECT DISTINCT p.tenant_id, d.id, p.id FROM org_people p, unnest(p.department_ids) AS d (id)
       WHERE p.tenant_id = :tenant""",
    "DELETE FROM org_reports WHERE tenant_id = :tenant",
    """INSERT INTO org_reports (tenant_id, superior_id, person_id, depth)
       WITH RECURSIVE above (person_id, superior_id, depth) AS (
           SELECT id, superior_id, 1 FROM org_people
           WHERE tenant_id = :tenant AND superior_id IS NOT NULL
           UNION ALL
           SELECT above.person_id, p.superior_id, above.depth + 1
           FROM above JOIN org_people p ON p.tenant_id = :tenant AND p.id = above.superior_id
           WHERE p.superior_id IS NOT NULL AND above.depth < 50
       ) CYCLE superior_id SET closed USING path
       SELECT CAST(:tenant AS uuid), superior_id, person_id, min(depth) FROM above
       WHERE superior_id <> person_id GROUP BY superior_id, person_id""",
    "DELETE FROM org_department_tree WHERE tenant_id = :tenant",
    """INSERT INTO org_department_tree (tenant_id, ancestor_id, department_id)
       WITH RECURSIVE above (department_id, ancestor_id) AS (
           SELECT id, id FROM org_departments WHERE tenant_id = :tenant
           UNION
           SELECT above.department_id, d.parent_id
           FROM above JOIN org_departments d ON d.tenant_id = :tenant AND d.id = above.ancestor_id
           WHERE d.parent_id IS NOT NULL
       )
       SELECT CAST(:tenant AS uuid), ancestor_id, department_id FROM above""",
)


def _relate(session: Session, tenant_id: UUID) -> None:
    """Work out membership, superiors and the department tree of one tenant anew."""
    for statement in _RELATIONS:
        session.execute(text(statement), {"tenant": tenant_id})
