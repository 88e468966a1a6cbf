"""Where alembic enters."""

from chassis.migrations import run

run()
