"""Customers over HTTP."""

from typing import Any
from uuid import UUID

from chassis import calendar
from chassis.db import transaction
from chassis.web import Blueprint, Response
from customers import queries, usecases
from customers.schemas import (
    CustomerChange,
    CustomerFilter,
    CustomerView,
    Likeness,
    NewCustomer,
    SimilarList,
)

customers = Blueprint("customers", url_prefix="/api/v1/customers")


@customers.get("", permission="customer.view")
@customers.arguments(CustomerFilter, location="query")
@customers.lists(CustomerView)
def browse(wanted: dict[str, Any]) -> Response:
    """The customers that you may see, newest first."""
    with transaction() as tx:
        return tx.page(CustomerView, queries.customers(tx.session, by=tx.actor, **wanted))


@customers.post("", permission="customer.create")
@customers.arguments(NewCustomer)
@customers.answers(201, CustomerView)
def enter(form: dict[str, Any]) -> Response:
    """Take down a customer; you follow it."""
    with transaction() as tx:
        customer = usecases.enter_customer(tx.session, by=tx.actor, now=calendar.now(), **form)
        return tx.answer(CustomerView, customer, 201)


@customers.get("/similar", permission="customer.create")
@customers.arguments(Likeness, location="query")
@customers.answers(200, SimilarList)
def similar(asked: dict[str, Any]) -> Response:
    """Who is here already and may be the same company; asked before one is entered."""
    with transaction() as tx:
        found = queries.similar(tx.session, by=tx.actor, **asked)
        return tx.tell(SimilarList, {"items": found})


@customers.get("/<uuid:customer_id>", permission="customer.view")
@customers.answers(200, CustomerView)
def read(customer_id: UUID) -> Response:
    """One customer, whole."""
    with transaction() as tx:
        customer = queries.customer(tx.session, by=tx.actor, customer_id=customer_id)
        return tx.answer(CustomerView, customer)


@customers.patch("/<uuid:customer_id>", permission="customer.edit")
@customers.arguments(CustomerChange)
@customers.answers(200, CustomerView)
def complete(form: dict[str, Any], customer_id: UUID) -> Response:
    """Fill in or correct what is known of a customer."""
    with transaction() as tx:
        version = tx.expected_version
        customer = usecases.complete_customer(
            tx.session, by=tx.actor, customer_id=customer_id, version=version, changes=form
        )
        return tx.answer(CustomerView, customer)
