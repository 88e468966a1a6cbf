"""Customers, who works on them, their contacts, and what leads were answered."""

from alembic import op
from sqlalchemy import text

from chassis.tables import walled

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE customers (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    name varchar NOT NULL,
    name_normalized varchar NOT NULL,
    name_core varchar NOT NULL,
    uscc varchar,
    phone varchar,
    phone_canonical varchar,
    mobile varchar,
    mobile_canonical varchar,
    fax varchar,
    address varchar,
    postcode varchar,
    remark text,
    lead_id uuid,
    creator_id uuid NOT NULL,
    confirmed_similar uuid[] NOT NULL,
    confirmed_because varchar,
    archived_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_customers PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX uq_customers_tenant_id_name_normalized
    ON customers (tenant_id, name_normalized) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX uq_customers_tenant_id_uscc
    ON customers (tenant_id, uscc) WHERE archived_at IS NULL;
CREATE INDEX ix_customers_tenant_id_name_core ON customers (tenant_id, name_core);
CREATE INDEX ix_customers_tenant_id_created_at_id ON customers (tenant_id, created_at, id);
CREATE INDEX ix_customers_tenant_id_updated_at_id ON customers (tenant_id, updated_at, id);
CREATE INDEX ix_customers_tenant_id_mobile_canonical ON customers (tenant_id, mobile_canonical);
CREATE INDEX ix_customers_tenant_id_phone_canonical ON customers (tenant_id, phone_canonical);
CREATE TABLE followers (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    is_main boolean NOT NULL,
    since timestamptz NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_followers PRIMARY KEY (tenant_id, customer_id, person_id),
    CONSTRAINT fk_followers_tenant_id_customer_id
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE INDEX ix_followers_tenant_id_person_id_customer_id
    ON followers (tenant_id, person_id, customer_id);
CREATE UNIQUE INDEX uq_followers_main ON followers (tenant_id, customer_id) WHERE is_main;
CREATE TABLE collaborators (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind varchar NOT NULL,
    since timestamptz NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_collaborators PRIMARY KEY (tenant_id, customer_id, person_id),
    CONSTRAINT fk_collaborators_tenant_id_customer_id
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT ck_collaborators_kind CHECK (kind IN ('pre_sales', 'in_sales', 'after_sales'))
);
CREATE INDEX ix_collaborators_tenant_id_person_id_customer_id
    ON collaborators (tenant_id, person_id, customer_id);
CREATE TABLE contacts (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    name varchar NOT NULL,
    gender varchar,
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
    remark text,
    creator_id uuid NOT NULL,
    archived_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_contacts PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ix_contacts_tenant_id_created_at_id ON contacts (tenant_id, created_at, id);
CREATE INDEX ix_contacts_tenant_id_mobile_canonical ON contacts (tenant_id, mobile_canonical);
CREATE INDEX ix_contacts_tenant_id_phone_canonical ON contacts (tenant_id, phone_canonical);
CREATE TABLE contact_links (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    contact_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_contact_links PRIMARY KEY (tenant_id, contact_id, customer_id),
    CONSTRAINT fk_contact_links_tenant_id_contact_id
        FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    CONSTRAINT fk_contact_links_tenant_id_customer_id
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE INDEX ix_contact_links_tenant_id_customer_id_contact_id
    ON contact_links (tenant_id, customer_id, contact_id);
CREATE TABLE openings (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    lead_id uuid NOT NULL,
    contact_id uuid,
    refused_because varchar,
    matches jsonb NOT NULL,
    undo uuid,
    kept_because varchar,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_openings PRIMARY KEY (tenant_id, id)
);
"""
# Who works on a customer comes and goes; records stay.
KEPT = ("customers", "contacts", "contact_links", "openings")
RELATIONS = ("followers", "collaborators")


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    op.execute(TABLES)
    for table in KEPT:
        for statement in walled(table, owner):
            op.execute(statement)
    for table in RELATIONS:
        for statement in walled(table, owner, "SELECT, INSERT, UPDATE, DELETE"):
            op.execute(statement)
