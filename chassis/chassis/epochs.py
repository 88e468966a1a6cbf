"""The epoch of a database: one higher each time that it was set back to an earlier state."""

import psycopg


def begin(owner_url: str) -> int:
    """Begin the next epoch: what is told from now on is newer than all that was told before.

    Only the owner may; the runbook of a restore does it before the service starts.
    """
    with psycopg.connect(owner_url, connect_timeout=5) as connection:
        row = connection.execute(
            "INSERT INTO epochs (epoch) SELECT max(epoch) + 1 FROM epochs RETURNING epoch"
        ).fetchone()
    if row is None:
        raise LookupError("this database has no epoch: it was never migrated")
    return int(row[0])
