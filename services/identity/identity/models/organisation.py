"""Who is who: tenants, departments, roles and people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, synonym

from identity.models.tables import Base, own_id


class Tenant(Base, kw_only=True):
    """A company that uses the product; its own id is the tenant of all its records."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = synonym("tenant_id", init=False)
    corp_id: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    suspended_at: Mapped[datetime | None] = mapped_column(default=None)

    __table_args__ = (UniqueConstraint("corp_id"),)


class Department(Base, kw_only=True):
    """A part of the company; `key` is its id outside, in WeCom."""

    __tablename__ = "departments"

    id: Mapped[UUID] = own_id()
    key: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(default=None)
    archived_at: Mapped[datetime | None] = mapped_column(init=False, default=None)

    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index(None, "tenant_id", "created_at", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["departments.tenant_id", "departments.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
    )


class Role(Base, kw_only=True):
    """A set of permission keys, each with the scope that it has for who holds the role."""

    __tablename__ = "roles"

    id: Mapped[UUID] = own_id()
    code: Mapped[str]
    name: Mapped[str]
    permissions: Mapped[dict[str, str]] = mapped_column(JSONB)

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index(None, "tenant_id", "created_at", "id"),
    )


class Person(Base, kw_only=True):
    """Somebody who works there. `grants` are special permissions beside their roles (PLAT-10)."""

    __tablename__ = "people"

    id: Mapped[UUID] = own_id()
    userid: Mapped[str]
    name: Mapped[str]
    position: Mapped[str | None] = mapped_column(default=None)
    superior_id: Mapped[UUID | None] = mapped_column(default=None)
    department_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    role_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    grants: Mapped[dict[str, str]] = mapped_column(JSONB, default_factory=dict)
    revoked_sessions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default_factory=list)
    disabled_at: Mapped[datetime | None] = mapped_column(default=None)

    # WeCom compares user ids without regard to case, and sends some of them back in lower case.
    __table_args__ = (
        Index("uq_people_tenant_id_userid", "tenant_id", text("lower(userid)"), unique=True),
        Index(None, "tenant_id", "created_at", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "superior_id"],
            ["people.tenant_id", "people.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
    )
