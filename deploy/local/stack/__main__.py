"""python -m stack [--test] up | down | status | logs | env | draft | events | test."""

import os
import shlex
import signal
import subprocess
import sys
import time
from argparse import REMAINDER, ArgumentParser, Namespace
from contextlib import suppress

from stack import assemble, children, places, postgresql, services, stack_file, tables
from stack.places import Stack
from stack.progress import Failed, say, tell_failure

LINES_SHOWN = 100
PYTEST_ENDS_WITHIN = 15


def main() -> int:
    wanted = read_arguments()
    test = wanted.test or wanted.run is run_tests
    stack = Stack(base=wanted.base or places.remembered_base(places.CHECKOUT, test=test), test=test)
    if wanted.run not in {up, run_tests} and not stack.run.exists():
        say("This stack was never up: `make up` makes it.")
        return 0 if wanted.run is down else 1
    try:
        status: int = wanted.run(stack, wanted)
    except Failed as failed:
        tell_failure(failed)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return status


def read_arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("--test", action="store_true", help="the stack of the tests")
    parser.add_argument("--base", type=int, help="the first port; remembered for later commands")
    commands = parser.add_subparsers(required=True)
    for command in (up, down, status, env):
        commands.add_parser(command.__name__, help=command.__doc__).set_defaults(run=command)
    one = commands.add_parser("logs", help=logs.__doc__)
    one.add_argument("name", nargs="?")
    one.set_defaults(run=logs)
    migration = commands.add_parser("draft", help=draft.__doc__)
    migration.add_argument("service", choices=places.SERVICES)
    migration.add_argument("message")
    migration.set_defaults(run=draft)
    asked = commands.add_parser("events", help=events.__doc__)
    asked.add_argument("service", choices=places.SERVICES)
    asked.add_argument("words", nargs=REMAINDER)
    asked.set_defaults(run=events)
    tests = commands.add_parser("test", help=run_tests.__doc__, add_help=False, allow_abbrev=False)
    tests.set_defaults(run=run_tests)
    wanted, rest = parser.parse_known_args()
    if rest and wanted.run is not run_tests:
        parser.error(f"what is {' '.join(rest)}?")
    wanted.for_pytest = rest
    return wanted


def up(stack: Stack, _: Namespace) -> int:
    """Bring everything up and say where it is."""
    started = time.monotonic()
    with assemble.alone(stack):
        assemble.up(stack)
    say("")
    tables.show_addresses(stack)
    say(f"Up and well after {time.monotonic() - started:.1f} s.")
    return 0


def down(stack: Stack, _: Namespace) -> int:
    """End everything, by pid."""
    with assemble.alone(stack):
        ended = assemble.down(stack)
    say(f"Ended: {', '.join(ended)}." if ended else "Nothing was running.")
    return 0


def status(stack: Stack, _: Namespace) -> int:
    """Say what runs and whether it is well."""
    return 0 if tables.show_status(stack) else 1


def logs(stack: Stack, wanted: Namespace) -> int:
    """Show the end of a log; at a terminal, go on showing what is added to it."""
    known = sorted(path.stem for path in stack.logs.glob("*.log"))
    if wanted.name not in known:
        say(f"Whose log? s=NAME, one of: {', '.join(known) or 'none is there yet'}")
        return 1
    files = [stack.log(wanted.name), *sorted((stack.data / wanted.name).glob("*.log"))]
    follow = ["-F"] if sys.stdout.isatty() else []
    return subprocess.run(
        ["tail", "-q", "-n", str(LINES_SHOWN), *follow, *files], check=False
    ).returncode


def env(stack: Stack, _: Namespace) -> int:
    """Print what a shell needs to reach the stack."""
    told = stack_file.read(stack)
    values = {
        "XIAOKE_STACK": str(stack.file),
        "XIAOKE_GATEWAY": told["gateway"],
        "XIAOKE_SANDBOX": told["sandbox"],
        "XIAOKE_AMQP_URL": told["amqp"],
    }
    for service in stack.services:
        for role, name in (("app", "DATABASE_URL"), ("owner", "OWNER_DATABASE_URL")):
            variable = f"{postgresql.package(service).upper()}_{name}"
            values[variable] = postgresql.url(stack, service, role)
    for name, value in values.items():
        say(f"export {name}={shlex.quote(value)}")
    return 0


def draft(stack: Stack, wanted: Namespace) -> int:
    """Write a migration from what the models of a service and its database differ in."""
    say(services.command(stack, wanted.service, "draft", wanted.message))
    return 0


def events(stack: Stack, wanted: Namespace) -> int:
    """Ask a service about the events that wait in it."""
    say(services.command(stack, wanted.service, "events", *wanted.words))
    return 0


def run_tests(stack: Stack, wanted: Namespace) -> int:
    """Set the test stack up, run pytest on the whole repository, take the stack down."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with assemble.alone(stack):
        if not any(children.running(stack, name) for name in children.names(stack)):
            places.forget(stack)
        try:
            assemble.up(stack)
            # What pytest prints comes last, and its exit status is ours.
            return run_pytest(stack, wanted.for_pytest)
        finally:
            if not os.environ.get("XIAOKE_KEEP"):
                assemble.down(stack)


def run_pytest(stack: Stack, arguments: list[str]) -> int:
    # Not `python -m pytest`: that puts the checkout on the path, where the folder `sandbox`
    # would stand before the package of that name.
    running = subprocess.Popen(
        [str(stack.python.with_name("pytest")), "-n", "2", *arguments],
        cwd=stack.checkout,
        env=os.environ | {"XIAOKE_STACK": str(stack.file)},
    )
    try:
        return running.wait()
    except BaseException:
        # Interrupted rather than killed, pytest ends its workers too.
        running.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=PYTEST_ENDS_WITHIN)
        running.kill()
        raise


if __name__ == "__main__":
    sys.exit(main())
