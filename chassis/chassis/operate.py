"""What operators ask of a service's events: `python -m <service> events ...`."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from chassis import copies, db, parked
from chassis.announce import announce
from chassis.service import Service
from chassis.tables import org_tenants


def events(service: Service, settings: Any, words: Sequence[str]) -> int:
    """Do what `words` say; returns the exit status."""
    wanted = _parser(service).parse_args(words)
    opened = db.Database(settings.database_url, pool_size=2)
    try:
        status: int = wanted.run(service, opened, wanted)
    finally:
        opened.close()
    return status


def _parser(service: Service) -> ArgumentParser:
    parser = ArgumentParser(prog=f"python -m {service.package} events")
    commands = parser.add_subparsers(required=True)

    def command(run: Any, name: str) -> ArgumentParser:
        made = commands.add_parser(name, help=run.__doc__)
        made.set_defaults(run=run)
        return made

    listed = command(_parked, "parked")
    listed.add_argument("--topic")
    listed.add_argument("--most", type=int, default=100)
    command(_show, "show").add_argument("id", type=UUID)
    again = command(_replay, "replay")
    again.add_argument("id", type=UUID, nargs="*")
    again.add_argument("--topic", help="all that are parked under a topic")
    again.add_argument("--pace", type=float, default=parked.PACE, help="how many a second")
    command(_discard, "discard").add_argument("id", type=UUID, nargs="+")
    told = command(_announce, "announce")
    told.add_argument("--noun", required=True)
    told.add_argument("--to", required=True, help="the service that is to be told")
    command(_rebuild, "rebuild").add_argument("--noun", required=True)
    return parser


def _parked(_: Service, database: db.Database, wanted: Namespace) -> int:
    """List what waits for a person."""
    for row in parked.parked(database.engine, topic=wanted.topic, most=wanted.most):
        _say(row._mapping)
    return 0


def _show(_: Service, database: db.Database, wanted: Namespace) -> int:
    """Show one event of the inbox, whole."""
    row = parked.show(database.engine, wanted.id)
    if row is None:
        print("there is no such event here", file=sys.stderr)
        return 1
    _say(row._mapping)
    return 0


def _replay(_: Service, database: db.Database, wanted: Namespace) -> int:
    """Have parked events tried anew."""
    ids = wanted.id
    if wanted.topic:
        found = parked.parked(database.engine, topic=wanted.topic, most=10_000)
        ids = [*ids, *(row.event_id for row in found)]
    print(f"given back: {parked.replay(database.engine, ids, pace=wanted.pace)}")
    return 0


def _discard(_: Service, database: db.Database, wanted: Namespace) -> int:
    """Give parked events up for good."""
    print(f"discarded: {parked.discard(database.engine, wanted.id)}")
    return 0


def _announce(_: Service, database: db.Database, wanted: Namespace) -> int:
    """Tell one service every record of a noun."""
    try:
        count = announce(database, wanted.noun, wanted.to)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"announced: {count}")
    return 0


def _rebuild(service: Service, database: db.Database, wanted: Namespace) -> int:
    """Forget our copies of a noun; its source is to announce it to us afterwards."""
    kept = [
        (one.topic, one.copies)
        for one in service.subscriptions.values()
        if one.copies is not None and one.topic.startswith(f"{wanted.noun}.state.")
    ]
    if not kept:
        print(f"no copies are kept here of {wanted.noun!r}", file=sys.stderr)
        return 1
    with database.engine.connect() as connection:
        tenants = connection.execute(select(org_tenants.c.id)).scalars().all()
    token = db.database.set(database)
    for tenant in tenants:
        with db.transaction(tenant) as tx:
            for topic, table in kept:
                copies.clear(tx.session, tenant, topic, table)
    db.database.reset(token)
    print(f"cleared for {len(tenants)} tenants; now: events announce --noun {wanted.noun}")
    return 0


def _say(row: Any) -> None:
    print(orjson.dumps(dict(row), default=str).decode())
