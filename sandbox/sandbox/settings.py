"""The environment of the sandbox."""

from dataclasses import dataclass
from pathlib import Path

from chassis import settings
from chassis.settings import PREFIX

NEEDS = ("port", "identity_url", "public_url", "demo", "service_key")
CALLBACK = "/api/v1/wecom/login/callback"


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """Besides what every service is told: who can be scanned."""

    demo: Path | None = None

    @property
    def gateway(self) -> str:
        return (self.public_url or "").rstrip("/")

    @property
    def callback(self) -> str:
        """The one address that a scan may lead back to."""
        return self.gateway + CALLBACK

    @property
    def own_url(self) -> str:
        return f"http://{self.address()}:{self.port}"

    def faults(self) -> list[str]:
        """Whoever runs this can be anybody, so it never leaves the local stack."""
        faults = super().faults()
        if not self.local:
            faults.append(f"the sandbox is only for the local stack ({PREFIX}LOCAL=1)")
        return faults
