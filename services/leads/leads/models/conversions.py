"""A lead on its way to become a customer: what was asked of customers, and until when it holds."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import new_id
from leads.models.tables import Base

# An answer that does not come is asked for again after these, and then every hour (rules 14).
PAUSES = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))


class Question(StrEnum):
    """What customers were asked last, and have not answered yet."""

    OPEN = "open"
    WITHDRAW = "withdraw"


class Conversion(Base, kw_only=True):
    """One attempt of one lead. Its id is the one that the customer has, if there will be one.

    `customer` and `contact` are what was asked for, kept until it was answered.
    """

    __tablename__ = "conversions"

    id: Mapped[UUID] = mapped_column(
        primary_key=True, insert_default=new_id, default_factory=new_id, sort_order=-1
    )
    lead_id: Mapped[UUID]
    asked_by: Mapped[UUID]
    customer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    contact: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    confirmed_similar: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    confirmed_because: Mapped[str | None] = mapped_column(default=None)
    question: Mapped[str | None] = mapped_column(default=Question.OPEN)
    undo: Mapped[UUID | None] = mapped_column(init=False, default=None)
    asks: Mapped[int] = mapped_column(init=False, default=1)
    asked_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "lead_id"], ["leads.tenant_id", "leads.id"]),
        CheckConstraint("question IN ('open', 'withdraw')", name="question"),
        Index(None, "tenant_id", "lead_id"),
        Index(
            "ix_conversions_waiting",
            "tenant_id",
            "asked_at",
            postgresql_where=text("question IS NOT NULL"),
        ),
    )

    def begin_undo(self, *, asked_by: UUID, now: datetime) -> None:
        """Ask for the lead back; the id of the request tells its answer from those of others."""
        self.question, self.undo, self.asked_by = Question.WITHDRAW, new_id(), asked_by
        self.asks, self.asked_at = 1, now

    def ask_again(self, *, now: datetime) -> bool:
        """Note that it was asked once more; whether that was due for the last time before."""
        is_overdue = self.asks > len(PAUSES)
        self.asks, self.asked_at = self.asks + 1, now
        return is_overdue

    def is_due(self, *, now: datetime) -> bool:
        """Whether the answer has taken so long that it is to be asked for again."""
        return now - self.asked_at >= PAUSES[min(self.asks, len(PAUSES)) - 1]

    def answered(self) -> None:
        """Nothing is asked any more; what was told of the person is no longer needed here."""
        self.question, self.customer, self.contact = None, None, None
