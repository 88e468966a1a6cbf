"""The keys that sign access tokens, and the tokens."""

import secrets
import time
from datetime import datetime

import jwt
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.access import AUDIENCE, ISSUER, TOKEN_TYPE
from identity.models import ACCESS_LIFE, SignIn, SigningKey


def public_keys(session: Session, *, sealing_key: bytes, now: datetime) -> dict[str, bytes]:
    """The public halves that a token of ours may be checked with, by key id."""
    _current_key(session, sealing_key=sealing_key, now=now)
    living = select(SigningKey).where(
        or_(SigningKey.retires_at.is_(None), SigningKey.retires_at > now)
    )
    return {key.kid: key.public_key for key in session.scalars(living)}


def access_token(session: Session, *, of: SignIn, sealing_key: bytes, now: datetime) -> str:
    """A token that says who calls and in which session, for five minutes."""
    key = _current_key(session, sealing_key=sealing_key, now=now)
    # A token lives by the real clock, which those who check it go by; a local stack's shifted
    # clock moves business days only.
    issued = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(of.person_id),
        "tid": str(of.tenant_id),
        "sid": str(of.id),
        "iat": issued,
        "exp": issued + int(ACCESS_LIFE.total_seconds()),
        "jti": secrets.token_hex(8),
    }
    private_key = key.private_key(sealing_key=sealing_key)
    return jwt.encode(claims, private_key, "EdDSA", headers={"typ": TOKEN_TYPE, "kid": key.kid})


def _current_key(session: Session, *, sealing_key: bytes, now: datetime) -> SigningKey:
    """The key that signs now; where there is none yet, the first one.

    Of two processes that make the first one at once, the unique index lets one win.
    """
    current = select(SigningKey).where(SigningKey.retires_at.is_(None))
    key = session.scalar(current)
    if key is None:
        made = SigningKey.generate(sealing_key=sealing_key, now=now)
        session.execute(insert(SigningKey).values(**made).on_conflict_do_nothing())
        key = session.scalars(current).one()
    return key
