"""Makers of test data: valid by default, in the test's own tenant."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from chassis import calendar, db
from chassis.access import Actor, Scope
from chassis.service import Service
from chassis.testing import Crew, Delivered
from leads.app import service as leads_service
from leads.models import Conversion

SALES: dict[str, Scope] = {
    "lead.view": "own",
    "lead.create": "own",
    "lead.edit": "own",
    "lead.archive": "own",
}
CONVERTS: dict[str, Scope] = {**SALES, "lead.convert": "own"}


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


@pytest.fixture
def cleo(crew: Crew) -> Actor:
    """A salesperson who may turn leads into customers."""
    return crew.person("何洁", grants=CONVERTS)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the present moment."""

    def show(moment: datetime) -> None:
        monkeypatch.setattr(calendar, "now", lambda: moment)

    return show


@pytest.fixture
def a_converting_lead(
    client_of: Callable[..., FlaskClient], a_lead: Callable[..., dict[str, Any]]
) -> Callable[..., dict[str, Any]]:
    """Makes a lead that has asked to become a customer; `form` is what was written then."""

    def make(*, by: Actor, form: dict[str, Any] | None = None, **written: Any) -> dict[str, Any]:
        lead = a_lead(by=by, **{"company_name": "晨曦精密机械（苏州）有限公司", **written})
        answer = client_of(by).post(f"/api/v1/leads/{lead['id']}/convert", json=form or {})
        assert answer.status_code == 202, answer.json
        converting: dict[str, Any] = answer.json
        return converting

    return make


@pytest.fixture
def hear(
    deliver: Callable[..., Delivered], example: Callable[..., dict[str, Any]]
) -> Callable[..., Delivered]:
    """Has customers answer for a lead: the published example, about this lead and customer."""

    def tell(
        topic: str, lead: dict[str, Any], *, undo: str | None = None, **envelope: Any
    ) -> Delivered:
        said = {"lead_id": lead["id"], **({"undo": undo} if undo else {})}
        return deliver(
            topic, example(topic, **said), **{"subject": lead["customer_id"], **envelope}
        )

    return tell


@pytest.fixture
def read(client_of: Callable[..., FlaskClient]) -> Callable[..., dict[str, Any]]:
    """A lead as somebody sees it now, in the list and alone, which must be the same."""

    def look(who: Actor, lead: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = client_of(who).get(f"/api/v1/leads/{lead['id']}").json
        listed = client_of(who).get("/api/v1/leads?page_size=200").json["items"]
        assert shown in listed
        return shown

    return look


@pytest.fixture
def a_converted_lead(
    a_converting_lead: Callable[..., dict[str, Any]],
    hear: Callable[..., Delivered],
    read: Callable[..., dict[str, Any]],
) -> Callable[..., dict[str, Any]]:
    """Makes a lead that has become a customer."""

    def make(*, by: Actor, **written: Any) -> dict[str, Any]:
        lead = a_converting_lead(by=by, **written)
        hear("customer.created.v1", lead)
        return read(by, lead)

    return make


@pytest.fixture
def conversions(database: db.Database, crew: Crew) -> Callable[[dict[str, Any]], list[Conversion]]:
    """The attempts of a lead, oldest first."""

    def kept(lead: dict[str, Any]) -> list[Conversion]:
        wanted = select(Conversion).where(Conversion.lead_id == UUID(lead["id"]))
        token = db.database.set(database)
        with db.transaction(crew.id) as tx:
            found = list(tx.session.scalars(wanted.order_by(Conversion.id)))
        db.database.reset(token)
        return found

    return kept
