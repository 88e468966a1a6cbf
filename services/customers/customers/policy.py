"""Who may see and touch which customer and contact: one definition, as SQL and as a check."""

from sqlalchemy import ColumnElement, select, true, union_all

from chassis.access import Actor, Permission, Reach
from chassis.people import TENANT, Act, Policy, within
from customers.models import Collaborator, Contact, ContactLink, Customer, Follower

permissions = [
    Permission(
        "customer.view",
        zh="查看客户",
        en="View customers",
        roles={"salesperson": "own", "leader": "team", "customer_assigner": "all", "admin": "all"},
    ),
    Permission(
        "customer.create",
        zh="新增客户",
        en="Create customers",
        roles={"salesperson": "own", "leader": "own", "admin": "own"},
    ),
    Permission(
        "customer.edit",
        zh="修改客户及其联系人",
        en="Edit customers and their contacts",
        roles={"salesperson": "own", "leader": "team", "admin": "all"},
    ),
]

at_hand = Customer.archived_at.is_(None)


def worked_on_within(reach: Reach) -> ColumnElement[bool]:
    """Whether somebody within a reach follows the customer; all of them are more than followed.

    Whoever helps with a customer may edit it for its follower (COLL-03). It is one list of ids, so
    that somebody's few customers are found without a walk through everybody's.
    """
    if "all" in reach.scopes:
        return true()
    followed = select(Follower.customer_id).where(
        Follower.tenant_id == TENANT, within(reach, Follower.person_id)
    )
    helped = select(Collaborator.customer_id).where(
        Collaborator.tenant_id == TENANT, Collaborator.person_id == reach.person_id
    )
    return Customer.id.in_(union_all(followed, helped))


def _may_see(by: Actor) -> ColumnElement[bool]:
    return worked_on_within(by.scope("customer.view"))


customers = Policy(
    Customer,
    see=_may_see,
    acts={
        "edit": Act("customer.edit", whose=worked_on_within, when=at_hand),
        "add_contact": Act("customer.edit", whose=worked_on_within, when=at_hand),
    },
)


def _stands_for_one_of_mine(by: Actor) -> ColumnElement[bool]:
    """Contacts are seen through their customers: nothing is granted on them alone (rules 5)."""
    return (
        select(ContactLink.contact_id)
        .join(
            Customer,
            (Customer.tenant_id == ContactLink.tenant_id)
            & (Customer.id == ContactLink.customer_id),
        )
        .where(
            ContactLink.tenant_id == TENANT,
            ContactLink.contact_id == Contact.id,
            _may_see(by),
        )
        .exists()
    )


contacts = Policy(Contact, see=_stands_for_one_of_mine)
