"""Which customers are alike (rules 3, decision 16): one statement for those who ask and check."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, select, union_all

from chassis import phones
from chassis.people import TENANT
from customers.models import names
from customers.models.contacts import Contact, ContactLink
from customers.models.customers import Customer
from customers.models.openings import Key, Match

# A guard against harvesting, as in look-ups (decision 13). Nobody is asked to confirm more than
# they can be shown.
MOST_SIMILAR = 5


def alike(*, name: str, uscc: str | None, mobiles: Collection[str]) -> Select[*tuple[Any, ...]]:
    """Customers with the same key as a company of this name, code or mobiles, as (id, key) rows.

    The same name or code is the same company. The same core in another region or legal form, or
    the same mobile, may be; a core never matches by a part of it.
    """
    told = names.read(name)
    found = [
        _customers(Key.NAME, Customer.name_normalized == told.strict),
        _customers(Key.CORE, Customer.name_core == told.core),
    ]
    if uscc:
        found.append(_customers(Key.USCC, Customer.uscc == names.uscc(uscc)))
    if mobiles:
        numbers = [phones.read(mobile).canonical for mobile in mobiles]
        found.append(_customers(Key.MOBILE, Customer.mobile_canonical.in_(numbers)))
        through = and_(
            ContactLink.tenant_id == Customer.tenant_id, ContactLink.customer_id == Customer.id
        )
        whose = and_(Contact.tenant_id == Customer.tenant_id, Contact.id == ContactLink.contact_id)
        reached = Contact.mobile_canonical.in_(numbers) & Contact.archived_at.is_(None)
        found.append(
            _customers(Key.MOBILE, reached).join(ContactLink, through).join(Contact, whose)
        )
    together = union_all(*found).subquery()
    return select(together.c.id, func.array_agg(together.c.key).label("keys")).group_by(
        together.c.id
    )


def strongest(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Match]:
    """Each customer once, with the strongest of its keys; the same companies come first.

    There are five at most, and the older ones stay: who was shown five is asked about those five.
    """
    order = list(Key)
    matches = [Match(row.id, min(map(Key, row.keys), key=order.index)) for row in rows]
    matches.sort(key=lambda match: (order.index(match.key), match.customer_id))
    return matches[:MOST_SIMILAR]


def _customers(key: Key, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(Customer.id, literal(str(key)).label("key")).where(
        Customer.tenant_id == TENANT,
        Customer.archived_at.is_(None),
        condition,
    )
