"""Contacts over HTTP."""

from typing import Any
from uuid import UUID

from chassis.db import transaction
from chassis.web import Blueprint, Response
from customers import queries, usecases
from customers.schemas import ContactFilter, ContactView, NewContact

contacts = Blueprint("contacts", url_prefix="/api/v1/contacts")


@contacts.get("", permission="customer.view")
@contacts.arguments(ContactFilter, location="query")
@contacts.lists(ContactView)
def browse(wanted: dict[str, Any]) -> Response:
    """The contacts of the customers that you may see, newest first."""
    with transaction() as tx:
        return tx.page(ContactView, queries.contacts(tx.session, by=tx.actor, **wanted))


@contacts.post("", permission="customer.edit", refuses=[404])
@contacts.arguments(NewContact)
@contacts.answers(201, ContactView)
def add(form: dict[str, Any]) -> Response:
    """Take down somebody at a customer."""
    with transaction() as tx:
        return tx.answer(ContactView, usecases.add_contact(tx.session, by=tx.actor, **form), 201)


@contacts.get("/<uuid:contact_id>", permission="customer.view")
@contacts.answers(200, ContactView)
def read(contact_id: UUID) -> Response:
    """One contact, whole."""
    with transaction() as tx:
        return tx.answer(
            ContactView, queries.contact(tx.session, by=tx.actor, contact_id=contact_id)
        )
