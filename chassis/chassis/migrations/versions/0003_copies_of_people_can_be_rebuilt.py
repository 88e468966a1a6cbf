"""The copies of the organisation can be forgotten, to be told anew."""

from alembic import op
from sqlalchemy import text

from chassis.tables import app_role

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    op.execute(f"GRANT DELETE ON org_people, org_departments, org_roles TO {app_role(owner)}")
