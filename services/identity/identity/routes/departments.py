"""Departments over HTTP."""

from typing import Any
from uuid import UUID

from chassis import calendar
from chassis.db import transaction
from chassis.web import Blueprint, Response
from identity import queries, usecases
from identity.schemas import (
    DepartmentChange,
    DepartmentFilter,
    DepartmentView,
    NewDepartment,
)

departments = Blueprint("departments", url_prefix="/api/v1/departments")


@departments.get("", permission="organisation.view")
@departments.arguments(DepartmentFilter, location="query")
@departments.lists(DepartmentView)
def browse(wanted: dict[str, Any]) -> Response:
    """The departments of the company; their parents make them a tree."""
    with transaction() as tx:
        return tx.page(DepartmentView, queries.departments(tx.session, by=tx.actor, **wanted))


@departments.post("", permission="organisation.edit")
@departments.arguments(NewDepartment)
@departments.answers(201, DepartmentView)
def make(form: dict[str, Any]) -> Response:
    """Add a department."""
    with transaction() as tx:
        department = usecases.make_department(tx.session, by=tx.actor, **form)
        return tx.answer(DepartmentView, department, 201)


@departments.patch("/<uuid:department_id>", permission="organisation.edit")
@departments.arguments(DepartmentChange)
@departments.answers(200, DepartmentView)
def change(form: dict[str, Any], department_id: UUID) -> Response:
    """Rename a department, or put it elsewhere in the tree."""
    with transaction() as tx:
        version = tx.expected_version
        department = usecases.change_department(
            tx.session, by=tx.actor, department_id=department_id, version=version, changes=form
        )
        return tx.answer(DepartmentView, department)


@departments.post("/<uuid:department_id>/archive", permission="organisation.edit")
@departments.answers(200, DepartmentView)
def archive(department_id: UUID) -> Response:
    """Put a department away in which nobody is any more."""
    with transaction() as tx:
        department = usecases.archive_department(
            tx.session,
            by=tx.actor,
            department_id=department_id,
            version=tx.expected_version,
            now=calendar.now(),
        )
        return tx.answer(DepartmentView, department)
