"""The keys that sign access tokens, and what belongs to no tenant."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Index,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from chassis.db import Record
from identity.models.tables import Base


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
