"""What a lead is, and what may happen to it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, and_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, validates

from chassis import calendar, phones
from chassis.db import new_id
from leads.models.copies import CustomerCopy
from leads.models.refusals import (
    AlreadyConverted,
    LeadArchived,
    LeadConverting,
    NoContactWay,
    NoName,
    NotConverted,
    UndoTooLate,
)
from leads.models.tables import Base


class Source(StrEnum):
    """Where a lead came from (LEAD-23); it is set once, for good."""

    MANUAL = "manual"
    WECOM = "wecom"
    EXCEL = "excel"
    EXMAIL = "exmail"
    CARD_SCAN = "card_scan"
    WEB_FORM = "web_form"
    CAMPAIGN = "campaign"
    CARD_APP = "card_app"


class State(StrEnum):
    """How far a lead is on its way to become a customer (rules 14)."""

    OPEN = "open"
    CONVERTING = "converting"
    CONVERTED = "converted"
    UNDOING = "undoing"


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"


# At least one of these, or nobody could ever follow the lead (LEAD-03).
CONTACT_WAYS = ("mobile", "phone", "email", "qq", "wechat")
NAMES = ("name", "company_name")


class Lead(Base, kw_only=True):
    """Somebody who might buy. Numbers are kept as written, and beside it as they are compared."""

    __tablename__ = "leads"

    id: Mapped[UUID] = mapped_column(
        primary_key=True, insert_default=new_id, default_factory=new_id, sort_order=-1
    )
    name: Mapped[str | None] = mapped_column(default=None)
    company_name: Mapped[str | None] = mapped_column(default=None)
    mobile: Mapped[str | None] = mapped_column(default=None)
    mobile_canonical: Mapped[str | None] = mapped_column(init=False, default=None)
    phone: Mapped[str | None] = mapped_column(default=None)
    phone_canonical: Mapped[str | None] = mapped_column(init=False, default=None)
    email: Mapped[str | None] = mapped_column(default=None)
    qq: Mapped[str | None] = mapped_column(default=None)
    wechat: Mapped[str | None] = mapped_column(default=None)
    address: Mapped[str | None] = mapped_column(default=None)
    postcode: Mapped[str | None] = mapped_column(default=None)
    department: Mapped[str | None] = mapped_column(default=None)
    title: Mapped[str | None] = mapped_column(default=None)
    gender: Mapped[str | None] = mapped_column(default=None)
    remark: Mapped[str | None] = mapped_column(Text, default=None)
    source: Mapped[str]
    owner_id: Mapped[UUID]
    creator_id: Mapped[UUID]
    archived_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    state: Mapped[str] = mapped_column(init=False, default=State.OPEN)
    customer_id: Mapped[UUID | None] = mapped_column(init=False, default=None)
    converted_at: Mapped[datetime | None] = mapped_column(init=False, default=None)
    refused_reason: Mapped[str | None] = mapped_column(init=False, default=None)
    refused_matches: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, init=False, default_factory=list
    )

    # One index per way into the list: newest first for a tenant, for an owner, for a source; and
    # the two numbers that a caller's phone shows.
    __table_args__ = (
        CheckConstraint("state IN ('open', 'converting', 'converted', 'undoing')", name="state"),
        CheckConstraint("(state = 'open') = (customer_id IS NULL)", name="customer"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "updated_at", "id"),
        Index(None, "tenant_id", "owner_id", "created_at", "id"),
        Index(None, "tenant_id", "owner_id", "updated_at", "id"),
        Index(None, "tenant_id", "source", "created_at", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "mobile_canonical"),
        Index(None, "tenant_id", "phone_canonical"),
    )

    @validates("mobile", "phone")
    def _compare(self, name: str, written: str | None) -> str | None:
        canonical = phones.read(written).canonical if written else None
        setattr(self, f"{name}_canonical", canonical)
        return written

    def complete(self, changes: Mapping[str, Any]) -> None:
        """Change what is known of the lead.

        Raises LeadArchived, LeadConverting, AlreadyConverted; NoContactWay, NoName.
        """
        self._must_be_open()
        for name, value in changes.items():
            setattr(self, name, value)
        self.must_be_reachable()

    def must_be_reachable(self) -> None:
        """Raises NoContactWay, NoName where nobody could call or greet the lead."""
        if not any(getattr(self, way) for way in CONTACT_WAYS):
            raise NoContactWay(CONTACT_WAYS)
        if not any(getattr(self, name) for name in NAMES):
            raise NoName(NAMES)

    def archive(self, *, now: datetime) -> None:
        """Put the lead away; it stays findable and can no longer be changed."""
        self._must_be_open()
        self.archived_at = now

    @property
    def customer_name(self) -> str | None:
        """What the customer is called that the lead has become."""
        copy = self._customer if self.customer_id else None
        return copy.name if copy else None

    def convert(self, customer_id: UUID) -> None:
        """Set out to become the customer of that id.

        Raises LeadArchived, LeadConverting, AlreadyConverted.
        """
        self._must_be_open()
        self.state, self.customer_id = State.CONVERTING, customer_id
        self.refused_reason, self.refused_matches = None, []

    def become_customer(self, *, now: datetime) -> None:
        """Arrive: customers have said yes."""
        self.state, self.converted_at = State.CONVERTED, now

    def come_back(self, code: str | None, matches: list[dict[str, Any]]) -> None:
        """Be a lead again: customers have said no, for that reason, or have let it go."""
        self.state, self.customer_id, self.converted_at = State.OPEN, None, None
        self.refused_reason, self.refused_matches = code, matches

    def undo(self, *, now: datetime, time_zone: str) -> None:
        """Ask customers for the lead back, on the business day on which it was converted.

        Raises NotConverted, LeadConverting, UndoTooLate.
        """
        if self.state in {State.CONVERTING, State.UNDOING}:
            raise LeadConverting(self.id)
        if self.converted_at is None:
            raise NotConverted(self.id)
        days = {calendar.day_of(moment, time_zone) for moment in (now, self.converted_at)}
        if len(days) > 1:
            raise UndoTooLate(self.id)
        self.state, self.refused_reason = State.UNDOING, None

    def stay_customer(self, code: str) -> None:
        """Remain what it has become: customers keep it, for that reason."""
        self.state, self.refused_reason = State.CONVERTED, code

    def _must_be_open(self) -> None:
        if self.archived_at is not None:
            raise LeadArchived(self.id)
        if self.state in {State.CONVERTING, State.UNDOING}:
            raise LeadConverting(self.id)
        if self.state == State.CONVERTED:
            raise AlreadyConverted(self.id)

    # Read only where there is a customer, so that the others cost no query.
    _customer: Mapped[CustomerCopy | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Lead.tenant_id) == CustomerCopy.tenant_id,
            foreign(Lead.customer_id) == CustomerCopy.id,
        ),
        init=False,
        viewonly=True,
    )
