"""Copies of customers, so that a lead can show where it went by the name of today."""

from uuid import UUID

from sqlalchemy import Column, DateTime, String
from sqlalchemy.orm import DeclarativeBase, Mapped

from chassis.copies import copy_table
from leads.models.tables import Base

customer_copies = copy_table(
    "customer_copies",
    Base.metadata,
    Column("name", String, nullable=False),
    Column("archived_at", DateTime(timezone=True)),
)


class Copies(DeclarativeBase):
    """What other services told us of their records; none of it is ours to change."""

    metadata = Base.metadata


class CustomerCopy(Copies):
    """A customer as customers last told of it; written by its states only."""

    __table__ = customer_copies

    tenant_id: Mapped[UUID]
    id: Mapped[UUID]
    name: Mapped[str]
