"""Who is who: tenants, departments, people, roles, what keeps people signed in, and our keys."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Optional
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, synonym

from chassis.db import Record, new_id
from chassis.errors import Refusal
from chassis.tables import NAMING

# A session ends when it rests this long, and at the latest this long after it was opened.
REST = timedelta(days=30)
LONGEST = timedelta(days=90)
# Two tabs that refresh at once, or an answer that got lost, are no theft.
GRACE = timedelta(seconds=30)
ACCESS_LIFE = timedelta(minutes=5)
# Access tokens of an ended session are refused by name until none of them can be alive.
REVOKED_FOR = timedelta(hours=1)


class Base(Record, DeclarativeBase):
    """The tables of this service: tenant, version and times come from Record."""

    metadata = MetaData(naming_convention=NAMING)


def _own_id() -> Any:
    return mapped_column(
        primary_key=True, insert_default=new_id, default_factory=new_id, sort_order=-1
    )


class Tenant(Base, kw_only=True):
    """A company that uses the product; its own id is the tenant of all its records."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = synonym("tenant_id", init=False)
    corp_id: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    suspended_at: Mapped[datetime | None] = mapped_column(default=None)

    __table_args__ = (UniqueConstraint("corp_id"),)


class Department(Base, kw_only=True):
    """A part of the company; `key` is its id outside, in WeCom."""

    __tablename__ = "departments"

    id: Mapped[UUID] = _own_id()
    key: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(default=None)
    archived_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["departments.tenant_id", "departments.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
    )


class Role(Base, kw_only=True):
    """A set of permission keys, each with the scope that it has for who holds the role."""

    __tablename__ = "roles"

    id: Mapped[UUID] = _own_id()
    code: Mapped[str]
    name: Mapped[str]
    permissions: Mapped[dict[str, str]] = mapped_column(JSONB)

    __table_args__ = (UniqueConstraint("tenant_id", "code"),)


class Person(Base, kw_only=True):
    """Somebody who works there. `grants` are special permissions beside their roles (PLAT-10)."""

    __tablename__ = "people"

    id: Mapped[UUID] = _own_id()
    userid: Mapped[str]
    name: Mapped[str]
    position: Mapped[str | None] = mapped_column(default=None)
    superior_id: Mapped[UUID | None] = mapped_column(default=None)
    department_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    role_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    grants: Mapped[dict[str, str]] = mapped_column(JSONB, default_factory=dict)
    revoked_sessions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    disabled_at: Mapped[datetime | None] = mapped_column(default=None)

    # WeCom compares user ids without regard to case, and sends some of them back in lower case.
    __table_args__ = (
        Index("uq_people_tenant_id_userid", "tenant_id", text("lower(userid)"), unique=True),
        ForeignKeyConstraint(
            ["tenant_id", "superior_id"],
            ["people.tenant_id", "people.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
    )


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

    id: Mapped[UUID] = _own_id()
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


class Tenantless(MappedAsDataclass, DeclarativeBase):
    """What belongs to no tenant, and so has no wall."""

    metadata = Base.metadata
    type_annotation_map = Record.type_annotation_map


class SigningKey(Tenantless, kw_only=True):
    """A key pair that signs access tokens; its private half is sealed where it lies."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    sealed_private_key: Mapped[bytes]
    created_at: Mapped[datetime]
    retires_at: Mapped[datetime | None] = mapped_column(default=None)

    # One key signs at a time, whoever made it: two first processes cannot both have theirs.
    __table_args__ = (
        Index(
            "uq_signing_keys_current",
            text("(retires_at IS NULL)"),
            unique=True,
            postgresql_where=text("retires_at IS NULL"),
        ),
    )

    @staticmethod
    def generate(*, sealing_key: bytes, now: datetime) -> Mapping[str, Any]:
        """The columns of a new pair."""
        kid, private = secrets.token_hex(8), Ed25519PrivateKey.generate()
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(sealing_key).encrypt(nonce, private.private_bytes_raw(), kid.encode())
        return {
            "kid": kid,
            "public_key": private.public_key().public_bytes_raw(),
            "sealed_private_key": nonce + sealed,
            "created_at": now,
        }

    def private_key(self, *, sealing_key: bytes) -> Ed25519PrivateKey:
        """The private half; raises InvalidTag where another secret sealed it."""
        nonce, sealed = self.sealed_private_key[:12], self.sealed_private_key[12:]
        raw = AESGCM(sealing_key).decrypt(nonce, sealed, self.kid.encode())
        return Ed25519PrivateKey.from_private_bytes(raw)


class NotInVisibleRange(Refusal):
    status = 403
    code = "not-in-visible-range"
    zh = "您不在应用的可见范围内，请联系企业管理员将您添加到可见范围"
    en = "You are outside the app's visible range. Ask your administrator to add you."
