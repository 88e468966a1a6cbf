"""Where the service is put together."""

from chassis.service import Service
from identity import events
from identity.commands import seed
from identity.models import Base
from identity.routes import internal, me, own_keys, sessions
from identity.settings import Settings

service = Service(
    name="identity",
    tables=Base.metadata,
    routes=[sessions, me, internal],
    events=events,
    is_identity=True,
    settings=Settings,
    keys=own_keys,
    commands={"seed": seed},
)
