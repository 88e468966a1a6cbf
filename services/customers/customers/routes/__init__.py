"""HTTP in: read the request, open the transaction, call one use case, answer."""

from customers.routes.contacts import contacts
from customers.routes.customers import customers

__all__ = ["contacts", "customers"]
