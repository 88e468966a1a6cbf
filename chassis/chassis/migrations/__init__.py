"""How the chassis' own tables and a service's come to be what its code expects."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, create_engine, text

from chassis import tables

HERE = Path(__file__).parent
# One migration at a time per database, whoever starts it.
LOCK = 0x5841_4F4B


def migrate(folder: Path, metadata: MetaData, owner_url: str) -> None:
    """Bring the chassis' tables, then the service's, to their newest shape; idempotent."""
    with _owner(owner_url) as connection:
        command.upgrade(_config(HERE, tables.metadata, "chassis_version", connection), "head")
        command.upgrade(_config(folder, metadata, "schema_version", connection), "head")


def draft(folder: Path, metadata: MetaData, owner_url: str, message: str) -> None:
    """Write a new migration of the service from what its models and its database differ in."""
    with _owner(owner_url) as connection:
        config = _config(folder, metadata, "schema_version", connection)
        command.revision(config, message=message, autogenerate=True)


def differences(metadata: MetaData, owner_url: str) -> list[Any]:
    """What the models say and the database does not; empty where both agree."""
    with _owner(owner_url) as connection:
        options = {"include_object": _only(metadata), "compare_type": True}
        found: list[Any] = compare_metadata(
            MigrationContext.configure(connection, opts=options), metadata
        )
        return found


def run() -> None:
    """Run from a folder's env.py, on the connection that `migrate` opened."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=attributes["metadata"],
        version_table=attributes["version_table"],
        include_object=_only(attributes["metadata"]),
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


@contextmanager
def _owner(owner_url: str) -> Iterator[Connection]:
    """The owner's connection, holding the lock of migrations."""
    engine = create_engine(tables.with_driver(owner_url), connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            connection.execute(text("SET lock_timeout = '2s'"))
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
            connection.commit()
            yield connection
    finally:
        engine.dispose()


def _config(folder: Path, metadata: MetaData, table: str, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes |= {"connection": connection, "metadata": metadata, "version_table": table}
    return config


def _only(metadata: MetaData) -> Any:
    def belongs(thing: Any, name: str | None, kind: str, *_: object) -> bool:
        table = name if kind == "table" else thing.table.name if hasattr(thing, "table") else None
        return table is None or table in metadata.tables

    return belongs
