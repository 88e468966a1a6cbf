"""The customer: a company under one name, and the people of ours who work with it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from chassis import phones
from customers.models import names
from customers.models.refusals import BadUscc, CustomerArchived, UnreadableName
from customers.models.tables import Base, own_id


class Kind(StrEnum):
    """What a collaborator is there for (COLL-02)."""

    PRE_SALES = "pre_sales"
    IN_SALES = "in_sales"
    AFTER_SALES = "after_sales"


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"


class Follower(Base, kw_only=True):
    """Somebody who follows a customer; the main one answers for it (ASGN-02)."""

    __tablename__ = "followers"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_main: Mapped[bool]
    since: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"]),
        Index(None, "tenant_id", "person_id", "customer_id"),
        Index(
            "uq_followers_main",
            "tenant_id",
            "customer_id",
            unique=True,
            postgresql_where=text("is_main"),
        ),
    )


class Collaborator(Base, kw_only=True):
    """Somebody who helps with a customer and does not answer for it (COLL-01)."""

    __tablename__ = "collaborators"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    since: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"]),
        CheckConstraint("kind IN ('pre_sales', 'in_sales', 'after_sales')", name="kind"),
        Index(None, "tenant_id", "person_id", "customer_id"),
    )


class Customer(Base, kw_only=True):
    """A company. Its name is kept as written, and beside it as it is compared (rules 3)."""

    __tablename__ = "customers"

    id: Mapped[UUID] = own_id()
    name: Mapped[str]
    name_normalized: Mapped[str] = mapped_column(init=False)
    name_core: Mapped[str] = mapped_column(init=False)
    uscc: Mapped[str | None] = mapped_column(default=None)
    phone: Mapped[str | None] = mapped_column(default=None)
    phone_canonical: Mapped[str | None] = mapped_column(init=False, default=None)
    mobile: Mapped[str | None] = mapped_column(default=None)
    mobile_canonical: Mapped[str | None] = mapped_column(init=False, default=None)
    fax: Mapped[str | None] = mapped_column(default=None)
    address: Mapped[str | None] = mapped_column(default=None)
    postcode: Mapped[str | None] = mapped_column(default=None)
    remark: Mapped[str | None] = mapped_column(Text, default=None)
    lead_id: Mapped[UUID | None] = mapped_column(default=None)
    creator_id: Mapped[UUID]
    # Customers alike that somebody said are others, and why (decision 16).
    confirmed_similar: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    confirmed_because: Mapped[str | None] = mapped_column(default=None)
    archived_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    followers: Mapped[list[Follower]] = relationship(
        default_factory=list, lazy="selectin", order_by=Follower.since, cascade="all, delete-orphan"
    )
    collaborators: Mapped[list[Collaborator]] = relationship(
        default_factory=list,
        lazy="selectin",
        order_by=Collaborator.since,
        cascade="all, delete-orphan",
    )

    # Asking first gives the friendly refusal; the two unique indexes are what holds when two
    # people enter the same company at the same instant.
    __table_args__ = (
        Index(
            "uq_customers_tenant_id_name_normalized",
            "tenant_id",
            "name_normalized",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index(
            "uq_customers_tenant_id_uscc",
            "tenant_id",
            "uscc",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index(None, "tenant_id", "name_core"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "updated_at", "id"),
        Index(None, "tenant_id", "mobile_canonical"),
        Index(None, "tenant_id", "phone_canonical"),
    )

    @validates("name")
    def _take_apart(self, _: str, written: str) -> str:
        found = names.read(written)
        if not any(map(str.isalnum, found.strict)):
            raise UnreadableName
        self.name_normalized, self.name_core = found.strict, found.core
        return written

    @validates("uscc")
    def _check(self, _: str, written: str | None) -> str | None:
        code = names.uscc(written) if written else None
        if code is not None and not names.is_uscc(code):
            raise BadUscc
        return code

    @validates("phone", "mobile")
    def _compare(self, name: str, written: str | None) -> str | None:
        setattr(self, f"{name}_canonical", phones.read(written).canonical if written else None)
        return written

    def follow(self, person_id: UUID, *, now: datetime) -> None:
        """Let somebody follow the customer; the first of them answers for it."""
        self.followers.append(Follower(person_id=person_id, is_main=not self.followers, since=now))

    def complete(self, changes: Mapping[str, Any]) -> None:
        """Change what is known of the customer; raises CustomerArchived, BadUscc."""
        self.must_be_at_hand()
        for name, value in changes.items():
            setattr(self, name, value)

    def archive(self, *, now: datetime) -> None:
        """Put the customer away; raises CustomerArchived where it was before."""
        self.must_be_at_hand()
        self.archived_at = now

    def must_be_at_hand(self) -> None:
        """Raises CustomerArchived for a customer that was put away."""
        if self.archived_at is not None:
            raise CustomerArchived(self.id)
