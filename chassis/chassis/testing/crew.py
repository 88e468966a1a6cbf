"""A tenant made for one test, and the people in it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis import db, people
from chassis.access import Actor, Scope, merge


@dataclass
class Crew:
    """A tenant made for one test, and the people in it."""

    database: db.Database
    id: UUID = field(default_factory=uuid4)
    time_zone: str = "Asia/Shanghai"
    told: people.Organisation = field(init=False)

    def __post_init__(self) -> None:
        tenant = {"id": self.id, "name": "试用公司", "time_zone": self.time_zone, "version": 1}
        self.told = people.Organisation(tenant)
        self._keep()

    def department(self, name: str, parent: UUID | None = None) -> UUID:
        """A department, perhaps below another."""
        department = {"id": uuid4(), "name": name, "parent_id": parent, "version": 1}
        self.told.departments.append({"tenant_id": self.id, **department})
        self._keep()
        return department["id"]  # type: ignore[return-value]

    def person(
        self,
        name: str = "某人",
        *,
        grants: dict[str, Scope] | None = None,
        reports_to: Actor | None = None,
        departments: tuple[UUID, ...] = (),
        disabled_at: datetime | None = None,
    ) -> Actor:
        """Somebody with these grants, as the actor they would be in a transaction."""
        person_id, session_id = uuid4(), uuid4()
        state = {
            "tenant_id": self.id,
            "id": person_id,
            "name": name,
            "superior_id": reports_to and reports_to.person_id,
            "department_ids": list(departments),
            "role_ids": [],
            "grants": grants or {},
            "revoked_sessions": [],
            "disabled_at": disabled_at,
            "version": 1,
        }
        self.told.people.append(state)
        self._keep()
        permissions = merge([grants or {}])
        return Actor(self.id, person_id, session_id, name, self.time_zone, permissions)

    def change(self, person: Actor, **state: Any) -> None:
        """Let identity have told something newer of a person."""
        known = next(p for p in self.told.people if p["id"] == person.person_id)
        newer = {**known, **state, "version": known["version"] + 1}
        self.told.people[self.told.people.index(known)] = newer
        self._keep()

    def _keep(self) -> None:
        token = db.database.set(self.database)
        with db.transaction(self.id) as tx:
            people.keep(tx.session, self.id, self.told)
        db.database.reset(token)


@pytest.fixture
def crew(database: db.Database) -> Crew:
    """A fresh tenant."""
    return Crew(database)


@pytest.fixture
def other_crew(database: db.Database) -> Crew:
    """Another tenant, whose people must see nothing of the first one's."""
    return Crew(database)
