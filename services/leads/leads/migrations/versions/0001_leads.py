"""Leads."""

from alembic import op
from sqlalchemy import text

from chassis.tables import walled

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE leads (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    name varchar,
    company_name varchar,
    mobile varchar,
    mobile_canonical varchar,
    phone varchar,
    phone_canonical varchar,
    email varchar,
    qq varchar,
    wechat varchar,
    address varchar,
    postcode varchar,
    department varchar,
    title varchar,
    gender varchar,
    remark text,
    source varchar NOT NULL,
    owner_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    archived_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_leads PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ix_leads_tenant_id_created_at_id ON leads (tenant_id, created_at, id);
CREATE INDEX ix_leads_tenant_id_updated_at_id ON leads (tenant_id, updated_at, id);
CREATE INDEX ix_leads_tenant_id_owner_id_created_at_id
    ON leads (tenant_id, owner_id, created_at, id);
CREATE INDEX ix_leads_tenant_id_owner_id_updated_at_id
    ON leads (tenant_id, owner_id, updated_at, id);
CREATE INDEX ix_leads_tenant_id_source_created_at_id ON leads (tenant_id, source, created_at, id);
CREATE INDEX ix_leads_tenant_id_mobile_canonical ON leads (tenant_id, mobile_canonical);
CREATE INDEX ix_leads_tenant_id_phone_canonical ON leads (tenant_id, phone_canonical);
"""


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    op.execute(TABLES)
    for statement in walled("leads", owner):
        op.execute(statement)
