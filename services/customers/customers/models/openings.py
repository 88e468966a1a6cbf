"""Which customers are alike, and what we told a lead that asked to become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from customers.models.tables import Base


class Key(StrEnum):
    """What two customers have in common (decision 16); the strongest first."""

    USCC = "uscc"
    NAME = "name"
    CORE = "core"
    MOBILE = "mobile"


# The first two are the same company; the others may be.
SAME = (Key.USCC, Key.NAME)


@dataclass(frozen=True, slots=True)
class Match:
    """A customer that is here already, and what tells that it may be the same."""

    customer_id: UUID
    key: Key

    @property
    def is_same(self) -> bool:
        """Whether it is the same company beyond doubt, and refused."""
        return self.key in SAME

    def plain(self) -> dict[str, Any]:
        """As it is stored and told."""
        return {"customer_id": str(self.customer_id), "key": str(self.key)}


class Opening(Base, kw_only=True):
    """The request of one lead, under the id that it chose for its customer, and our answer.

    `undo` is the last time that the lead asked for itself back, and `kept_because` why it was told
    no; None where the customer was withdrawn.
    """

    __tablename__ = "openings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    contact_id: Mapped[UUID | None] = mapped_column(default=None)
    refused_because: Mapped[str | None] = mapped_column(default=None)
    matches: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    undo: Mapped[UUID | None] = mapped_column(init=False, default=None)
    kept_because: Mapped[str | None] = mapped_column(init=False, default=None)

    def refuse(self, code: str, matches: Sequence[Match]) -> None:
        """Take down why this lead becomes no customer."""
        self.refused_because, self.matches = code, [match.plain() for match in matches]
