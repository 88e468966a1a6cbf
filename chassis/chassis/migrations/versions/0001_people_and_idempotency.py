"""The tenant setting, the replica of the organisation, idempotency and the key set."""

from alembic import op
from sqlalchemy import text

from chassis.tables import app_role, walled

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE org_tenants (
    id uuid CONSTRAINT pk_org_tenants PRIMARY KEY,
    name varchar NOT NULL,
    time_zone varchar NOT NULL,
    suspended_at timestamptz,
    epoch integer NOT NULL DEFAULT 0,
    version integer NOT NULL
);
CREATE TABLE org_people (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    name varchar NOT NULL,
    superior_id uuid,
    department_ids uuid[] NOT NULL,
    role_ids uuid[] NOT NULL,
    grants jsonb NOT NULL,
    revoked_sessions uuid[] NOT NULL,
    disabled_at timestamptz,
    epoch integer NOT NULL DEFAULT 0,
    version integer NOT NULL,
    CONSTRAINT pk_org_people PRIMARY KEY (tenant_id, id)
);
CREATE TABLE org_departments (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    name varchar NOT NULL,
    parent_id uuid,
    archived boolean NOT NULL DEFAULT false,
    epoch integer NOT NULL DEFAULT 0,
    version integer NOT NULL,
    CONSTRAINT pk_org_departments PRIMARY KEY (tenant_id, id)
);
CREATE TABLE org_roles (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    code varchar NOT NULL,
    name varchar NOT NULL,
    permissions jsonb NOT NULL,
    epoch integer NOT NULL DEFAULT 0,
    version integer NOT NULL,
    CONSTRAINT pk_org_roles PRIMARY KEY (tenant_id, id)
);
CREATE TABLE org_members (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    department_id uuid NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT pk_org_members PRIMARY KEY (tenant_id, department_id, person_id)
);
CREATE INDEX ix_org_members_person_id ON org_members (person_id);
CREATE TABLE org_reports (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    superior_id uuid NOT NULL,
    person_id uuid NOT NULL,
    depth smallint NOT NULL,
    CONSTRAINT pk_org_reports PRIMARY KEY (tenant_id, superior_id, person_id)
);
CREATE INDEX ix_org_reports_person_id ON org_reports (person_id);
CREATE TABLE org_department_tree (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    ancestor_id uuid NOT NULL,
    department_id uuid NOT NULL,
    CONSTRAINT pk_org_department_tree PRIMARY KEY (tenant_id, ancestor_id, department_id)
);
CREATE INDEX ix_org_department_tree_department_id ON org_department_tree (department_id);
CREATE TABLE idempotency (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    person_id uuid NOT NULL,
    key varchar NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    body bytea,
    etag varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency PRIMARY KEY (tenant_id, person_id, key)
);
CREATE TABLE keyset (
    kid varchar CONSTRAINT pk_keyset PRIMARY KEY,
    public_key bytea NOT NULL
);
"""


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    app = app_role(owner)
    op.execute(f"REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {app}")
    # After a transaction the setting is '' rather than NULL, hence the nullif.
    op.execute(
        "CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE "
        "RETURN nullif(current_setting('xiaoke.tenant', true), '')::uuid"
    )
    op.execute(TABLES)
    for table in ("org_people", "org_departments", "org_roles"):
        _each(walled(table, owner))
    for table in ("org_members", "org_reports", "org_department_tree", "idempotency"):
        _each(walled(table, owner, "SELECT, INSERT, UPDATE, DELETE"))
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON org_tenants TO {app}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON keyset TO {app}")


def _each(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)
