"""Who is who, what keeps people signed in, our keys, and what is refused."""

from identity.models.keys import SigningKey
from identity.models.organisation import Department, Person, Role, Tenant
from identity.models.refusals import (
    UNKNOWN_DEPARTMENT,
    UNKNOWN_PERMISSION,
    UNKNOWN_PERSON,
    UNKNOWN_ROLE,
    DepartmentInUse,
    GoesInCircle,
    LastAdministrator,
    NotInVisibleRange,
    RoleExists,
)
from identity.models.sign_ins import (
    ACCESS_LIFE,
    GRACE,
    LONGEST,
    REST,
    REVOKED_FOR,
    Ending,
    RefreshToken,
    SignIn,
)
from identity.models.tables import Base

__all__ = [
    "ACCESS_LIFE",
    "GRACE",
    "LONGEST",
    "REST",
    "REVOKED_FOR",
    "UNKNOWN_DEPARTMENT",
    "UNKNOWN_PERMISSION",
    "UNKNOWN_PERSON",
    "UNKNOWN_ROLE",
    "Base",
    "Department",
    "DepartmentInUse",
    "Ending",
    "GoesInCircle",
    "LastAdministrator",
    "NotInVisibleRange",
    "Person",
    "RefreshToken",
    "Role",
    "RoleExists",
    "SignIn",
    "SigningKey",
    "Tenant",
]
