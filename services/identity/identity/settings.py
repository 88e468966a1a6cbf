"""The environment of the identity service."""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chassis import settings
from chassis.settings import PREFIX, secret

KEY_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """Besides what every service is told: the secret that seals our signing keys.

    `permissions_file` is what `make api` wrote of the permissions that services ask for.
    """

    NEEDS: ClassVar = ("key_secret", "public_url", "permissions_file")

    key_secret: str | None = secret()
    permissions_file: Path | None = None

    @property
    def sealing_key(self) -> bytes:
        """The raw key; raises ValueError for text that holds none."""
        return base64.b64decode(self.key_secret or "", validate=True)

    @property
    def is_https(self) -> bool:
        """Whether browsers reach us over TLS: what their cookies must look like hangs on it."""
        return (self.public_url or "").startswith("https://")

    def faults(self) -> list[str]:
        faults = super().faults()
        if self.key_secret is not None and not self._can_seal():
            faults.append(f"{PREFIX}KEY_SECRET must be {KEY_LENGTH} bytes in base64")
        if self.public_url is not None and not self.is_https and not self.local:
            faults.append(f"{PREFIX}PUBLIC_URL must begin with https://")
        return faults

    def _can_seal(self) -> bool:
        try:
            return len(self.sealing_key) == KEY_LENGTH
        except binascii.Error:
            return False
