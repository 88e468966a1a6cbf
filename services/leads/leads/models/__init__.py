"""What a lead is, what may happen to it, how it becomes a customer, and what it refuses."""

from leads.models.conversions import Conversion, Question
from leads.models.copies import CustomerCopy, customer_copies
from leads.models.leads import CONTACT_WAYS, Gender, Lead, Source, State
from leads.models.refusals import (
    AlreadyConverted,
    ContactNameMissing,
    CustomerNameMissing,
    LeadArchived,
    LeadConverting,
    NoContactWay,
    NoName,
    NotConverted,
    UndoTooLate,
)
from leads.models.tables import Base

__all__ = [
    "CONTACT_WAYS",
    "AlreadyConverted",
    "Base",
    "ContactNameMissing",
    "Conversion",
    "CustomerCopy",
    "CustomerNameMissing",
    "Gender",
    "Lead",
    "LeadArchived",
    "LeadConverting",
    "NoContactWay",
    "NoName",
    "NotConverted",
    "Question",
    "Source",
    "State",
    "UndoTooLate",
    "customer_copies",
]
