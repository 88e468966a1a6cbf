"""The terminal in: read what is given, open the transaction, call one use case, print."""

import sys
from typing import Any

import orjson

from chassis import db
from chassis.people import Organisation
from chassis.settings import PREFIX, BadSettings
from identity import usecases
from identity.schemas import DeclaredPermission, Demo
from identity.settings import Settings


def seed(settings: Settings) -> None:
    """Write the companies described on standard input; print their organisation for the others.

    Raises BadSettings anywhere but on the local stack, and without the file of permissions.
    """
    permissions = _permissions(settings)
    described: dict[str, Any] = Demo().load(orjson.loads(sys.stdin.buffer.read()))
    opened = db.Database(str(settings.database_url), pool_size=1)
    token = db.database.set(opened)
    try:
        seeded = [_seed(company, permissions) for company in described["tenants"]]
    finally:
        db.database.reset(token)
        opened.close()
    print(orjson.dumps({"tenants": seeded}, option=orjson.OPT_INDENT_2).decode())


def _permissions(settings: Settings) -> list[dict[str, Any]]:
    faults = []
    if not settings.local:
        faults.append(f"the command 'seed' is only for the local stack ({PREFIX}LOCAL=1)")
    if settings.permissions_file is None:
        faults.append(f"{PREFIX}PERMISSIONS_FILE is missing")
    if faults or settings.permissions_file is None:
        raise BadSettings(faults)
    declared: list[dict[str, Any]] = DeclaredPermission(many=True).load(
        orjson.loads(settings.permissions_file.read_bytes())
    )
    return declared


def _seed(company: dict[str, Any], permissions: list[dict[str, Any]]) -> dict[str, Any]:
    tenant_id = usecases.company_id(company["corp_id"])
    with db.transaction(tenant_id) as tx:
        told = usecases.seed_company(
            tx.session, tenant_id=tenant_id, permissions=permissions, **company
        )
    return {"corp_id": company["corp_id"], **_document(told)}


def _document(told: Organisation) -> dict[str, Any]:
    """The states as `people` of every other service reads them."""
    return {
        "tenant": told.tenant,
        "departments": told.departments,
        "roles": told.roles,
        "people": told.people,
    }
