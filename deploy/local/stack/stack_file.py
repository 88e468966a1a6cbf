"""stack.json: what a person, a tool or a test must know to use a running stack."""

import json
from pathlib import Path
from typing import Any

from stack import postgresql, rabbitmq, services
from stack.accounts import own_file
from stack.places import PYTEST_WORKERS, Stack
from stack.progress import Failed


def organisation(stack: Stack) -> Path:
    """What identity said of the demo companies when it was seeded."""
    return stack.home / "organisation.json"


def keep_organisation(stack: Stack, said: str) -> None:
    """Keep it for the services that must know it; ValueError if it is not JSON."""
    json.loads(said)
    organisation(stack).write_text(said)


def read(stack: Stack) -> dict[str, Any]:
    """What was written of a stack that has been up; raises Failed if it never was."""
    if not stack.file.exists():
        raise Failed("this stack never was up to its end: `make up` makes it")
    told: dict[str, Any] = json.loads(stack.file.read_text())
    return told


def write(stack: Stack) -> None:
    """Write the file anew, readable by its owner only: it has passwords in it."""
    tenants = _tenants(stack)
    told: dict[str, Any] = {
        "gateway": stack.url("gateway"),
        "sandbox": stack.url("sandbox"),
        "amqp": rabbitmq.url(stack),
        "databases": {name: postgresql.url(stack, name, "app") for name in stack.services},
        "tenants": tenants,
        "people": _people(stack, {tenant["corp_id"]: tenant["id"] for tenant in tenants}),
        "wecom": {"callback": None, "token": None, "encoding_aes_key": None, "receive_id": None},
    }
    if stack.test:
        told["test"] = _for_tests(stack)
    own_file(stack.file, json.dumps(told, ensure_ascii=False, indent=2) + "\n", None)


def _tenants(stack: Stack) -> list[dict[str, str]]:
    said = json.loads(organisation(stack).read_text())
    return [
        {"id": told["tenant"]["id"], "corp_id": told["corp_id"], "name": told["tenant"]["name"]}
        for told in said["tenants"]
    ]


def _people(stack: Stack, tenant_ids: dict[str, str]) -> list[dict[str, Any]]:
    demo = json.loads(stack.demo.read_text())
    people = []
    for company in demo["tenants"]:
        departments = {row["key"]: row["name"] for row in company["departments"]}
        people += [
            {
                "userid": person["userid"],
                "tenant": tenant_ids[company["corp_id"]],
                "name": person["name"],
                "department": departments[person["department"]],
                "roles": person["roles"],
                "reports_to": person["reports_to"],
            }
            for person in company["people"]
        ]
    return people


def _of_worker(stack: Stack, worker: str) -> dict[str, Any]:
    """The databases and the virtual host in which one process of pytest is alone."""
    return {
        "databases": {
            postgresql.package(name): {
                role: postgresql.url(stack, name, role, worker) for role in ("app", "owner")
            }
            for name in stack.services
        },
        "amqp": {name: rabbitmq.url(stack, name, worker) for name in stack.services},
        "broker": rabbitmq.url(stack, vhost=worker),
    }


def _for_tests(stack: Stack) -> dict[str, Any]:
    """What only tests may know: the owners of the databases, every port, every secret."""
    return {
        "owners": {
            postgresql.package(name): postgresql.url(stack, name, "owner")
            for name in stack.services
        },
        "ports": {name: stack.port(name) for name in ("gateway", "sandbox", *stack.services)},
        "private_ports": {name: stack.private_port(name) for name in stack.services},
        "environments": {name: services.environment(stack, name) for name in stack.services},
        "workers": {worker: _of_worker(stack, worker) for worker in PYTEST_WORKERS},
        "secrets": {
            str(path.relative_to(stack.secrets)): str(path)
            for path in sorted(stack.secrets.rglob("*"))
            if path.is_file()
        },
    }
