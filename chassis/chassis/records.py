"""What every table of a service has in common, and the ids that records are given."""

from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import DateTime, Uuid
from sqlalchemy.orm import Mapped, MappedAsDataclass, declared_attr, mapped_column

from chassis import calendar
from chassis.tables import CURRENT_TENANT


def new_id() -> UUID:
    """A fresh UUIDv7: unique everywhere, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


class Record(MappedAsDataclass):
    """What every table of a service has: the tenant, a version and two times.

    A service declares `class Base(Record, DeclarativeBase)` with metadata of its own, named by
    `tables.NAMING`.
    """

    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid}  # noqa: RUF012

    tenant_id: Mapped[UUID] = mapped_column(
        primary_key=True, server_default=CURRENT_TENANT, init=False, sort_order=-2
    )
    version: Mapped[int] = mapped_column(init=False, sort_order=90)
    created_at: Mapped[datetime] = mapped_column(
        init=False, insert_default=calendar.now, sort_order=91
    )
    updated_at: Mapped[datetime] = mapped_column(
        init=False, insert_default=calendar.now, onupdate=calendar.now, sort_order=92
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy passes the class
        return {"version_id_col": cls.version}
