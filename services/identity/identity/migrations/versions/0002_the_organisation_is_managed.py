"""Departments are put away, and the organisation is listed."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE departments ADD COLUMN archived_at timestamptz")
    for table in ("departments", "roles", "people"):
        index = f"ix_{table}_tenant_id_created_at_id"
        op.execute(f"CREATE INDEX {index} ON {table} (tenant_id, created_at, id)")
