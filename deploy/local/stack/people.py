"""Whether a service has heard of everybody whom identity was seeded with."""

import json
import time

import psycopg

from stack import postgresql, stack_file
from stack.places import Stack
from stack.progress import Failed

TABLES = {
    "departments": "org_departments",
    "roles": "org_roles",
    "people": "org_people",
}
KNOWN_WITHIN = 60
PAUSE = 0.1


def known_to(stack: Stack, service: str) -> bool:
    """Whether every seeded record is there, at the version that it was seeded with or later."""
    said = json.loads(stack_file.organisation(stack).read_text())["tenants"]
    with psycopg.connect(postgresql.url(stack, service, "owner")) as connection:
        tenants = _versions(connection, "org_tenants")
        kept = {kind: _versions(connection, table) for kind, table in TABLES.items()}
    return all(
        _is_kept(told["tenant"], tenants)
        and all(_is_kept(row, kept[kind]) for kind in TABLES for row in told[kind])
        for told in said
    )


def wait_until_known(stack: Stack, service: str) -> None:
    """Return once the states have arrived; raises Failed where they do not."""
    deadline = time.monotonic() + KNOWN_WITHIN
    while not known_to(stack, service):
        if time.monotonic() > deadline:
            raise Failed(f"{service} was not told of the people", stack.log(f"{service}-work"))
        time.sleep(PAUSE)


def _versions(connection: psycopg.Connection[tuple[object, ...]], table: str) -> dict[str, int]:
    rows = connection.execute(f"SELECT id::text, version FROM {table}").fetchall()
    return {str(record): int(str(version)) for record, version in rows}


def _is_kept(told: dict[str, object], kept: dict[str, int]) -> bool:
    return kept.get(str(told["id"]), 0) >= int(str(told["version"]))
