"""Makers of test data: valid by default, in the test's own tenant."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import calendar, db
from chassis.access import Actor, Scope
from chassis.events import touch
from chassis.service import Service
from chassis.testing import Crew, Delivered
from customers.app import service as customers_service
from customers.models import Collaborator, Customer

SALES: dict[str, Scope] = {
    "customer.view": "own",
    "customer.create": "own",
    "customer.edit": "own",
}
LEADS: dict[str, Scope] = {"customer.view": "team", "customer.edit": "team"}

InTenant = Callable[[], AbstractContextManager[Session]]


@pytest.fixture(scope="session")
def service() -> Service:
    return customers_service


@pytest.fixture
def ada(crew: Crew) -> Actor:
    """A salesperson."""
    return crew.person("陈静", grants=SALES)


@pytest.fixture
def bob(crew: Crew) -> Actor:
    """Another salesperson of the same company."""
    return crew.person("刘洋", grants=SALES)


@pytest.fixture
def leader(crew: Crew, ada: Actor) -> Actor:
    """Whom ada reports to."""
    above = crew.person("王芳", grants=LEADS)
    crew.change(ada, superior_id=above.person_id)
    return above


@pytest.fixture
def eve(other_crew: Crew) -> Actor:
    """A salesperson of another company, who may see everything there."""
    return other_crew.person("孙丽", grants=dict.fromkeys(SALES, "all"))


@pytest.fixture
def in_tenant(database: db.Database, crew: Crew) -> InTenant:
    """Opens a transaction of the crew's tenant, for what has no interface yet."""

    @contextmanager
    def opened() -> Iterator[Session]:
        token = db.database.set(database)
        with db.transaction(crew.id) as tx:
            yield tx.session
        db.database.reset(token)

    return opened


@pytest.fixture
def a_customer(client_of: Callable[..., FlaskClient]) -> Callable[..., dict[str, Any]]:
    """Makes a customer as `by` would enter it; answers it as the interface shows it."""

    def make(*, by: Actor, **written: Any) -> dict[str, Any]:
        form = {"name": "晨曦精密机械（苏州）有限公司", **written}
        answer = client_of(by).post("/api/v1/customers", json=form)
        assert answer.status_code == 201, answer.json
        customer: dict[str, Any] = answer.json
        return customer

    return make


@pytest.fixture
def a_contact(client_of: Callable[..., FlaskClient]) -> Callable[..., dict[str, Any]]:
    """Makes a contact at a customer, as `by` would take it down."""

    def make(*, by: Actor, at: dict[str, Any], **written: Any) -> dict[str, Any]:
        form = {"customer_id": at["id"], "name": "赵敏", "mobile": "13800006666", **written}
        answer = client_of(by).post("/api/v1/contacts", json=form)
        assert answer.status_code == 201, answer.json
        contact: dict[str, Any] = answer.json
        return contact

    return make


@pytest.fixture
def a_follower(in_tenant: InTenant) -> Callable[..., None]:
    """Has one more person follow a customer."""

    def make(person: Actor, customer: dict[str, Any]) -> None:
        with in_tenant() as session:
            row = _customer(session, customer)
            row.follow(person.person_id, now=calendar.now())
            touch(session, row)

    return make


@pytest.fixture
def a_collaborator(in_tenant: InTenant) -> Callable[..., None]:
    """Has a person help with a customer."""

    def make(person: Actor, customer: dict[str, Any], *, kind: str = "pre_sales") -> None:
        with in_tenant() as session:
            row = _customer(session, customer)
            helper = Collaborator(person_id=person.person_id, kind=kind, since=calendar.now())
            row.collaborators.append(helper)
            touch(session, row)

    return make


def _customer(session: Session, shown: dict[str, Any]) -> Customer:
    return session.scalars(select(Customer).where(Customer.id == UUID(shown["id"]))).one()


@pytest.fixture
def a_request(
    deliver: Callable[..., Delivered], example: Callable[..., dict[str, Any]], ada: Actor
) -> Callable[..., tuple[dict[str, Any], Delivered]]:
    """Delivers a lead of ada's that asks to become a customer; answers what it said, and its end.

    `customer` and `contact` are changes of the published example.
    """

    def make(
        *, customer: Any = None, contact: Any = None, times: int = 1, **changed: Any
    ) -> tuple[dict[str, Any], Delivered]:
        asked = example(
            "lead.converted.v1",
            **{
                "customer_id": str(db.new_id()),
                "asked_by": str(ada.person_id),
                "owner_id": str(ada.person_id),
                "confirmed_similar": [],
                "confirmed_because": None,
                **changed,
            },
        )
        asked["customer"] = {**asked["customer"], **(customer or {})}
        asked["contact"] = {**asked["contact"], **(contact or {})}
        return asked, deliver("lead.converted.v1", asked, times=times, actor=ada.person_id)

    return make
