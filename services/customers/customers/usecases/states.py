"""What others are told of our records after every change."""

from sqlalchemy.orm import Session

from chassis.events import states
from customers.events import CustomerState
from customers.models import Customer


@states(Customer, CustomerState)
def state_of_customer(_: Session, customer: Customer) -> CustomerState:
    """A customer with everybody who works on it, so that others can decide who may see it."""
    return CustomerState(
        name=customer.name,
        lead_id=customer.lead_id,
        creator_id=customer.creator_id,
        followers=[
            {"person_id": one.person_id, "is_main": one.is_main} for one in customer.followers
        ],
        collaborators=[
            {"person_id": one.person_id, "kind": one.kind}  # type: ignore[typeddict-item]
            for one in customer.collaborators
        ],
        created_at=customer.created_at,
        archived_at=customer.archived_at,
    )
