"""The stack that is measured: one of its own, with companies of its own, thrown away afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sign_in import Person, sign_in
from stack import assemble, children, places, postgresql, stack_file
from stack.children import Child
from stack.places import Stack
from stack.progress import Failed, step

DEFAULT_BASE = 20700
RESULTS = Path(".local/bench")
SMALL, LARGE = "wwbench10k", "wwbench1m"


@dataclass(frozen=True)
class Ground(Stack):
    """A test stack elsewhere: it limits no address, and PostgreSQL does not wait for the disk."""

    test: bool = True

    @property
    def home(self) -> Path:
        return self.checkout / RESULTS / "stack"

    @property
    def demo(self) -> Path:
        return self.checkout / "bench/companies.json"

    def pid(self, name: str) -> int:
        """The process at the head of a part; raises Failed where the part does not run."""
        record = children.running(self, name)
        if record is None:
            raise Failed(f"{name} does not run", self.log(name))
        return record.pid

    def database(self, role: str) -> str:
        """The address of the database of leads for its `owner` or its `app`."""
        return postgresql.url(self, "leads", role)

    def tenant(self, corp_id: str) -> str:
        told = stack_file.read(self)["tenants"]
        return next(str(tenant["id"]) for tenant in told if tenant["corp_id"] == corp_id)

    def token(self, userid: str, corp_id: str) -> str:
        return sign_in(self.url("gateway"), Person(userid, corp_id)).text


@contextmanager
def laid(ground: Ground) -> Iterator[None]:
    """The stack is up inside the block and ended behind it.

    Its folder goes too, unless something failed: then the logs stay until the next run.
    """
    with assemble.alone(ground):
        if not any(children.running(ground, name) for name in children.names(ground)):
            places.forget(ground)
        try:
            assemble.up(ground)
            yield
        finally:
            assemble.down(ground)
        places.forget(ground)


def start(ground: Ground, part: Child) -> None:
    """Start a part that is not the product's own, and wait until it is well."""
    with step(f"starting {part.name}"):
        children.start(ground, part)
        children.wait_until_ready(ground, part)
