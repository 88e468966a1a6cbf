"""What keeps people signed in, and for how long."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Optional
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from identity.models.tables import Base, own_id

# A session ends when it rests this long, and at the latest this long after it was opened.
REST = timedelta(days=30)
LONGEST = timedelta(days=90)
# Two tabs that refresh at once, or an answer that got lost, are no theft.
GRACE = timedelta(seconds=30)
ACCESS_LIFE = timedelta(minutes=5)
# Access tokens of an ended session are refused by name until none of them can be alive.
REVOKED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a signed-in device shows to stay so: its family for life, its secret for one use."""

    family: bytes = field(repr=False)
    secret: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> "RefreshToken":
        return cls(secrets.token_bytes(16), secrets.token_bytes(32))

    @classmethod
    def read(cls, shown: str) -> Optional["RefreshToken"]:
        """The token in its text, or None for text that is no token of ours."""
        family, _, secret = shown.partition(".")
        try:
            return cls(_decode(family), _decode(secret))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{_encode(self.family)}.{_encode(self.secret)}"

    @property
    def family_hash(self) -> bytes:
        return hashlib.sha256(self.family).digest()

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.secret).digest()

    def next(self, salt: bytes) -> "RefreshToken":
        """The token that follows this one; who lacks either this one or the salt cannot tell it."""
        return RefreshToken(self.family, hmac.digest(salt, self.secret, "sha256"))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(shown: str) -> bytes:
    return base64.b64decode(shown.encode("ascii") + b"=" * (-len(shown) % 4), b"-_", validate=True)


class Ending(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason, not a token


class SignIn(Base, kw_only=True):
    """One person signed in on one device. Of its refresh tokens only hashes are kept."""

    __tablename__ = "sign_ins"

    id: Mapped[UUID] = own_id()
    person_id: Mapped[UUID]
    device: Mapped[str | None] = mapped_column(default=None)
    family_hash: Mapped[bytes]
    refresh_hash: Mapped[bytes]
    previous_hash: Mapped[bytes | None] = mapped_column(default=None)
    rotated_at: Mapped[datetime | None] = mapped_column(default=None)
    rotation_salt: Mapped[bytes | None] = mapped_column(default=None)
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_because: Mapped[str | None] = mapped_column(default=None)

    __table_args__ = (
        UniqueConstraint("family_hash"),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        CheckConstraint("ended_because IN ('signed_out', 'token_reused')", name="ended_because"),
        CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="ended"),
        Index(None, "tenant_id", "person_id", "ended_at"),
    )

    def is_open(self, *, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at

    def rotate(self, shown: RefreshToken, *, now: datetime) -> RefreshToken | None:
        """The token that follows `shown`, or None where `shown` has had its day: that is a theft.

        The previous token leads to the same one that it has led to already, so that tabs which
        refresh at once, in whatever order they are answered, end with the one current token.
        """
        if self._follows(shown, now=now) and self.rotation_salt is not None:
            return shown.next(self.rotation_salt)
        if not hmac.compare_digest(shown.hash, self.refresh_hash):
            return None
        salt = secrets.token_bytes(32)
        following = shown.next(salt)
        self.previous_hash, self.refresh_hash = self.refresh_hash, following.hash
        self.rotated_at, self.rotation_salt = now, salt
        self.last_seen_at = now
        self.expires_at = min(now + REST, self.opened_at + LONGEST)
        return following

    def _follows(self, shown: RefreshToken, *, now: datetime) -> bool:
        """Whether the current token came of `shown`, a moment ago."""
        if self.previous_hash is None or self.rotated_at is None:
            return False
        is_previous = hmac.compare_digest(shown.hash, self.previous_hash)
        return is_previous and now - self.rotated_at <= GRACE

    def end(self, *, because: Ending, now: datetime) -> None:
        self.ended_at, self.ended_because = now, because
