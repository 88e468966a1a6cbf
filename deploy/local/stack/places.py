"""Where one stack lies on this machine and which ports it takes."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
DEFAULT_BASE = 20000
DEFAULT_TEST_BASE = 20400

# One entry per service, in the order in which they were born: the position gives the ports,
# so new ones go to the end.
SERVICES = (
    "identity",
    "leads",
    "customers",
)

# The position is the distance from the base of the ports.
SHARED_PORTS = (
    "gateway",
    "sandbox",
    "postgresql",
    "rabbitmq",
    "rabbitmq-distribution",
    "epmd",
    "rabbitmq-control-first",
    "rabbitmq-control-last",
)
FIRST_SERVICE_PORT = 20
FIRST_WORK_PORT = 80

# Each process of pytest has a database of every service and a virtual host of its own.
PYTEST_WORKERS = ("master", "gw0", "gw1")

LOCK = "lock"


@dataclass(frozen=True)
class Stack:
    """One stack: `make up` and `make test` each have their own, so both can run at once."""

    base: int
    test: bool = False
    checkout: Path = CHECKOUT
    services: tuple[str, ...] = SERVICES

    @property
    def home(self) -> Path:
        return home(self.checkout, test=self.test)

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def data(self) -> Path:
        """Where databases and queues lie: the real folder, not the link that may lead to it."""
        return (self.home / "data").resolve()

    @property
    def file(self) -> Path:
        return self.home / "stack.json"

    @property
    def python(self) -> Path:
        return self.checkout / ".venv/bin/python"

    @property
    def demo(self) -> Path:
        return self.checkout / "deploy/local/demo.json"

    @property
    def permissions(self) -> Path:
        return self.checkout / "api/permissions.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def port(self, name: str) -> int:
        """The port of a shared part, or the public one of a service."""
        if name in SHARED_PORTS:
            return self.base + SHARED_PORTS.index(name)
        return self.base + FIRST_SERVICE_PORT + 2 * self.services.index(name)

    def private_port(self, service: str) -> int:
        """Health and metrics of a service: the port that the gateway never names."""
        return self.port(service) + 1

    def work_port(self, service: str) -> int:
        """Health and metrics of a service's background work."""
        return self.base + FIRST_WORK_PORT + self.services.index(service)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port(name)}"


def home(checkout: Path, *, test: bool) -> Path:
    """The folder of a stack inside the checkout."""
    return checkout / (".local/test" if test else ".local")


def remembered_base(checkout: Path, *, test: bool) -> int:
    """The base that this stack had last, so that only the first `make up` must name it."""
    written = home(checkout, test=test) / "base"
    if written.exists():
        return int(written.read_text())
    return DEFAULT_TEST_BASE if test else DEFAULT_BASE


def make_folders(stack: Stack) -> None:
    """Make what is not there; only secrets and logs are closed to other users."""
    stack.home.mkdir(parents=True, exist_ok=True)
    (stack.home / "base").write_text(f"{stack.base}\n")
    stack.run.mkdir(exist_ok=True)
    for closed in (stack.logs, stack.secrets):
        closed.mkdir(exist_ok=True)
        closed.chmod(0o700)
    data = stack.home / "data"
    if data.is_symlink() and not data.exists():
        data.unlink()
    if data.exists():
        return
    if os.geteuid() != 0 or everybody_may_enter(stack.home):
        data.mkdir()
        return
    # With root the programs of the distribution run as users of their own, and those cannot
    # enter a checkout below a home folder that is closed.
    elsewhere = Path(tempfile.mkdtemp(prefix="xiaoke-stack-", dir="/var/lib"))
    elsewhere.chmod(0o755)
    data.symlink_to(elsewhere)


def everybody_may_enter(folder: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.parents))


def forget(stack: Stack) -> None:
    """Remove everything that a stack which is down has left, its lock aside."""
    shutil.rmtree(stack.data, ignore_errors=True)
    for path in stack.home.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()
