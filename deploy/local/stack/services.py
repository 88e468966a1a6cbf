"""Our own parts: the services and the sandbox, what each is told, and the commands it answers."""

import hashlib
import http.client
import json
import os
from pathlib import Path

from stack import keys, postgresql, rabbitmq
from stack.accounts import run_as
from stack.children import Child
from stack.places import Stack
from stack.postgresql import package

# Until the bridge is there the sandbox answers its routes, with the bridge's key.
BRIDGE = "wecom-bridge"
LOCKED = "requirements.lock"


def environment(stack: Stack, service: str) -> dict[str, str]:
    """What a running service is told: never the owner of its database."""
    state = stack.home / "state" / service
    state.mkdir(parents=True, exist_ok=True)
    database = postgresql.url(stack, service, "app")
    told = {
        **_shared(stack),
        "HOME": str(state),
        "XIAOKE_STATE_DIR": str(state),
        "XIAOKE_PORT": str(stack.port(service)),
        "XIAOKE_PRIVATE_PORT": str(stack.private_port(service)),
        "XIAOKE_WORKERS": "2",
        "XIAOKE_THREADS": "4",
        "XIAOKE_DATABASE_URL_FILE": str(keys.written(stack, f"{service}/database_url", database)),
        "XIAOKE_SERVICE_KEY_FILE": str(keys.service_key(stack, service)),
    }
    if service == "identity":
        callers = {name: keys.service_public_key(stack, name) for name in (*stack.services, BRIDGE)}
        told["XIAOKE_CALLERS"] = json.dumps(callers)
        told["XIAOKE_PERMISSIONS_FILE"] = str(stack.permissions)
        told["XIAOKE_KEY_SECRET_FILE"] = str(keys.encryption_key(stack, "identity/key_secret"))
    if shift := os.environ.get("XIAOKE_CLOCK_SHIFT"):
        told["XIAOKE_CLOCK_SHIFT"] = shift
    return told


def _shared(stack: Stack) -> dict[str, str]:
    return {
        "PATH": f"{stack.python.parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "XIAOKE_LOCAL": "1",
        "XIAOKE_IDENTITY_URL": stack.url("identity"),
        "XIAOKE_PUBLIC_URL": stack.url("gateway"),
    }


def work_environment(stack: Stack, service: str) -> dict[str, str]:
    """What a service's background work is told besides: only that speaks to the broker."""
    address = rabbitmq.url(stack, service)
    return environment(stack, service) | {
        "XIAOKE_PRIVATE_PORT": str(stack.work_port(service)),
        "XIAOKE_AMQP_URL_FILE": str(keys.written(stack, f"{service}/amqp_url", address)),
    }


def web(stack: Stack, service: str) -> Child:
    return Child(
        name=service,
        command=(str(stack.python), "-m", package(service), "web"),
        environment=environment(stack, service),
        folder=stack.home / "state" / service,
        ports=(stack.port(service), stack.private_port(service)),
        ready=lambda: is_well(stack.private_port(service), "/health/ready"),
        made_of=made_of(stack, service),
    )


def work_name(service: str) -> str:
    """What the background work of a service is called among the parts of a stack."""
    return f"{service}-work"


def work(stack: Stack, service: str) -> Child:
    return Child(
        name=work_name(service),
        command=(str(stack.python), "-m", package(service), "work"),
        environment=work_environment(stack, service),
        folder=stack.home / "state" / service,
        ports=(stack.work_port(service),),
        ready=lambda: is_well(stack.work_port(service), "/health/ready"),
        made_of=made_of(stack, service),
    )


def sandbox(stack: Stack) -> Child:
    state = stack.home / "state/sandbox"
    state.mkdir(parents=True, exist_ok=True)
    return Child(
        name="sandbox",
        command=(str(stack.python), "-m", "sandbox"),
        environment={
            **_shared(stack),
            "HOME": str(state),
            "XIAOKE_PORT": str(stack.port("sandbox")),
            "XIAOKE_DEMO": str(stack.demo),
            "XIAOKE_SERVICE_KEY_FILE": str(keys.service_key(stack, BRIDGE)),
        },
        folder=state,
        ports=(stack.port("sandbox"),),
        ready=lambda: is_well(stack.port("sandbox"), "/health"),
        made_of=_code(stack, "sandbox/sandbox") + digest(stack.demo),
    )


def command(stack: Stack, service: str, *words: str, stdin: Path | None = None) -> str:
    """Run `python -m <service> <words>` as the owner of its database; returns what it printed."""
    owner = postgresql.url(stack, service, "owner")
    told = work_environment(stack, service) | {
        "XIAOKE_OWNER_DATABASE_URL_FILE": str(
            keys.written(stack, f"{service}/owner_database_url", owner)
        )
    }
    return run_as(
        None,
        (stack.python, "-m", package(service), *words),
        log=stack.log(f"{service}-{words[0]}"),
        environment=told,
        folder=stack.home / "state" / service,
        stdin=stdin,
    )


def made_of(stack: Stack, service: str) -> str:
    """A digest of the code that a service runs."""
    return _code(stack, f"services/{service}/{package(service)}")


def _code(stack: Stack, folder: str) -> str:
    """A digest of a package of ours and of what it stands on."""
    return digest(*(stack.checkout / part for part in (folder, "chassis/chassis", LOCKED)))


def digest(*paths: Path) -> str:
    """A digest of the contents of files and folders, their names included."""
    total = hashlib.sha256()
    for path in paths:
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                total.update(f"{file.relative_to(path)} {content}\n".encode())
    return total.hexdigest()


def is_well(port: int, path: str) -> bool:
    """Whether somebody answers there that all is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
