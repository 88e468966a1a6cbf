"""Lists of leads: filters, paging and visibility; nothing here writes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from chassis import phones
from chassis.access import Actor
from chassis.db import find
from chassis.lists import Page, Paging, page_of
from leads import policy
from leads.models import CustomerCopy, Lead

_SORTABLE = {"created_at": Lead.created_at, "updated_at": Lead.updated_at}
ROWS = select(
    Lead.id,
    Lead.name,
    Lead.company_name,
    Lead.mobile,
    Lead.phone,
    Lead.email,
    Lead.qq,
    Lead.wechat,
    Lead.address,
    Lead.postcode,
    Lead.department,
    Lead.title,
    Lead.gender,
    Lead.remark,
    Lead.source,
    Lead.owner_id,
    Lead.creator_id,
    Lead.created_at,
    Lead.updated_at,
    Lead.archived_at,
    Lead.state,
    Lead.customer_id,
    CustomerCopy.name.label("customer_name"),
    Lead.converted_at,
    Lead.refused_reason,
    Lead.refused_matches,
    Lead.version,
).outerjoin(
    CustomerCopy,
    and_(CustomerCopy.tenant_id == Lead.tenant_id, CustomerCopy.id == Lead.customer_id),
)


def leads(
    session: Session,
    *,
    by: Actor,
    paging: Paging,
    owner_id: UUID | None = None,
    source: str | None = None,
    state: str | None = None,
    number: str | None = None,
    created_from: datetime | None = None,
    created_before: datetime | None = None,
    archived: bool = False,
) -> Page:
    """The leads that the actor may see, one page of them.

    `number` is a whole telephone number in any spelling; it finds mobiles and landlines alike.
    """
    wanted = ROWS.add_columns(policy.leads.allowed_actions(by)).where(policy.leads.visible(by))
    wanted = wanted.where(Lead.archived_at.is_not(None) if archived else policy.at_hand)
    if owner_id is not None:
        wanted = wanted.where(Lead.owner_id == owner_id)
    if source is not None:
        wanted = wanted.where(Lead.source == source)
    if state is not None:
        wanted = wanted.where(Lead.state == state)
    if number is not None:
        compared = phones.read(number).canonical
        either = or_(Lead.mobile_canonical == compared, Lead.phone_canonical == compared)
        wanted = wanted.where(either)
    if created_from is not None:
        wanted = wanted.where(Lead.created_at >= created_from)
    if created_before is not None:
        wanted = wanted.where(Lead.created_at < created_before)
    return page_of(session, wanted, sortable=_SORTABLE, id=Lead.id, paging=paging)


def lead(session: Session, *, by: Actor, lead_id: UUID) -> Lead:
    """One lead; raises NotFound where the actor may not see it."""
    return find(session, Lead, lead_id, policy.leads, by=by)
