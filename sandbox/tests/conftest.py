"""The sandbox in front of a real identity: only the gateway between them is missing."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from chassis import db
from chassis.access import KeySet, TokenCheck
from chassis.service import Service, encode_key
from chassis.settings import read
from chassis.web import create_app as create_service
from identity import usecases
from identity.app import service as identity_service
from identity.settings import Settings as IdentitySettings
from sandbox import app, settings

GATEWAY = "http://127.0.0.1:20000"
PORTS = range(20900, 20950)


@pytest.fixture(scope="session")
def service() -> Service:
    return identity_service


@pytest.fixture(scope="session")
def bridge_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def identity(
    stack: dict[str, Any],
    service: Service,
    database: db.Database,
    bridge_key: Ed25519PrivateKey,
) -> Iterator[str]:
    """Where identity listens, which trusts our key as the bridge's."""
    told = read(IdentitySettings, stack["test"]["environments"]["identity"])
    callers = {"wecom-bridge": bridge_key.public_key().public_bytes_raw()}
    check = TokenCheck(KeySet(dict))
    served = create_service(service, database=database, check=check, callers=callers, settings=told)
    with _server(served) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()


def _server(served: Flask) -> Any:
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
        return make_server("127.0.0.1", port, served, threaded=True)
    raise RuntimeError("no port is free")


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A company of one test, in which 王芳 can be scanned."""
    described = {
        "corp_id": f"ww{uuid4().hex}",
        "name": "晨曦<b>云</b>",
        "departments": [{"key": "hq", "name": "总部", "parent": None}],
        "people": [
            {
                "userid": "WangFang",
                "name": "王芳",
                "department": "hq",
                "position": "客户经理",
                "reports_to": None,
                "roles": ["salesperson"],
            }
        ],
    }
    path = tmp_path / "demo.json"
    path.write_text(json.dumps({"tenants": [described]}))
    return path


@pytest.fixture
def corp_id(demo: Path) -> str:
    return str(json.loads(demo.read_text())["tenants"][0]["corp_id"])


@pytest.fixture
def known_to_identity(demo: Path, corp_id: str, database: db.Database) -> None:
    """The company has been seeded, as `make up` does it."""
    described = json.loads(demo.read_text())["tenants"][0]
    tenant_id = usecases.company_id(corp_id)
    token = db.database.set(database)
    with db.transaction(tenant_id) as tx:
        usecases.seed_company(tx.session, tenant_id=tenant_id, permissions=[], **described)
    db.database.reset(token)


@pytest.fixture
def environment(identity: str, demo: Path, bridge_key: Ed25519PrivateKey) -> dict[str, str]:
    return {
        "XIAOKE_LOCAL": "1",
        "XIAOKE_PORT": "20001",
        "XIAOKE_IDENTITY_URL": identity,
        "XIAOKE_PUBLIC_URL": GATEWAY,
        "XIAOKE_DEMO": str(demo),
        "XIAOKE_SERVICE_KEY": encode_key(bridge_key.private_bytes_raw()),
    }


@pytest.fixture
def make_sandbox(environment: dict[str, str]) -> Callable[..., Flask]:
    """Makes a sandbox, perhaps told something else than usual."""

    def make(**changed: str) -> Flask:
        return app.create_app(read(settings.Settings, environment | changed, settings.NEEDS))

    return make


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Flask]) -> Flask:
    return make_sandbox()


@pytest.fixture
def browser(sandbox: Flask) -> FlaskClient:
    """A browser on the gateway's address, which keeps its cookies."""
    return sandbox.test_client()
