"""Where the service is put together."""

from chassis.service import Service
from customers import events
from customers.consumers import consumers
from customers.models import Base
from customers.policy import permissions
from customers.routes import contacts, customers
from customers.settings import Settings

service = Service(
    name="customers",
    tables=Base.metadata,
    routes=[customers, contacts],
    consumers=consumers,
    events=events,
    permissions=permissions,
    settings=Settings,
)
