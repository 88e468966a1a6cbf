"""`python -m <service> <command>`: everything a service's process can be asked to do."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from chassis import calendar, failpoints
from chassis.settings import BadSettings, Settings, read

_WEB = ("database_url", "identity_url", "port", "private_port", "state_dir")
_WORK = ("database_url", "amqp_url", "private_port", "state_dir")
_USUAL = ("web", "work", "migrate", "topology", "events ...", "raise-epoch", "draft M")


def main(package: str, argv: Sequence[str] | None = None) -> int:
    """Run one command of the service in `package`; returns the exit status.

    The service itself is imported only once its settings are known to be good, and after the
    counters have been given their folder: prometheus-client looks for it when it is imported.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    command, words = (arguments[0], arguments[1:]) if arguments else ("", [])
    kind = import_module(f"{package}.settings").Settings
    try:
        return _run(package, kind, command, words)
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 1


def _run(package: str, kind: type[Settings], command: str, words: list[str]) -> int:
    usual: dict[str, tuple[Callable[..., int | None], tuple[str, ...], int]] = {
        "web": (_web, (*_WEB, *kind.NEEDS), 0),
        "work": (_work, (*_WORK, *kind.NEEDS), 0),
        "migrate": (_migrate, ("owner_database_url",), 0),
        "topology": (_topology, ("amqp_url",), 0),
        "raise-epoch": (_raise_epoch, ("owner_database_url",), 0),
        "draft": (_draft, ("owner_database_url",), 1),
    }
    if command == "events":
        return _events(package, read(kind, os.environ, ("database_url",)), words)
    if command in usual:
        act, needs, count = usual[command]
        if len(words) == count:
            return act(package, read(kind, os.environ, needs), *words) or 0
    elif (own := _service(package).commands.get(command)) is not None:
        own(read(kind, os.environ, ("database_url", *kind.NEEDS)))
        return 0
    known = [*_USUAL, *_service(package).commands]
    print(f"usage: python -m {package} {' | '.join(known)}", file=sys.stderr)
    return 2


def _service(package: str) -> Any:
    return import_module(f"{package}.app").service


def _web(package: str, settings: Any) -> None:
    from chassis import serve

    serve.gather_metrics_in(settings.state_dir)
    from chassis import db, observe

    service = _service(package)
    observe.start_logging(service.name, settings.log_level)
    calendar.shift_clock(settings.clock_shift)
    failpoints.arm(settings.failpoint, settings.state_dir)

    def build() -> serve.TwoPorts:
        database = db.Database(settings.database_url, pool_size=1)
        return serve.TwoPorts(service.app(settings), database, settings.private_port)

    serve.serve(settings, build)


def _work(package: str, settings: Any) -> None:
    from chassis import health, observe, worker
    from chassis.gauges import Waiting

    service = _service(package)
    observe.start_logging(service.name, settings.log_level)
    calendar.shift_clock(settings.clock_shift)
    failpoints.arm(settings.failpoint, settings.state_dir)
    work = worker.Worker(service, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: work.ends.set())
    observe.register(Waiting(work.database.engine))
    port = health.open_port(settings.address(), settings.private_port, work.is_ready)
    work.run()
    port.shutdown()


def _migrate(package: str, settings: Any) -> None:
    from chassis import migrations

    service = _service(package)
    migrations.migrate(service.migrations, service.tables, settings.owner_database_url)


def _topology(package: str, settings: Any) -> None:
    """Declare the service's queue and what it listens to."""
    from chassis import topology

    topology.declare(_service(package), settings.amqp_url)


def _events(package: str, settings: Any, words: list[str]) -> int:
    from chassis import operate

    return operate.events(_service(package), settings, words)


def _raise_epoch(package: str, settings: Any) -> None:
    """Begin a new epoch, after this database was set back and before its service starts."""
    from chassis import epochs

    print(f"{package} is in epoch {epochs.begin(settings.owner_database_url)}")


def _draft(package: str, settings: Any, message: str) -> None:
    from chassis import migrations

    service = _service(package)
    migrations.draft(service.migrations, service.tables, settings.owner_database_url, message)
