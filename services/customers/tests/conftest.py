"""Makers of test data: valid by default, in the test's own tenant."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from chassis.access import Actor, Scope
from chassis.service import Service
from chassis.testing import Crew
from customers.app import service as customers_service

SALES: dict[str, Scope] = {
    "customer.view": "own",
    "customer.create": "own",
    "customer.edit": "own",
}


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
def a_customer(client_of: Callable[..., FlaskClient]) -> Callable[..., dict[str, Any]]:
    """Makes a customer as `by` would enter it; answers it as the interface shows it."""

    def make(*, by: Actor, **written: Any) -> dict[str, Any]:
        form = {"name": f"{uuid4().hex}有限公司", **written}
        answer = client_of(by).post("/api/v1/customers", json=form)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    return make


@pytest.fixture
def a_contact(client_of: Callable[..., FlaskClient]) -> Callable[..., dict[str, Any]]:
    """Makes a contact of a customer as `by` would."""

    def make(customer: dict[str, Any], *, by: Actor, **written: Any) -> dict[str, Any]:
        form = {"customer_id": customer["id"], "name": "赵敏", "qq": "10001", **written}
        answer = client_of(by).post("/api/v1/contacts", json=form)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    return make
