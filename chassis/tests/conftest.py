"""A service of the tests' own, so that the chassis is tried without any sales noun."""

import orjson
import pytest
from sqlalchemy import MetaData

from chassis.db import transaction
from chassis.service import Service
from chassis.web import ANONYMOUS, SIGNED_IN, Blueprint, Response

tries = Blueprint("tries", url_prefix="/api/v1/tries")


@tries.get("/open", permission=ANONYMOUS)
@tries.answers(200)
def open_door() -> Response:
    return Response("{}", mimetype="application/json")


@tries.get("/unasked", permission=SIGNED_IN)
@tries.answers(200)
def forgetful() -> Response:
    """Answers without ever opening a transaction, so nobody asked who calls."""
    return Response("{}", mimetype="application/json")


@tries.get("/me", permission=SIGNED_IN)
@tries.answers(200)
def name_of_caller() -> Response:
    with transaction() as tx:
        return Response(orjson.dumps({"name": tx.actor.name}), mimetype="application/json")


@tries.get("/broken", permission=ANONYMOUS)
@tries.answers(200)
def broken() -> Response:
    raise ValueError("SELECT secret FROM /etc/passwd")


@tries.internal("GET", "/internal", callers={"wecom-bridge"})
@tries.answers(200)
def for_siblings() -> Response:
    return Response("{}", mimetype="application/json")


@pytest.fixture(scope="session")
def service() -> Service:
    """Stands on the database of leads, of which it uses the chassis' tables only."""
    return Service(name="leads", tables=MetaData(), routes=[tries])
