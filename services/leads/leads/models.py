"""What a lead is, what may happen to it, and what it refuses."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from chassis import phones
from chassis.db import Record, new_id
from chassis.errors import Conflict, FieldFault, Invalid, Said
from chassis.tables import NAMING


class Base(Record, DeclarativeBase):
    """The tables of this service: tenant, version and times come from Record."""

    metadata = MetaData(naming_convention=NAMING)


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


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"


# At least one of these, or nobody could ever follow the lead (LEAD-03).
CONTACT_WAYS = ("mobile", "phone", "email", "qq", "wechat")
NAMES = ("name", "company_name")

_NO_WAY = Said(
    "contact-way-missing",
    zh="手机、座机、邮箱、QQ、微信至少填写一项",
    en="Give at least one of mobile, landline, e-mail, QQ and WeChat.",
)
_NO_NAME = Said(
    "name-missing", zh="联系人和公司名称至少填写一项", en="Give a name, or a company, or both."
)


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

    # One index per way into the list: newest first for a tenant, for an owner, for a source; and
    # the two numbers that a caller's phone shows.
    __table_args__ = (
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "updated_at", "id"),
        Index(None, "tenant_id", "owner_id", "created_at", "id"),
        Index(None, "tenant_id", "owner_id", "updated_at", "id"),
        Index(None, "tenant_id", "source", "created_at", "id"),
        Index(None, "tenant_id", "mobile_canonical"),
        Index(None, "tenant_id", "phone_canonical"),
    )

    @validates("mobile", "phone")
    def _compare(self, name: str, written: str | None) -> str | None:
        canonical = phones.read(written).canonical if written else None
        setattr(self, f"{name}_canonical", canonical)
        return written

    def complete(self, changes: Mapping[str, Any]) -> None:
        """Change what is known of the lead; raises LeadArchived, NoContactWay, NoName."""
        self._must_be_at_hand()
        for name, value in changes.items():
            setattr(self, name, value)
        self.must_be_reachable()

    def must_be_reachable(self) -> None:
        """Raises NoContactWay, NoName where nobody could call or greet the lead."""
        if not any(getattr(self, way) for way in CONTACT_WAYS):
            raise NoContactWay
        if not any(getattr(self, name) for name in NAMES):
            raise NoName

    def archive(self, *, now: datetime) -> None:
        """Put the lead away; it stays findable and can no longer be changed."""
        self._must_be_at_hand()
        self.archived_at = now

    def _must_be_at_hand(self) -> None:
        if self.archived_at is not None:
            raise LeadArchived(self.id)


class NoContactWay(Invalid):
    code = _NO_WAY
    zh, en = _NO_WAY.zh, _NO_WAY.en

    def __init__(self) -> None:
        super().__init__(faults=[FieldFault(way, _NO_WAY) for way in CONTACT_WAYS])


class NoName(Invalid):
    code = _NO_NAME
    zh, en = _NO_NAME.zh, _NO_NAME.en

    def __init__(self) -> None:
        super().__init__(faults=[FieldFault(name, _NO_NAME) for name in NAMES])


class LeadArchived(Conflict):
    code = "lead-archived"
    zh = "这条线索已归档，不能再修改"
    en = "This lead was put away and can no longer be changed."
