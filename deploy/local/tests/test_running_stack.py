"""The stack that this test run stands on, seen from outside."""

import json
import stat
from pathlib import Path

import psycopg
import pytest

from stack import assemble, children, places, stack_file
from stack.progress import Failed

LISTENING = "0A"
LOOPBACK = ("0100007F", "00000000000000000000000001000000")


@pytest.fixture
def told(running_stack):
    return stack_file.read(running_stack)


def listeners(pids: set[int]) -> set[tuple[str, int]]:
    """Address and port of every socket on which one of these processes listens."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    local = [row[1].split(":") for row in rows if row[3] == LISTENING and row[9] in inodes]
    return {(address, int(port, 16)) for address, port in local}


def test_a_second_up_would_start_nothing(running_stack):
    parts = assemble.parts(running_stack)

    assert all(children.as_wanted(running_stack, part) for part in parts)
    assert all(part.ready() for part in parts)


def test_everything_listens_on_the_loopback_only_and_on_its_own_ports(running_stack):
    for part in assemble.parts(running_stack):
        record = children.running(running_stack, part.name)
        assert record is not None
        heard = listeners({record.pid})

        assert {port for _, port in heard} == set(part.ports)
        assert {address for address, _ in heard} <= set(LOOPBACK)


def test_nothing_of_the_distribution_runs_as_root(running_stack):
    for name in ("postgresql", "rabbitmq", "epmd", "gateway"):
        record = children.running(running_stack, name)

        assert record is not None
        assert Path(f"/proc/{record.pid}").stat().st_uid != 0


def test_one_command_at_a_time_changes_a_stack(running_stack):
    with pytest.raises(Failed, match="another command"), assemble.alone(running_stack):
        pytest.fail("two at once")


def test_the_file_of_the_stack_has_every_field_that_programs_count_on(told):
    assert told.keys() - {"test"} == {
        *("gateway", "sandbox", "amqp", "databases", "tenants", "people", "wecom"),
    }
    assert told["databases"].keys() == set(places.SERVICES)
    assert told["wecom"].keys() == {"callback", "token", "encoding_aes_key", "receive_id"}
    for tenant in told["tenants"]:
        assert tenant.keys() == {"id", "corp_id", "name"}
    for person in told["people"]:
        assert person.keys() == {
            *("userid", "tenant", "name", "department", "roles", "reports_to"),
        }


def test_only_its_owner_reads_the_file_of_the_stack(running_stack):
    assert stat.S_IMODE(running_stack.file.stat().st_mode) == 0o600


def test_the_people_of_the_demo_are_told_with_their_tenant(told):
    demo = json.loads((places.CHECKOUT / "deploy/local/demo.json").read_text())
    tenants = {tenant["id"]: tenant["corp_id"] for tenant in told["tenants"]}

    people = {(tenants[person["tenant"]], person["userid"]) for person in told["people"]}

    assert people == {
        (company["corp_id"], person["userid"])
        for company in demo["tenants"]
        for person in company["people"]
    }


@pytest.mark.parametrize("service", places.SERVICES)
def test_the_application_role_is_nobody_special(told, service):
    with psycopg.connect(told["databases"][service]) as connection:
        row = connection.execute(
            "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication,"
            " pg_has_role(current_user, datdba, 'member')"
            " from pg_roles, pg_database"
            " where rolname = current_user and datname = current_database()"
        ).fetchone()

    assert row == (False,) * 6


@pytest.mark.parametrize("service", places.SERVICES)
def test_the_application_role_makes_no_tables(told, service):
    with (
        psycopg.connect(told["databases"][service]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("create table intruders (id int)")


def test_no_service_enters_the_database_of_another(told):
    address = told["databases"]["leads"]
    other = address.removesuffix("/leads") + "/identity"

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(other)
