"""The environment of the open list: what every service is told, and whose leads it shows."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from chassis import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    NEEDS: ClassVar[tuple[str, ...]] = ("tenant",)

    tenant: UUID | None = None
