"""The tables that a person at the terminal is shown."""

from rich.console import Console
from rich.table import Table

from stack import assemble, children, stack_file
from stack.places import Stack

WIDTH = 110


def console() -> Console:
    """Where there is no terminal, rows stay whole: a log is searched line by line."""
    shown = Console(highlight=False)
    return shown if shown.is_terminal else Console(highlight=False, width=WIDTH)


def show_addresses(stack: Stack) -> None:
    """Where everything is, and as whom one can sign in."""
    told = stack_file.read(stack)
    addresses = Table("what", "address", title="Addresses", title_justify="left")
    addresses.add_row("gateway", told["gateway"])
    addresses.add_row("API documentation", f"{told['gateway']}/api/docs/")
    addresses.add_row("sandbox (stands in for WeCom)", told["sandbox"])
    addresses.add_row("PostgreSQL", f"127.0.0.1:{stack.port('postgresql')}")
    addresses.add_row("RabbitMQ", f"127.0.0.1:{stack.port('rabbitmq')}")
    addresses.add_row("all of it, for programs", str(stack.file))
    people = Table(
        "sign in as", "name", "department", "roles", title="People", title_justify="left"
    )
    companies = {tenant["id"]: tenant for tenant in told["tenants"]}
    for person in told["people"]:
        company = companies[person["tenant"]]
        people.add_row(
            f"{person['userid']}@{company['corp_id']}",
            person["name"],
            f"{company['name']} / {person['department']}",
            ", ".join(person["roles"]),
        )
    shown = console()
    shown.print(addresses)
    shown.print(people)


def show_status(stack: Stack) -> bool:
    """Every part with its state; returns whether all of them are well."""
    table = Table("part", "state", "pid", "ports", "memory")
    all_well = True
    for part in assemble.parts(stack):
        record = children.running(stack, part.name)
        well = record is not None and part.ready()
        all_well = all_well and well
        state = "well" if well else "not running" if record is None else "runs, but is not well"
        table.add_row(
            part.name,
            f"[{'green' if well else 'red'}]{state}[/]",
            str(record.pid) if record else "",
            " ".join(str(port) for port in part.ports),
            f"{children.memory(record.pid) / 2**20:.0f} MB" if record else "",
        )
    console().print(table)
    return all_well
