"""Departments are put away, and never deleted."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE departments ADD COLUMN archived_at timestamptz")
