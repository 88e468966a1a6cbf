"""What people and other services do with customers. Edges open the transaction."""

from customers.usecases.contacts import add_contact
from customers.usecases.customers import complete_customer, enter_customer
from customers.usecases.openings import open_customer, withdraw_customer
from customers.usecases.states import state_of_customer

__all__ = [
    "add_contact",
    "complete_customer",
    "enter_customer",
    "open_customer",
    "state_of_customer",
    "withdraw_customer",
]
