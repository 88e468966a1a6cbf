"""HTTP in: read the request, open the transaction, call one use case, answer."""

from identity.routes.departments import departments
from identity.routes.people import people
from identity.routes.roles import permissions, roles
from identity.routes.sessions import internal, me, own_keys, sessions

__all__ = [
    "departments",
    "internal",
    "me",
    "own_keys",
    "people",
    "permissions",
    "roles",
    "sessions",
]
