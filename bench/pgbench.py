"""PostgreSQL's own yardstick, running the statements of the service."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from bench.callers import CALLERS, Act
from stack.programs import find
from stack.progress import Failed

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}
TIMEOUT = 60


@contextmanager
def running(url: str, tenant: str, script: str) -> Iterator[Act]:
    """Inside the block, a function that runs the script so often and gives the seconds of each."""
    told = {_VARIABLES[name]: str(value) for name, value in conninfo_to_dict(url).items()}
    # The tenant is set once and for the connection: the statements stand alone.
    told["PGOPTIONS"] = f"-c xiaoke.tenant={tenant} -c timezone=UTC"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)

        def act(count: int) -> list[float]:
            for old in Path(folder).glob("log.*"):
                old.unlink()
            _run(Path(folder), told, count)
            return [
                int(line.split()[2]) / 1_000_000
                for log in Path(folder).glob("log.*")
                for line in log.read_text().splitlines()
            ]

        yield act


def _run(folder: Path, told: dict[str, str], count: int) -> None:
    # It comes with the server and lies beside it.
    command = (
        *(str(find("postgres").with_name("pgbench")), "--no-vacuum", "--protocol=prepared"),
        *("--file=script.sql", f"--client={CALLERS}", f"--transactions={count // CALLERS}"),
        *("--log", "--log-prefix=log"),
    )
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise Failed(f"pgbench ended with {done.returncode}: {done.stderr[-500:]}")
