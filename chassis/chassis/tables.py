"""The tables that the chassis keeps in every service's database, and how a table is walled in."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
CURRENT_TENANT = text("current_tenant()")
metadata = MetaData(naming_convention=NAMING)

# The only tables without row-level security; a house test compares this list with the databases.
WITHOUT_TENANT = frozenset(
    {"org_tenants", "keyset", "chassis_version", "schema_version", "signing_keys"}
)


def _tenant() -> Column[object]:
    return Column("tenant_id", Uuid, primary_key=True, server_default=CURRENT_TENANT)


def _copied() -> tuple[Column[object], Column[object]]:
    """Where a copy stands in the order of states: a later one wins (delivery, 'latest wins')."""
    return (
        Column("epoch", Integer, nullable=False, server_default=text("0")),
        Column("version", Integer, nullable=False),
    )


org_tenants = Table(
    "org_tenants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("suspended_at", DateTime(timezone=True)),
    *_copied(),
)
org_people = Table(
    "org_people",
    metadata,
    _tenant(),
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("superior_id", Uuid),
    Column("department_ids", ARRAY(Uuid), nullable=False),
    Column("role_ids", ARRAY(Uuid), nullable=False),
    Column("grants", JSONB, nullable=False),
    Column("revoked_sessions", ARRAY(Uuid), nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
    *_copied(),
)
org_departments = Table(
    "org_departments",
    metadata,
    _tenant(),
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("parent_id", Uuid),
    Column("archived", Boolean, nullable=False, server_default=text("false")),
    *_copied(),
)
org_roles = Table(
    "org_roles",
    metadata,
    _tenant(),
    Column("id", Uuid, primary_key=True),
    Column("code", String, nullable=False),
    Column("name", String, nullable=False),
    Column("permissions", JSONB, nullable=False),
    *_copied(),
)
# What visibility asks, worked out from the copies above whenever one of them changes.
org_members = Table(
    "org_members",
    metadata,
    _tenant(),
    Column("department_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True, index=True),
)
org_reports = Table(
    "org_reports",
    metadata,
    _tenant(),
    Column("superior_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True, index=True),
    Column("depth", SmallInteger, nullable=False),
)
org_department_tree = Table(
    "org_department_tree",
    metadata,
    _tenant(),
    Column("ancestor_id", Uuid, primary_key=True),
    Column("department_id", Uuid, primary_key=True, index=True),
)
idempotency = Table(
    "idempotency",
    metadata,
    _tenant(),
    Column("person_id", Uuid, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("body", LargeBinary),
    Column("etag", String),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
keyset = Table(
    "keyset",
    metadata,
    Column("kid", String, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
)


def app_role(owner: str) -> str:
    """The role that runs the service whose tables `owner` owns."""
    return owner.removesuffix("_owner") + "_app"


def with_driver(url: str) -> str:
    """A database address as SQLAlchemy wants it, with our driver named."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def walled(table: str, owner: str, verbs: str = "SELECT, INSERT, UPDATE") -> list[str]:
    """The statements that put a tenant's wall around a table, for its migration.

    The application sees and writes its current tenant only. The owner's own policy is `true`,
    since a backfill in a later migration would otherwise update nothing and say nothing.
    """
    app, mine = app_role(owner), "tenant_id = current_tenant()"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant_only ON {table} TO {app} USING ({mine}) WITH CHECK ({mine})",
        f"CREATE POLICY owner_all ON {table} TO {owner} USING (true) WITH CHECK (true)",
        f"GRANT {verbs} ON {table} TO {app}",
    ]
