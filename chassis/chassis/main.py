"""`python -m <service> <command>`: everything a service's process can be asked to do."""

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

import orjson

from chassis import calendar
from chassis.settings import BadSettings, read

_WEB = ("database_url", "identity_url", "port", "private_port", "state_dir")


def main(package: str, argv: Sequence[str] | None = None) -> int:
    """Run one command of the service in `package`; returns the exit status.

    The service itself is imported only once its settings are known to be good, and after the
    counters have been given their folder: prometheus-client looks for it when it is imported.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = arguments[0] if arguments else ""
    kind = import_module(f"{package}.settings").Settings
    try:
        if command == "web":
            _web(package, read(kind, os.environ, (*_WEB, *kind.NEEDS)))
        elif command == "migrate":
            _migrate(_service(package), read(kind, os.environ, ("owner_database_url",)))
        elif command == "draft" and len(arguments) == 2:
            settings = read(kind, os.environ, ("owner_database_url",))
            _draft(_service(package), settings, arguments[1])
        elif command == "people":
            _people(read(kind, os.environ, ("database_url",)))
        elif (own := _service(package).commands.get(command)) is not None:
            own(read(kind, os.environ, ("database_url", *kind.NEEDS)))
        else:
            known = ["web", "migrate", "draft MESSAGE", "people", *_service(package).commands]
            print(f"usage: python -m {package} {' | '.join(known)}", file=sys.stderr)
            return 2
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _service(package: str) -> Any:
    return import_module(f"{package}.app").service


def _web(package: str, settings: Any) -> None:
    from chassis import serve

    serve.gather_metrics_in(settings.state_dir)
    from chassis import db, observe

    service = _service(package)
    observe.start_logging(service.name, settings.log_level)
    calendar.shift_clock(settings.clock_shift)

    def build() -> serve.TwoPorts:
        database = db.Database(settings.database_url, pool_size=1)
        return serve.TwoPorts(service.app(settings), database, settings.private_port)

    serve.serve(settings, build)


def _migrate(service: Any, settings: Any) -> None:
    from chassis import migrations

    migrations.migrate(service.migrations, service.tables, settings.owner_database_url)


def _draft(service: Any, settings: Any, message: str) -> None:
    from chassis import migrations

    url = settings.owner_database_url
    migrations.draft(service.migrations, service.tables, url, message)


def _people(settings: Any) -> None:
    """Fill the replica of people from the document that identity's seed prints."""
    from chassis import db, people

    if not settings.local:
        raise BadSettings(["the command 'people' is only for the local stack (XIAOKE_LOCAL=1)"])
    db.database.set(db.Database(settings.database_url, pool_size=1))
    for told in orjson.loads(sys.stdin.buffer.read())["tenants"]:
        organisation = people.Organisation(
            tenant=told["tenant"],
            departments=told["departments"],
            roles=told["roles"],
            people=[_dated(person) for person in told["people"]],
        )
        with db.transaction(UUID(told["tenant"]["id"])) as tx:
            people.keep(tx.session, organisation)


def _dated(person: dict[str, Any]) -> dict[str, Any]:
    disabled_at = person.get("disabled_at")
    return person | {"disabled_at": disabled_at and datetime.fromisoformat(disabled_at)}
