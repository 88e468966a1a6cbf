"""The pytest plugin: a fresh tenant per test, real commits, and clients that sign in.

Each process of pytest has a database of every service, where nothing runs but its tests, and they
work there as the role that runs the service. Nothing is cleaned up: a test sees its own tenant and
no other.
"""

from chassis.testing.clients import (
    KID,
    Client,
    app,
    client_of,
    signing_key,
    token_check,
    token_for,
)
from chassis.testing.crew import Crew, crew, other_crew
from chassis.testing.databases import alone, database, now, plans_of, session, stack
from chassis.testing.databases import pytest_configure as pytest_configure
from chassis.testing.facts import Delivered, deliver, example, recorded

__all__ = [
    "KID",
    "Client",
    "Crew",
    "Delivered",
    "alone",
    "app",
    "client_of",
    "crew",
    "database",
    "deliver",
    "example",
    "now",
    "other_crew",
    "plans_of",
    "recorded",
    "session",
    "signing_key",
    "stack",
    "token_check",
    "token_for",
]
