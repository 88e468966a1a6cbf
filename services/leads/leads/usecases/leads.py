"""Entering, completing and putting away leads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.db import find
from leads import policy
from leads.models import Lead


def enter_lead(session: Session, *, by: Actor, **written: Any) -> Lead:
    """Take down a lead; who enters it follows it (decision 15).

    Raises NoContactWay without any way to reach it (LEAD-03), NoName without a name or company.
    """
    lead = Lead(owner_id=by.person_id, creator_id=by.person_id, **written)
    lead.must_be_reachable()
    session.add(lead)
    return lead


def complete_lead(
    session: Session, *, by: Actor, lead_id: UUID, version: int | None, changes: dict[str, Any]
) -> Lead:
    """Fill in or correct what is known of a lead (LEAD-09).

    Raises NotFound, NotYours, Stale; LeadArchived, LeadConverting, AlreadyConverted; NoContactWay,
    NoName.
    """
    lead = find(session, Lead, lead_id, policy.leads, by=by, to="edit", version=version)
    lead.complete(changes)
    return lead


def archive_lead(
    session: Session, *, by: Actor, lead_id: UUID, version: int | None, now: datetime
) -> Lead:
    """Put a lead away; nothing is ever deleted.

    Raises NotFound, NotYours, Stale; LeadArchived, LeadConverting, AlreadyConverted.
    """
    lead = find(session, Lead, lead_id, policy.leads, by=by, to="archive", version=version)
    lead.archive(now=now)
    return lead
