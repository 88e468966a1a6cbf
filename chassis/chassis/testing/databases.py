"""The running test stack, the databases of this process, and how their statements are planned."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from chassis import calendar, db, migrations, observe
from chassis.service import Service
from chassis.tables import with_driver
from chassis.testing.crew import Crew


def pytest_configure() -> None:
    """Log as the running services do: one line of JSON, without the values of local names."""
    observe.start_logging("test", "info", sys.__stderr__.buffer if sys.__stderr__ else None)


@pytest.fixture(scope="session")
def stack() -> dict[str, Any]:
    """What the running test stack says of itself."""
    path = os.environ.get("XIAOKE_STACK")
    if not path:
        pytest.exit("no test stack: run the tests with `make test`", returncode=3)
    described: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return described


@pytest.fixture(scope="session")
def alone(stack: dict[str, Any]) -> dict[str, Any]:
    """What this process of pytest has to itself: databases, and a virtual host of the broker."""
    mine: dict[str, Any] = stack["test"]["workers"][os.environ.get("PYTEST_XDIST_WORKER", "master")]
    return mine


@pytest.fixture(scope="module")
def database(alone: dict[str, Any], service: Service) -> Iterator[db.Database]:
    """The database of the service under test, migrated, as its application role."""
    urls = alone["databases"][service.package]
    migrations.migrate(service.migrations, service.tables, urls["owner"])
    opened = db.Database(urls["app"], pool_size=20)
    yield opened
    opened.close()


@pytest.fixture
def session(database: db.Database, crew: Crew) -> Iterator[Session]:
    """A session in the crew's tenant; what it holds is committed at the end of the test."""
    token = db.database.set(database)
    with db.transaction(crew.id) as tx:
        yield tx.session
    db.database.reset(token)


@pytest.fixture
def now() -> datetime:
    return calendar.now()


@pytest.fixture
def plans_of(alone: dict[str, Any], service: Service) -> Callable[..., list[str]]:
    """Runs a query function and answers how PostgreSQL planned each statement that it made."""
    # Only the owner of a table may gather its statistics.
    owner = create_engine(with_driver(alone["databases"][service.package]["owner"]))

    def explain(session: Session, run: Callable[[], object]) -> list[str]:
        with owner.begin() as connection:
            connection.execute(text("ANALYZE"))
        owner.dispose()
        made: list[tuple[str, Any]] = []

        def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
            made.append((statement, parameters))

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        run()
        event.remove(engine, "before_cursor_execute", note)
        connection = session.connection()
        return [
            "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", parameters))
            for sql, parameters in made
        ]

    return explain
