"""Whom we speak to: people, and the customers that they stand for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from chassis import phones
from customers.models.refusals import ContactWayMissing
from customers.models.tables import Base, own_id

# At least one of these, or nobody could ever reach them.
CONTACT_WAYS = ("mobile", "phone", "email", "qq", "wechat")


class ContactLink(Base, kw_only=True):
    """A contact stands for a customer, and perhaps for several (CONT-02)."""

    __tablename__ = "contact_links"

    contact_id: Mapped[UUID] = mapped_column(primary_key=True, init=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "contact_id"], ["contacts.tenant_id", "contacts.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["customers.tenant_id", "customers.id"]),
        Index(None, "tenant_id", "customer_id", "contact_id"),
    )


class Contact(Base, kw_only=True):
    """A person at a customer. Numbers are kept as written, and beside it as they are compared."""

    __tablename__ = "contacts"

    id: Mapped[UUID] = own_id()
    name: Mapped[str]
    gender: Mapped[str | None] = mapped_column(default=None)
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
    remark: Mapped[str | None] = mapped_column(Text, default=None)
    creator_id: Mapped[UUID]
    archived_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    links: Mapped[list[ContactLink]] = relationship(
        default_factory=list, lazy="selectin", cascade="all, delete-orphan"
    )

    __table_args__ = (
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "mobile_canonical"),
        Index(None, "tenant_id", "phone_canonical"),
    )

    @property
    def customer_ids(self) -> list[UUID]:
        """The customers that this person stands for."""
        return [link.customer_id for link in self.links]

    @validates("mobile", "phone")
    def _compare(self, name: str, written: str | None) -> str | None:
        setattr(self, f"{name}_canonical", phones.read(written).canonical if written else None)
        return written

    def stand_for(self, customer_id: UUID) -> None:
        """Link the contact with a customer."""
        self.links.append(ContactLink(customer_id=customer_id))

    def must_be_reachable(self) -> None:
        """Raises ContactWayMissing where nobody could reach the contact."""
        if not any(getattr(self, way) for way in CONTACT_WAYS):
            raise ContactWayMissing(CONTACT_WAYS)
