"""Tenants, departments, people, roles, sessions and signing keys."""

from alembic import op
from sqlalchemy import text

from chassis.tables import app_role, walled

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE tenants (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    corp_id varchar NOT NULL,
    name varchar NOT NULL,
    time_zone varchar NOT NULL,
    suspended_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (tenant_id),
    CONSTRAINT uq_tenants_corp_id UNIQUE (corp_id)
);
CREATE TABLE departments (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    key varchar NOT NULL,
    name varchar NOT NULL,
    parent_id uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_departments PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_departments_tenant_id_key UNIQUE (tenant_id, key),
    CONSTRAINT fk_departments_tenant_id_parent_id FOREIGN KEY (tenant_id, parent_id)
        REFERENCES departments (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE roles (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    code varchar NOT NULL,
    name varchar NOT NULL,
    permissions jsonb NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_roles PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_roles_tenant_id_code UNIQUE (tenant_id, code)
);
CREATE TABLE people (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    userid varchar NOT NULL,
    name varchar NOT NULL,
    position varchar,
    superior_id uuid,
    department_ids uuid[] NOT NULL,
    role_ids uuid[] NOT NULL,
    grants jsonb NOT NULL,
    revoked_sessions uuid[] NOT NULL,
    disabled_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_people PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_people_tenant_id_superior_id FOREIGN KEY (tenant_id, superior_id)
        REFERENCES people (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX uq_people_tenant_id_userid ON people (tenant_id, lower(userid));
CREATE TABLE sign_ins (
    tenant_id uuid NOT NULL DEFAULT current_tenant(),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    device varchar,
    family_hash bytea NOT NULL,
    refresh_hash bytea NOT NULL,
    previous_hash bytea,
    rotated_at timestamptz,
    rotation_salt bytea,
    opened_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because varchar,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_sign_ins PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_sign_ins_family_hash UNIQUE (family_hash),
    CONSTRAINT fk_sign_ins_tenant_id_person_id FOREIGN KEY (tenant_id, person_id)
        REFERENCES people (tenant_id, id),
    CONSTRAINT ck_sign_ins_ended_because CHECK (ended_because IN ('signed_out', 'token_reused')),
    CONSTRAINT ck_sign_ins_ended CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX ix_sign_ins_tenant_id_person_id_ended_at ON sign_ins (tenant_id, person_id, ended_at);
CREATE TABLE signing_keys (
    kid varchar CONSTRAINT pk_signing_keys PRIMARY KEY,
    public_key bytea NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retires_at timestamptz
);
CREATE UNIQUE INDEX uq_signing_keys_current ON signing_keys ((retires_at IS NULL))
    WHERE retires_at IS NULL;
"""

# How a process learns the tenant of a key that it is shown: the owner of the tables looks it up
# and says the tenant, nothing else.
FUNCTIONS = {
    "tenant_of_corp(corp_id text)": """
        SELECT t.tenant_id FROM tenants t WHERE t.corp_id = tenant_of_corp.corp_id
    """,
    "tenant_of_refresh(hash bytea)": """
        SELECT s.tenant_id FROM sign_ins s WHERE s.family_hash = tenant_of_refresh.hash
    """,
}


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    app = app_role(owner)
    op.execute(TABLES)
    for table in ("tenants", "departments", "roles", "people", "sign_ins"):
        for statement in walled(table, owner):
            op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT ON signing_keys TO {app}")
    for function, query in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {function} RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER "
            f"SET search_path = public, pg_temp AS $${query}$$"
        )
        signature = function.replace("corp_id ", "").replace("hash ", "")
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {app}")
