"""Makers of test data: valid by default, in the test's own tenant."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from chassis.access import Actor, Scope
from chassis.service import Service
from chassis.testing import Crew
from leads.app import service as leads_service

SALES: dict[str, Scope] = {
    "lead.view": "own",
    "lead.create": "own",
    "lead.edit": "own",
    "lead.archive": "own",
}


@pytest.fixture(scope="session")
def service() -> Service:
    return leads_service


@pytest.fixture
def ada(crew: Crew) -> Actor:
    """A salesperson."""
    return crew.person("陈静", grants=SALES)


@pytest.fixture
def bob(crew: Crew) -> Actor:
    """Another salesperson of the same company."""
    return crew.person("刘洋", grants=SALES)


@pytest.fixture
def a_lead(client_of: Callable[..., FlaskClient]) -> Callable[..., dict[str, Any]]:
    """Makes a lead as `by` would enter it; answers it as the interface shows it."""

    def make(*, by: Actor, **written: Any) -> dict[str, Any]:
        form = {"name": "赵敏", "mobile": "13800006666", **written}
        answer = client_of(by).post("/api/v1/leads", json=form)
        assert answer.status_code == 201, answer.json
        lead: dict[str, Any] = answer.json
        return lead

    return make
