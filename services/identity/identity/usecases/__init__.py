"""What happens to people, their sessions and our keys. Edges open the transaction."""

from identity.usecases.companies import company_id, seed_company
from identity.usecases.sign_ins import Grant, end_sign_in, open_sign_in, renew_sign_in
from identity.usecases.signing import public_keys
from identity.usecases.states import (
    state_of_department,
    state_of_person,
    state_of_role,
    state_of_tenant,
)

__all__ = [
    "Grant",
    "company_id",
    "end_sign_in",
    "open_sign_in",
    "public_keys",
    "renew_sign_in",
    "seed_company",
    "state_of_department",
    "state_of_person",
    "state_of_role",
    "state_of_tenant",
]
