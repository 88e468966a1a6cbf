"""Where the service is put together."""

from chassis.service import Service
from identity import events
from identity.commands import seed
from identity.models import Base
from identity.policy import permissions as declared
from identity.routes import (
    departments,
    internal,
    me,
    own_keys,
    people,
    permissions,
    roles,
    sessions,
)
from identity.settings import Settings

service = Service(
    name="identity",
    tables=Base.metadata,
    routes=[sessions, me, people, departments, roles, permissions, internal],
    permissions=declared,
    events=events,
    is_identity=True,
    settings=Settings,
    keys=own_keys,
    commands={"seed": seed},
)
