"""What a customer is, who follows it, whom we speak to there, and what they refuse."""

from customers.models.contacts import Contact, ContactLink
from customers.models.customers import Collaborator, Customer, Follower, Gender, Kind
from customers.models.matching import alike, strongest
from customers.models.openings import Key, Match, Opening
from customers.models.refusals import (
    BadUscc,
    ContactWayMissing,
    CustomerArchived,
    CustomerExists,
    ReasonMissing,
    SimilarCustomers,
    UnreadableName,
)
from customers.models.tables import Base

__all__ = [
    "BadUscc",
    "Base",
    "Collaborator",
    "Contact",
    "ContactLink",
    "ContactWayMissing",
    "Customer",
    "CustomerArchived",
    "CustomerExists",
    "Follower",
    "Gender",
    "Key",
    "Kind",
    "Match",
    "Opening",
    "ReasonMissing",
    "SimilarCustomers",
    "UnreadableName",
    "alike",
    "strongest",
]
