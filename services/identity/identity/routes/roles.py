"""Roles over HTTP, and the permissions that they are made of."""

from typing import Any
from uuid import UUID

import orjson
from flask import current_app

from chassis.db import transaction
from chassis.web import Blueprint, Response
from identity import queries, usecases
from identity.schemas import (
    NewRole,
    PermissionList,
    RoleChange,
    RoleFilter,
    RoleView,
)

roles = Blueprint("roles", url_prefix="/api/v1/roles")
permissions = Blueprint("permissions", url_prefix="/api/v1/permissions")


def declared_permissions() -> list[dict[str, Any]]:
    """Every permission that any service asks for, as `make api` wrote them down."""
    declared: list[dict[str, Any]] = orjson.loads(
        current_app.extensions["settings"].permissions_file.read_bytes()
    )
    return declared


def known_permissions() -> set[str]:
    """The keys of those."""
    return {permission["key"] for permission in declared_permissions()}


@permissions.get("", permission="organisation.view")
@permissions.answers(200, PermissionList)
def show() -> Response:
    """What can be permitted, by its key and its name in both languages."""
    declared = declared_permissions()
    with transaction() as tx:
        return tx.tell(PermissionList, {"items": declared})


@roles.get("", permission="organisation.view")
@roles.arguments(RoleFilter, location="query")
@roles.lists(RoleView)
def browse(wanted: dict[str, Any]) -> Response:
    """The roles of the company and what each gives."""
    with transaction() as tx:
        return tx.page(RoleView, queries.roles(tx.session, by=tx.actor, **wanted))


@roles.post("", permission="organisation.edit")
@roles.arguments(NewRole)
@roles.answers(201, RoleView)
def make(form: dict[str, Any]) -> Response:
    """Add a role of the company's own."""
    known = known_permissions()
    with transaction() as tx:
        role = usecases.make_role(tx.session, by=tx.actor, known=known, **form)
        return tx.answer(RoleView, role, 201)


@roles.patch("/<uuid:role_id>", permission="organisation.edit")
@roles.arguments(RoleChange)
@roles.answers(200, RoleView)
def change(form: dict[str, Any], role_id: UUID) -> Response:
    """What a role is called and what it gives."""
    known = known_permissions()
    with transaction() as tx:
        role = usecases.change_role(
            tx.session,
            by=tx.actor,
            role_id=role_id,
            version=tx.expected_version,
            changes=form,
            known=known,
        )
        return tx.answer(RoleView, role)
