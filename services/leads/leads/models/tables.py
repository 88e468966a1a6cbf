"""What all tables of this service stand on."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chassis.db import Record
from chassis.tables import NAMING


class Base(Record, DeclarativeBase):
    """The tables of this service: tenant, version and times come from Record."""

    metadata = MetaData(naming_convention=NAMING)
