"""Where the service is put together."""

from chassis.service import Service
from leads import events
from leads.consumers import consumers
from leads.jobs import jobs
from leads.models import Base
from leads.policy import permissions
from leads.routes import leads
from leads.settings import Settings

service = Service(
    name="leads",
    tables=Base.metadata,
    routes=[leads],
    consumers=consumers,
    jobs=jobs,
    events=events,
    permissions=permissions,
    settings=Settings,
)
