"""Doing once what was asked twice: the key of an unsafe call and the answer it was given."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from chassis.access import Identity
from chassis.errors import KeyReused

# A twin that arrives meanwhile waits on the unique index, and then finds the stored answer.
_CLAIM = """
INSERT INTO idempotency (person_id, key, request_hash) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING RETURNING true
"""
_RECALL = """
SELECT request_hash, status, body, etag FROM idempotency
WHERE tenant_id = %s AND person_id = %s AND key = %s
"""
_KEEP = """
UPDATE idempotency SET status = %s, body = %s, etag = %s
WHERE tenant_id = %s AND person_id = %s AND key = %s
"""


@dataclass
class Replay(Exception):
    """The same call was answered before; this is what it was told."""

    status: int
    body: bytes
    etag: str | None


def claim(session: Session, who: Identity, key: str, request_hash: bytes) -> None:
    """Take the key for this call.

    Raises Replay where the same call has been answered, KeyReused where another call had the key.
    """
    connection = session.connection()
    if connection.exec_driver_sql(_CLAIM, (who.person_id, key, request_hash)).first():
        return
    known = connection.exec_driver_sql(_RECALL, (who.tenant_id, who.person_id, key)).one()
    if known.request_hash != request_hash:
        raise KeyReused(key)
    raise Replay(known.status, known.body, known.etag)


def keep(
    session: Session, who: Identity, key: str, status: int, body: bytes, etag: str | None
) -> None:
    """Store what the call answers; it becomes true with the commit, and only then."""
    facts = (status, body, etag, who.tenant_id, who.person_id, key)
    session.connection().exec_driver_sql(_KEEP, facts)
