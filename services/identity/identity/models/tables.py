"""What all tables of this service stand on."""

from typing import Any

from sqlalchemy import (
    MetaData,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

from chassis.db import Record, new_id
from chassis.tables import NAMING


class Base(Record, DeclarativeBase):
    """The tables of this service: tenant, version and times come from Record."""

    metadata = MetaData(naming_convention=NAMING)


def own_id() -> Any:
    """The key of a record beside its tenant."""
    return mapped_column(
        primary_key=True, insert_default=new_id, default_factory=new_id, sort_order=-1
    )
