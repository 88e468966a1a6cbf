"""What happens to people, their sessions and our keys. Edges open the transaction."""

from identity.usecases.companies import company_id, seed_company
from identity.usecases.organisation import (
    archive_department,
    change_department,
    change_person,
    change_role,
    disable_person,
    enable_person,
    make_department,
    make_role,
)
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
    "archive_department",
    "change_department",
    "change_person",
    "change_role",
    "company_id",
    "disable_person",
    "enable_person",
    "end_sign_in",
    "make_department",
    "make_role",
    "open_sign_in",
    "public_keys",
    "renew_sign_in",
    "seed_company",
    "state_of_department",
    "state_of_person",
    "state_of_role",
    "state_of_tenant",
]
