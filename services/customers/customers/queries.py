"""Lists of customers and contacts, and who is here already; nothing here writes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from chassis.access import Actor
from chassis.db import find
from chassis.lists import Page, Paging, page_of
from chassis.people import TENANT
from chassis.tables import org_people
from customers import policy
from customers.models import (
    Collaborator,
    Contact,
    ContactLink,
    Customer,
    Follower,
    alike,
    strongest,
)

_SORTABLE = {"created_at": Customer.created_at, "updated_at": Customer.updated_at}


def _people(relation: Any, *shown: str) -> ColumnElement[Any]:
    """Everybody who stands in one relation to a customer, as JSON, since whenever they do."""
    facts = [part for name in shown for part in (name, getattr(relation, name))]
    listed = func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*facts), relation.since))
    told = select(listed).where(
        relation.tenant_id == Customer.tenant_id, relation.customer_id == Customer.id
    )
    return func.coalesce(told.scalar_subquery(), cast([], JSONB))


_ROWS = select(
    Customer.id,
    Customer.name,
    Customer.uscc,
    Customer.phone,
    Customer.mobile,
    Customer.fax,
    Customer.address,
    Customer.postcode,
    Customer.remark,
    Customer.lead_id,
    Customer.creator_id,
    _people(Follower, "person_id", "is_main").label("followers"),
    _people(Collaborator, "person_id", "kind").label("collaborators"),
    Customer.created_at,
    Customer.updated_at,
    Customer.archived_at,
    Customer.version,
)


def customers(
    session: Session,
    *,
    by: Actor,
    paging: Paging,
    follower_id: UUID | None = None,
    created_from: datetime | None = None,
    created_before: datetime | None = None,
    archived: bool = False,
) -> Page:
    """The customers that the actor may see, one page of them."""
    wanted = _ROWS.add_columns(policy.customers.allowed_actions(by))
    wanted = wanted.where(policy.customers.visible(by))
    wanted = wanted.where(Customer.archived_at.is_not(None) if archived else policy.at_hand)
    if follower_id is not None:
        followed = select(Follower.customer_id).where(
            Follower.tenant_id == TENANT, Follower.person_id == follower_id
        )
        wanted = wanted.where(Customer.id.in_(followed))
    if created_from is not None:
        wanted = wanted.where(Customer.created_at >= created_from)
    if created_before is not None:
        wanted = wanted.where(Customer.created_at < created_before)
    return page_of(session, wanted, sortable=_SORTABLE, id=Customer.id, paging=paging)


def customer(session: Session, *, by: Actor, customer_id: UUID) -> Customer:
    """One customer; raises NotFound where the actor may not see it."""
    return find(session, Customer, customer_id, policy.customers, by=by)


def contacts(
    session: Session,
    *,
    by: Actor,
    paging: Paging,
    customer_id: UUID | None = None,
    archived: bool = False,
) -> Page:
    """The contacts of customers that the actor may see, one page of them."""
    links = select(func.jsonb_agg(ContactLink.customer_id)).where(
        ContactLink.tenant_id == Contact.tenant_id, ContactLink.contact_id == Contact.id
    )
    wanted = select(
        Contact.id,
        Contact.name,
        Contact.gender,
        Contact.mobile,
        Contact.phone,
        Contact.email,
        Contact.qq,
        Contact.wechat,
        Contact.address,
        Contact.postcode,
        Contact.department,
        Contact.title,
        Contact.remark,
        links.scalar_subquery().label("customer_ids"),
        Contact.creator_id,
        Contact.created_at,
        Contact.updated_at,
        Contact.archived_at,
        Contact.version,
    ).where(policy.contacts.visible(by))
    at_hand = Contact.archived_at.is_not(None) if archived else Contact.archived_at.is_(None)
    wanted = wanted.where(at_hand)
    if customer_id is not None:
        linked = select(ContactLink.contact_id).where(
            ContactLink.tenant_id == TENANT, ContactLink.customer_id == customer_id
        )
        wanted = wanted.where(Contact.id.in_(linked))
    sortable = {"created_at": Contact.created_at}
    return page_of(session, wanted, sortable=sortable, id=Contact.id, paging=paging)


def contact(session: Session, *, by: Actor, contact_id: UUID) -> Contact:
    """One contact; raises NotFound where the actor may not see its customer."""
    return find(session, Contact, contact_id, policy.contacts, by=by)


def similar(
    session: Session, *, by: Actor, name: str, uscc: str | None = None, mobile: str | None = None
) -> list[Mapping[str, Any]]:
    """Who is here already and may be the company of that name, at most five (decision 16).

    Tells of anybody's customers, and therefore only the name, who follows it and the follow state.
    """
    asked = alike(name=name, uscc=uscc, mobiles=[mobile] if mobile else [])
    matches = strongest(session.execute(asked))
    whose = and_(
        Follower.tenant_id == Customer.tenant_id,
        Follower.customer_id == Customer.id,
        Follower.is_main,
    )
    person = and_(
        org_people.c.tenant_id == Follower.tenant_id, org_people.c.id == Follower.person_id
    )
    told = (
        select(
            Customer.id,
            Customer.name,
            Follower.person_id,
            org_people.c.name.label("follower"),
            policy.customers.visible(by).label("is_visible"),
        )
        .outerjoin(Follower, whose)
        .outerjoin(org_people, person)
        .where(Customer.tenant_id == TENANT, Customer.id.in_([m.customer_id for m in matches]))
    )
    known = {row.id: row for row in session.execute(told)}
    return [
        {
            "customer_id": match.customer_id,
            "name": known[match.customer_id].name,
            "key": match.key,
            "is_same": match.is_same,
            "main_follower": known[match.customer_id].follower,
            "follow_state": _follow_state(known[match.customer_id].person_id),
            "is_visible": known[match.customer_id].is_visible,
        }
        for match in matches
    ]


def _follow_state(follower_id: UUID | None) -> str:
    """CUST-16, as far as it can be told before there are activities."""
    return "in_pool" if follower_id is None else "to_be_followed"
