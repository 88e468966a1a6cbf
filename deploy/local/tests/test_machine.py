"""What is asked of the machine: programs, ports, folders."""

import shutil
import stat
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from stack import keys, places, ports, programs
from stack.accounts import own_file
from stack.places import Stack

# What bootstrap.sh itself calls; none of the programs that the stack needs.
ORDINARY = (
    *("awk", "cat", "date", "dirname", "flock", "grep", "mkdir", "python3", "sed", "sh"),
    *("sha256sum", "sort", "tail", "tr"),
)


def a_program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def test_every_missing_program_is_named_with_its_package(tmp_path):
    a_program(tmp_path, "nginx")

    missing = programs.missing([tmp_path])

    assert missing == {
        "postgres": "postgresql",
        "initdb": "postgresql",
        "rabbitmq-server": "rabbitmq-server",
        "epmd": "rabbitmq-server",
    }


def test_the_folder_that_stands_first_wins(tmp_path):
    a_program(tmp_path / "own", "rabbitmq-server")
    a_program(tmp_path / "wrappers", "rabbitmq-server")

    found = programs.find("rabbitmq-server", [tmp_path / "own", tmp_path / "wrappers"])

    assert found == tmp_path / "own/rabbitmq-server"


def test_rabbitmq_is_looked_for_before_the_wrappers_that_switch_the_user():
    order = list(programs.FOLDERS)

    assert order.index(Path("/usr/lib/rabbitmq/bin")) < order.index(Path("/usr/sbin"))


def test_without_root_bootstrap_names_what_is_missing_and_ends(tmp_path):
    local = tmp_path / "deploy/local"
    shutil.copytree(places.CHECKOUT / "deploy/local/stack", local / "stack")
    shutil.copy(places.CHECKOUT / "deploy/local/bootstrap.sh", local)
    path = tmp_path / "path"
    for name in ORDINARY:
        real = sys.executable if name == "python3" else shutil.which(name)
        a_program(path, name, f'#!/bin/sh\nexec {real} "$@"\n')
    a_program(path, "id", "#!/bin/sh\necho 1000\n")
    a_program(path, "npm")
    a_program(path, "node", "#!/bin/sh\necho v20.1.0\n")

    done = subprocess.run(
        ["/bin/sh", str(local / "bootstrap.sh")],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "missing: " in done.stderr
    assert "epmd" in done.stderr
    assert "rabbitmq-server" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_two_stacks_at_their_default_bases_share_no_port():
    def all_ports(stack: Stack) -> set[int]:
        shared = (stack.port(name) for name in places.SHARED_PORTS)
        own = ((stack.port(name), stack.private_port(name)) for name in stack.services)
        return {*shared, *chain.from_iterable(own)}

    up = all_ports(Stack(base=places.DEFAULT_BASE))
    test = all_ports(Stack(base=places.DEFAULT_TEST_BASE, test=True))

    assert len(up) == len(places.SHARED_PORTS) + 2 * len(places.SERVICES)
    assert not up & test


def test_the_base_is_remembered(tmp_path):
    places.make_folders(Stack(base=20910, checkout=tmp_path))

    assert places.remembered_base(tmp_path, test=False) == 20910
    assert places.remembered_base(tmp_path, test=True) == places.DEFAULT_TEST_BASE


def test_a_port_is_free_again_when_its_listener_is_gone(a_taken_port):
    assert ports.taken(a_taken_port)
    assert not ports.taken(a_taken_port + 1)


def test_below_a_closed_folder_not_everybody_may_enter(tmp_path):
    inside = tmp_path / "closed/inside"
    inside.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)

    assert not places.everybody_may_enter(inside)
    assert places.everybody_may_enter(Path("/usr/lib"))


def test_a_secret_is_made_once_and_only_its_owner_reads_it(a_stack):
    first = keys.password(a_stack, "leads/app_password")

    assert keys.password(a_stack, "leads/app_password") == first
    assert keys.password(a_stack, "leads/owner_password") != first
    written = a_stack.secrets / "leads/app_password"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(a_stack.secrets.stat().st_mode) == 0o700


def test_a_file_of_ones_own_is_replaced_with_its_mode(tmp_path):
    own_file(tmp_path / "cookie", "first", None)

    own_file(tmp_path / "cookie", "second", None, mode=0o400)

    assert (tmp_path / "cookie").read_text() == "second"
    assert stat.S_IMODE((tmp_path / "cookie").stat().st_mode) == 0o400


def test_forgetting_removes_everything_but_the_lock(a_stack):
    keys.password(a_stack, "leads/app_password")
    (a_stack.home / places.LOCK).touch()

    places.forget(a_stack)

    assert [path.name for path in a_stack.home.iterdir()] == [places.LOCK]


@pytest.mark.parametrize("name", [*places.SHARED_PORTS, *places.SERVICES])
def test_no_port_is_below_the_base(name):
    assert Stack(base=20000).port(name) in range(20000, 20100)


def test_a_moved_data_folder_is_reached_by_its_link(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    stack = Stack(base=20910, checkout=tmp_path)
    stack.home.mkdir()
    (stack.home / "data").symlink_to(elsewhere)

    places.make_folders(stack)

    assert stack.data == elsewhere
    assert (stack.home / "data").is_symlink()
