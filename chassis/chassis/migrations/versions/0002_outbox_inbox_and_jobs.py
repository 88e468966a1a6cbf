"""The outbox, the inbox, the runs of jobs, and the months in which the first two are kept."""

from alembic import op
from sqlalchemy import text

from chassis.tables import app_role

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE epochs (
    epoch integer CONSTRAINT pk_epochs PRIMARY KEY,
    raised_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO epochs (epoch) VALUES (0);
CREATE TABLE outbox (
    event_id uuid NOT NULL,
    topic varchar NOT NULL,
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    tenant_id uuid NOT NULL,
    recipient varchar,
    personal boolean NOT NULL,
    envelope jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    unroutable_at timestamptz,
    CONSTRAINT pk_outbox PRIMARY KEY (event_id, topic)
) PARTITION BY RANGE (event_id);
CREATE TABLE outbox_others PARTITION OF outbox DEFAULT;
CREATE INDEX ix_outbox_position ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX ix_outbox_published_at ON outbox (published_at) WHERE personal;
CREATE TABLE inbox (
    event_id uuid NOT NULL,
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    topic varchar NOT NULL,
    subject uuid,
    tenant_id uuid,
    announcement uuid,
    envelope jsonb,
    state varchar NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now(),
    error varchar,
    stored_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_inbox PRIMARY KEY (event_id),
    CONSTRAINT ck_inbox_state CHECK (state IN ('pending', 'done', 'parked'))
) PARTITION BY RANGE (event_id);
CREATE TABLE inbox_others PARTITION OF inbox DEFAULT;
CREATE INDEX ix_inbox_position ON inbox (position) WHERE state = 'pending';
CREATE INDEX ix_inbox_tenant_id_subject_position ON inbox (tenant_id, subject, position)
    WHERE state = 'pending';
CREATE INDEX ix_inbox_parked ON inbox (position) WHERE state = 'parked';
CREATE INDEX ix_inbox_announcement ON inbox (announcement) WHERE announcement IS NOT NULL;
CREATE TABLE job_runs (
    tenant_id uuid NOT NULL,
    job varchar NOT NULL,
    due timestamptz NOT NULL,
    ran_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_job_runs PRIMARY KEY (tenant_id, job, due)
);
CREATE INDEX ix_idempotency_tenant_id_created_at ON idempotency (tenant_id, created_at);
"""

# The smallest UUIDv7 of a moment: its first 48 bits are the milliseconds since 1970.
FLOOR = """
CREATE FUNCTION floor_of(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '00000000000000000000')::uuid
"""

# Only the owner may make and drop tables, so this runs as the owner. It asks for no tenant, since
# it reads no row of one: it drops a month as a whole, once nothing in it is under way and its last
# row is older than `kept`. A month that comes late takes its rows over from the default partition.
KEEP_MONTHS = """
CREATE FUNCTION keep_months(moment timestamptz, kept interval) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC'
SET lock_timeout = '2s' AS $$
DECLARE
    changed text[] := '{}';
    parent text;
    condition text;
    month timestamptz;
    name text;
    is_busy boolean;
BEGIN
    FOR parent, condition IN VALUES
        ('outbox', 'published_at IS NULL'), ('inbox', 'state <> ''done''')
    LOOP
        FOR ahead IN 0..2 LOOP
            month := date_trunc('month', moment) + make_interval(months => ahead);
            name := parent || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(name) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                           name, parent);
            EXECUTE format(
                'WITH late AS (DELETE FROM %I WHERE event_id >= %L AND event_id < %L RETURNING *)'
                ' INSERT INTO %I SELECT * FROM late',
                parent || '_others', floor_of(month), floor_of(month + interval '1 month'), name);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, name, floor_of(month), floor_of(month + interval '1 month'));
            changed := changed || ('made ' || name);
        END LOOP;
        FOR name IN
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = parent::regclass AND c.relname ~ '_\\d{4}_\\d{2}$'
        LOOP
            month := to_timestamp(right(name, 7), 'YYYY_MM');
            CONTINUE WHEN month + interval '1 month' + kept > moment;
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %s)', name, condition) INTO is_busy;
            CONTINUE WHEN is_busy;
            EXECUTE format('DROP TABLE %I', name);
            changed := changed || ('dropped ' || name);
        END LOOP;
    END LOOP;
    RETURN changed;
END $$
"""


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    app = app_role(owner)
    op.execute(TABLES)
    op.execute(FLOOR)
    op.execute(KEEP_MONTHS)
    op.execute("SELECT keep_months(now(), interval '14 days')")
    op.execute("REVOKE ALL ON FUNCTION keep_months(timestamptz, interval) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION keep_months(timestamptz, interval) TO {app}")
    op.execute(f"GRANT SELECT ON epochs TO {app}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON outbox TO {app}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON inbox, job_runs TO {app}")
