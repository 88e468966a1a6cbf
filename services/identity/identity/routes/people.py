"""People over HTTP."""

from typing import Any
from uuid import UUID

from chassis import calendar
from chassis.db import transaction
from chassis.web import Blueprint, Response
from identity import queries, usecases
from identity.routes.roles import known_permissions
from identity.schemas import ColleagueView, PersonChange, PersonFilter

people = Blueprint("people", url_prefix="/api/v1/people")


@people.get("", permission="organisation.view")
@people.arguments(PersonFilter, location="query")
@people.lists(ColleagueView)
def browse(wanted: dict[str, Any]) -> Response:
    """The people of the company, and what they may do."""
    with transaction() as tx:
        return tx.page(ColleagueView, queries.people(tx.session, by=tx.actor, **wanted))


@people.get("/<uuid:person_id>", permission="organisation.view")
@people.answers(200, ColleagueView)
def read(person_id: UUID) -> Response:
    """One person."""
    with transaction() as tx:
        return tx.answer(
            ColleagueView, queries.person(tx.session, by=tx.actor, person_id=person_id)
        )


@people.patch("/<uuid:person_id>", permission="organisation.edit")
@people.arguments(PersonChange)
@people.answers(200, ColleagueView)
def change(form: dict[str, Any], person_id: UUID) -> Response:
    """What somebody is called here, whom they report to, and what they may do."""
    known = known_permissions()
    with transaction() as tx:
        person = usecases.change_person(
            tx.session,
            by=tx.actor,
            person_id=person_id,
            version=tx.expected_version,
            changes=form,
            known=known,
        )
        return tx.answer(ColleagueView, person)


@people.post("/<uuid:person_id>/disable", permission="organisation.edit")
@people.answers(200, ColleagueView)
def disable(person_id: UUID) -> Response:
    """Let somebody in no longer, on any service."""
    with transaction() as tx:
        person = usecases.disable_person(
            tx.session,
            by=tx.actor,
            person_id=person_id,
            version=tx.expected_version,
            now=calendar.now(),
        )
        return tx.answer(ColleagueView, person)


@people.post("/<uuid:person_id>/enable", permission="organisation.edit")
@people.answers(200, ColleagueView)
def enable(person_id: UUID) -> Response:
    """Let somebody in again."""
    with transaction() as tx:
        person = usecases.enable_person(
            tx.session, by=tx.actor, person_id=person_id, version=tx.expected_version
        )
        return tx.answer(ColleagueView, person)
