"""HTTP in: read the request, open the transaction, call one use case, answer."""

from typing import Any
from uuid import UUID

from chassis import calendar
from chassis.db import transaction
from chassis.web import Blueprint, Response
from leads import queries, usecases
from leads.schemas import LeadChange, LeadFilter, LeadView, NewConversion, NewLead

leads = Blueprint("leads", url_prefix="/api/v1/leads")


@leads.get("", permission="lead.view")
@leads.arguments(LeadFilter, location="query")
@leads.lists(LeadView)
def browse(wanted: dict[str, Any]) -> Response:
    """The leads that you may see, newest first."""
    with transaction() as tx:
        return tx.page(LeadView, queries.leads(tx.session, by=tx.actor, **wanted))


@leads.post("", permission="lead.create")
@leads.arguments(NewLead)
@leads.answers(201, LeadView)
def enter(form: dict[str, Any]) -> Response:
    """Take down a lead; it is yours to follow."""
    with transaction() as tx:
        return tx.answer(LeadView, usecases.enter_lead(tx.session, by=tx.actor, **form), 201)


@leads.get("/<uuid:lead_id>", permission="lead.view")
@leads.answers(200, LeadView)
def read(lead_id: UUID) -> Response:
    """One lead, whole."""
    with transaction() as tx:
        return tx.answer(LeadView, queries.lead(tx.session, by=tx.actor, lead_id=lead_id))


@leads.patch("/<uuid:lead_id>", permission="lead.edit")
@leads.arguments(LeadChange)
@leads.answers(200, LeadView)
def complete(form: dict[str, Any], lead_id: UUID) -> Response:
    """Fill in or correct what is known of a lead."""
    with transaction() as tx:
        version = tx.expected_version
        lead = usecases.complete_lead(
            tx.session, by=tx.actor, lead_id=lead_id, version=version, changes=form
        )
        return tx.answer(LeadView, lead)


@leads.post("/<uuid:lead_id>/archive", permission="lead.archive")
@leads.answers(200, LeadView)
def archive(lead_id: UUID) -> Response:
    """Put a lead away; it leaves the list and stays findable."""
    with transaction() as tx:
        lead = usecases.archive_lead(
            tx.session,
            by=tx.actor,
            lead_id=lead_id,
            version=tx.expected_version,
            now=calendar.now(),
        )
        return tx.answer(LeadView, lead)


@leads.post("/<uuid:lead_id>/convert", permission="lead.convert")
@leads.arguments(NewConversion)
@leads.answers(202, LeadView)
def convert(form: dict[str, Any], lead_id: UUID) -> Response:
    """Make a lead a customer: accepted now, done within moments, or back with the reason."""
    with transaction() as tx:
        lead = usecases.convert_lead(
            tx.session,
            by=tx.actor,
            lead_id=lead_id,
            version=tx.expected_version,
            now=calendar.now(),
            **form,
        )
        return tx.answer(LeadView, lead, 202)


@leads.post("/<uuid:lead_id>/undo-conversion", permission="lead.convert")
@leads.answers(202, LeadView)
def undo_conversion(lead_id: UUID) -> Response:
    """Have the lead back on the same day, while nothing else hangs on the customer."""
    with transaction() as tx:
        lead = usecases.undo_conversion(
            tx.session,
            by=tx.actor,
            lead_id=lead_id,
            version=tx.expected_version,
            now=calendar.now(),
        )
        return tx.answer(LeadView, lead, 202)
