"""What people and other services do with leads. Edges open the transaction."""

from leads.usecases.conversions import (
    accept_conversion,
    ask_again,
    convert_lead,
    finish_undo,
    refuse_conversion,
    refuse_undo,
    undo_conversion,
)
from leads.usecases.leads import archive_lead, complete_lead, enter_lead

__all__ = [
    "accept_conversion",
    "archive_lead",
    "ask_again",
    "complete_lead",
    "convert_lead",
    "enter_lead",
    "finish_undo",
    "refuse_conversion",
    "refuse_undo",
    "undo_conversion",
]
