"""In which order a stack is made, and what is done again when something changed."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from stack import children, gateway, people, postgresql, rabbitmq, services, stack_file
from stack.accounts import run_as
from stack.children import Child
from stack.places import LOCK, Stack, make_folders
from stack.progress import Failed, say, step

T = TypeVar("T")

# What others stand on ends after them, from left to right.
ENDS_LAST = ("rabbitmq", "postgresql", "epmd")
SAMPLE = Path("deploy/local/sample/leads.xlsx")
SAMPLE_OWNER = "wangfang"


def parts(stack: Stack) -> list[Child]:
    """Every running part of a stack, in the order in which they start."""
    return [
        rabbitmq.epmd(stack),
        rabbitmq.child(stack),
        postgresql.child(stack),
        *(services.web(stack, service) for service in stack.services),
        *(services.work(stack, service) for service in stack.services),
        services.sandbox(stack),
        gateway.child(stack),
    ]


@contextmanager
def alone(stack: Stack) -> Iterator[None]:
    """Only one command at a time changes a stack."""
    stack.home.mkdir(parents=True, exist_ok=True)
    with (stack.home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another command is at work on this stack") from None
        yield


def up(stack: Stack) -> None:
    """Bring the whole stack to where it should be; what is fine already stays untouched."""
    make_folders(stack)
    rabbitmq.prepare(stack)
    gateway.prepare(stack)
    if not postgresql.has_cluster(stack):
        with step("laying down the PostgreSQL cluster"):
            postgresql.make_cluster(stack)
    epmd, broker, database, *ours = wanted = parts(stack)
    children.end(stack, set(children.names(stack)) - {part.name for part in wanted})

    # A node registers with epmd only once, when it starts.
    if not children.as_wanted(stack, epmd):
        children.end(stack, [broker.name])
    _start(stack, epmd)
    # The broker takes longest, so it starts first and is waited for last.
    _start(stack, broker)
    if children.running(stack, database.name) is None:
        postgresql.clear_lock(stack)
    _start(stack, database)
    _wait(stack, database)
    postgresql.make_databases(stack)
    _migrate_and_seed(stack)
    workers = {services.work_name(service) for service in stack.services}
    for part in (part for part in ours if part.name not in workers):
        _start(stack, part)
    _wait(stack, broker)
    _bind(stack)
    for part in ours:
        _start(stack, part)
    for part in (epmd, *ours):
        _wait(stack, part)
    _wait_for_people(stack)
    stack_file.write(stack)
    if not stack.test:
        doing = "loading the sample spreadsheet"
        summary = _once(stack, "sample", "loaded", doing, lambda: _load(stack))
        if summary:
            say(f"    {summary.splitlines()[-1]}")


def down(stack: Stack) -> list[str]:
    """End everything of a stack by its pid; returns the names of what ran."""
    ended = children.end(stack, set(children.names(stack)) - set(ENDS_LAST))
    for name in ENDS_LAST:
        ended += children.end(stack, [name])
    return ended


def _start(stack: Stack, part: Child) -> None:
    if not children.as_wanted(stack, part):
        with step(f"starting {part.name}"):
            children.start(stack, part)


def _wait(stack: Stack, part: Child) -> None:
    if not part.ready():
        with step(f"waiting until {part.name} is well"):
            children.wait_until_ready(stack, part)


def _migrate_and_seed(stack: Stack) -> None:
    for service in stack.services:
        _once(
            stack,
            f"migrate-{service}",
            services.made_of(stack, service),
            f"migrating {service}",
            partial(services.command, stack, service, "migrate"),
        )
    _once(
        stack,
        "seed-identity",
        services.made_of(stack, "identity") + services.digest(stack.demo, stack.permissions),
        "seeding the demo companies",
        lambda: stack_file.keep_organisation(
            stack, services.command(stack, "identity", "seed", stdin=stack.demo)
        ),
    )


def _wait_for_people(stack: Stack) -> None:
    """Identity tells of them by events; until then a service answers that it is not ready."""
    for service in stack.services:
        if not people.known_to(stack, service):
            with step(f"waiting until {service} knows the people"):
                people.wait_until_known(stack, service)


def _bind(stack: Stack) -> None:
    """Queues before workers: a consumer finds its own, and what a relay publishes is wanted."""
    for service in stack.services:
        _once(
            stack,
            f"topology-{service}",
            services.made_of(stack, service),
            f"binding {service} to what it listens to",
            partial(services.command, stack, service, "topology"),
        )


def _load(stack: Stack) -> str:
    sample = stack.checkout / SAMPLE
    command = (
        *(stack.python, stack.checkout / "tools/load.py", sample, "--quiet"),
        *("--as", SAMPLE_OWNER, "--gateway", stack.url("gateway")),
    )
    told = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return run_as(None, command, log=stack.log("sample"), environment=told, folder=stack.checkout)


def _once(stack: Stack, name: str, made_of: str, doing: str, act: Callable[[], T]) -> T | None:
    """Do something unless it was done before, from the same files.

    The mark lies beside the databases: who loses them loses the mark too.
    """
    mark = stack.data / "done" / name
    if mark.exists() and mark.read_text() == made_of:
        return None
    with step(doing):
        result = act()
    mark.parent.mkdir(exist_ok=True)
    mark.write_text(made_of)
    return result
