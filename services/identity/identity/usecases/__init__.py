"""What happens to people, their sessions and our keys. Edges open the transaction."""

from identity.usecases.companies import company_id, seed_company
from identity.usecases.sign_ins import Grant, end_sign_in, open_sign_in, renew_sign_in
from identity.usecases.signing import public_keys

__all__ = [
    "Grant",
    "company_id",
    "end_sign_in",
    "open_sign_in",
    "public_keys",
    "renew_sign_in",
    "seed_company",
]
