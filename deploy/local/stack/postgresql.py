"""The private PostgreSQL: one cluster, one database and two roles per service."""

import signal
import time
from pathlib import Path

import psycopg
from psycopg import sql

from stack import children, keys
from stack.accounts import account, own_file, own_folder, run_as
from stack.children import Child
from stack.places import PYTEST_WORKERS, Stack
from stack.programs import find
from stack.progress import Failed

SUPERUSER = "postgres"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # Paths of sockets may have 107 bytes, and a checkout may lie deeper.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# A test stack is made anew when the machine goes down, so it does not wait for the disk.
# It also remembers when each row was committed, for those who measure how soon.
HASTY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "track_commit_timestamp": "on",
}


def package(service: str) -> str:
    """The name that a service has in Python and in PostgreSQL."""
    return service.replace("-", "_")


def url(stack: Stack, service: str, role: str, worker: str | None = None) -> str:
    """The address of a service's database for its `owner` or its `app`.

    A `worker` of pytest has one of its own, in which nothing runs but its tests.
    """
    name = package(service)
    secret = keys.password(stack, f"{service}/{role}_password")
    database = _of_worker(service, worker) if worker else name
    return f"postgresql://{name}_{role}:{secret}@127.0.0.1:{stack.port('postgresql')}/{database}"


def _of_worker(service: str, worker: str) -> str:
    return f"{package(service)}_of_{worker}"


def child(stack: Stack) -> Child:
    settings = SETTINGS | {"port": str(stack.port("postgresql"))} | (HASTY if stack.test else {})
    options = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
    folder = stack.data / "postgresql"
    return Child(
        name="postgresql",
        command=(str(find("postgres")), "-D", str(folder / "cluster"), *options),
        environment=ENVIRONMENT,
        folder=folder,
        ports=(stack.port("postgresql"),),
        ready=lambda: _answers(stack),
        account=account("postgres"),
        stop=signal.SIGINT,
    )


def has_cluster(stack: Stack) -> bool:
    return (stack.data / "postgresql/cluster").exists()


def make_cluster(stack: Stack) -> None:
    """Lay the cluster down; one that was interrupted is begun again."""
    owner = account("postgres")
    folder = own_folder(stack.data / "postgresql", owner)
    passwords = own_file(folder / "password", keys.password(stack, "postgresql/password"), owner)
    command = (
        *("sh", "-c", 'rm -rf cluster.new && "$@" && mv cluster.new cluster', "make-cluster"),
        *(str(find("initdb")), "-D", "cluster.new", "-U", SUPERUSER, "--auth=scram-sha-256"),
        *(f"--pwfile={passwords}", "--encoding=UTF8", "--locale=C.UTF-8"),
        *(("--no-sync",) if stack.test else ()),
    )
    run_as(owner, command, log=stack.log("initdb"), environment=ENVIRONMENT, folder=folder)
    passwords.unlink()


def clear_lock(stack: Stack) -> None:
    """Remove the lock file of a postmaster that was killed and that nobody has reaped yet.

    To the next one such a process looks alive. The file must stay for as long as one of its
    backends works on the cluster, so their end is waited for.
    """
    cluster = stack.data / "postgresql/cluster"
    lock = cluster / "postmaster.pid"
    if lock.exists() and children.start_of(int(lock.read_text().split()[0])) is None:
        deadline = time.monotonic() + children.ENDED_WITHIN
        while _used(cluster):
            if time.monotonic() > deadline:
                raise Failed("a backend of the killed PostgreSQL does not end")
            time.sleep(children.PAUSE)
        lock.unlink()


def _used(cluster: Path) -> bool:
    for folder in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if folder.readlink() == cluster:
                return True
        except OSError:
            continue
    return False


def make_databases(stack: Stack) -> None:
    """Give every service its two roles and its databases; what is there stays as it is.

    The application's role may connect and nothing else: migrations grant it their tables.
    """
    with _superuser(stack) as connection:
        for service in stack.services:
            for role in ("owner", "app"):
                _make_role(connection, stack, service, role)
            _make_database(connection, service, package(service))
            for worker in PYTEST_WORKERS if stack.test else ():
                _make_database(connection, service, _of_worker(service, worker))


def _make_database(
    connection: psycopg.Connection[tuple[object, ...]], service: str, database: str
) -> None:
    if _exists(connection, "pg_database", "datname", database):
        return
    name = sql.Identifier(database)
    owner = sql.Identifier(f"{package(service)}_owner")
    app = sql.Identifier(f"{package(service)}_app")
    connection.execute(sql.SQL("create database {} owner {}").format(name, owner))
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))
    connection.execute(sql.SQL("grant connect on database {} to {}").format(name, app))


def _make_role(
    connection: psycopg.Connection[tuple[object, ...]], stack: Stack, service: str, role: str
) -> None:
    name = f"{package(service)}_{role}"
    if _exists(connection, "pg_roles", "rolname", name):
        return
    secret = keys.password(stack, f"{service}/{role}_password")
    connection.execute(
        sql.SQL(
            "create role {} login nosuperuser nocreatedb nocreaterole nobypassrls password {}"
        ).format(sql.Identifier(name), sql.Literal(secret))
    )


def _exists(
    connection: psycopg.Connection[tuple[object, ...]], table: str, column: str, name: str
) -> bool:
    query = sql.SQL("select from {} where {} = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    return connection.execute(query, (name,)).rowcount == 1


def _superuser(stack: Stack) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=stack.port("postgresql"),
        user=SUPERUSER,
        password=keys.password(stack, "postgresql/password"),
        dbname="postgres",
        connect_timeout=2,
        autocommit=True,
    )


def _answers(stack: Stack) -> bool:
    try:
        _superuser(stack).close()
    except psycopg.OperationalError:
        return False
    return True
