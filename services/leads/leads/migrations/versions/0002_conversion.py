"""How leads become customers: their state, what was asked of customers, and copies of those."""

from alembic import op
from sqlalchemy import text

from chassis.tables import walled

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHANGES = """
ALTER TABLE leads
    ADD COLUMN state varchar NOT NULL DEFAULT 'open',
    ADD COLUMN customer_id uuid,
    ADD COLUMN converted_at timestamptz,
    ADD COLUMN refused_reason varchar,
    ADD COLUMN refused_matches jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT ck_leads_state
        CHECK (state IN ('open', 'converting', 'converted', 'undoing')),
    ADD CONSTRAINT ck_leads_customer CHECK ((state = 'open') = (customer_id IS NULL));
CREATE INDEX ix_leads_tenant_id_state_created_at_id ON leads (tenant_id, state, created_at, id);
CREATE TABLE conversions (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    lead_id uuid NOT NULL,
    asked_by uuid NOT NULL,
    customer jsonb,
    contact jsonb,
    confirmed_similar uuid[] NOT NULL,
    confirmed_because varchar,
    question varchar,
    undo uuid,
    asks integer NOT NULL,
    asked_at timestamptz NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_conversions PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_conversions_tenant_id_lead_id
        FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id),
    CONSTRAINT ck_conversions_question CHECK (question IN ('open', 'withdraw'))
);
CREATE INDEX ix_conversions_tenant_id_lead_id ON conversions (tenant_id, lead_id);
CREATE INDEX ix_conversions_waiting ON conversions (tenant_id, asked_at)
    WHERE question IS NOT NULL;
CREATE TABLE customer_copies (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    name varchar NOT NULL,
    archived_at timestamptz,
    epoch integer NOT NULL DEFAULT 0,
    version integer NOT NULL,
    CONSTRAINT pk_customer_copies PRIMARY KEY (tenant_id, id)
);
"""


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    op.execute(CHANGES)
    for statement in walled("conversions", owner):
        op.execute(statement)
    # Copies can be rebuilt, so they are the only records that are ever deleted.
    for statement in walled("customer_copies", owner, "SELECT, INSERT, UPDATE, DELETE"):
        op.execute(statement)
