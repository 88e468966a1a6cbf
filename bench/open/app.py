"""Where the open list is put together, as any service is."""

from bench.open.routes import leads
from bench.open.settings import Settings
from chassis.service import Service
from leads.models import Base

service = Service(name="open-list", tables=Base.metadata, routes=[leads], settings=Settings)
