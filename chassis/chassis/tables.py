"""The tables that the chassis keeps in every service's database, and how a table is walled in."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
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
    {
        *("org_tenants", "keyset", "chassis_version", "schema_version", "signing_keys"),
        *("outbox", "inbox", "job_runs", "epochs"),
    }
)


def tenant() -> Column[object]:
    return Column("tenant_id", Uuid, primary_key=True, server_default=CURRENT_TENANT)


def copied() -> tuple[Column[object], Column[object]]:
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
    *copied(),
)
org_people = Table(
    "org_people",
    metadata,
    tenant(),
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("superior_id", Uuid),
    Column("department_ids", ARRAY(Uuid), nullable=False),
    Column("role_ids", ARRAY(Uuid), nullable=False),
    Column("grants", JSONB, nullable=False),
    Column("revoked_sessions", ARRAY(Uuid), nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
    *copied(),
)
org_departments = Table(
    "org_departments",
    metadata,
    tenant(),
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("parent_id", Uuid),
    Column("archived", Boolean, nullable=False, server_default=text("false")),
    *copied(),
)
org_roles = Table(
    "org_roles",
    metadata,
    tenant(),
    Column("id", Uuid, primary_key=True),
    Column("code", String, nullable=False),
    Column("name", String, nullable=False),
    Column("permissions", JSONB, nullable=False),
    *copied(),
)
# What visibility asks, worked out from the copies above whenever one of them changes.
org_members = Table(
    "org_members",
    metadata,
    tenant(),
    Column("department_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True, index=True),
)
org_reports = Table(
    "org_reports",
    metadata,
    tenant(),
    Column("superior_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True, index=True),
    Column("depth", SmallInteger, nullable=False),
)
org_department_tree = Table(
    "org_department_tree",
    metadata,
    tenant(),
    Column("ancestor_id", Uuid, primary_key=True),
    Column("department_id", Uuid, primary_key=True, index=True),
)
idempotency = Table(
    "idempotency",
    metadata,
    tenant(),
    Column("person_id", Uuid, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("body", LargeBinary),
    Column("etag", String),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index(None, "tenant_id", "created_at"),
)
keyset = Table(
    "keyset",
    metadata,
    Column("kid", String, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
)
# One row for each time that this database was set back to an earlier state, and one for its birth.
epochs = Table(
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
# Both are partitioned by month on the event id, which begins with its time. All tenants' rows are
# read together, by the chassis only.
outbox = Table(
    "outbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("position", BigInteger, Identity(always=True), nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("recipient", String),
    Column("personal", Boolean, nullable=False),
    Column("envelope", JSONB, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("published_at", DateTime(timezone=True)),
    Column("unroutable_at", DateTime(timezone=True)),
    Index(None, "position", postgresql_where=text("published_at IS NULL")),
    Index(None, "published_at", postgresql_where=text("personal")),
    postgresql_partition_by="RANGE (event_id)",
)
inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("position", BigInteger, Identity(always=True), nullable=False),
    Column("topic", String, nullable=False),
    Column("subject", Uuid),
    Column("tenant_id", Uuid),
    Column("announcement", Uuid),
    Column("envelope", JSONB),
    Column("state", String, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("error", String),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    CheckConstraint("state IN ('pending', 'done', 'parked')", name="state"),
    Index(None, "position", postgresql_where=text("state = 'pending'")),
    Index(None, "tenant_id", "subject", "position", postgresql_where=text("state = 'pending'")),
    Index("ix_inbox_parked", "position", postgresql_where=text("state = 'parked'")),
    Index(None, "announcement", postgresql_where=text("announcement IS NOT NULL")),
    postgresql_partition_by="RANGE (event_id)",
)
job_runs = Table(
    "job_runs",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("job", String, primary_key=True),
    Column("due", DateTime(timezone=True), primary_key=True),
    Column("ran_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
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
