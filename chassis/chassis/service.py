"""What a service is made of, named once in its app.py."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from sqlalchemy import MetaData

from chassis import db, http, organisation
from chassis.access import KeySet, Permission, TokenCheck
from chassis.consumers import Consumers, Subscription
from chassis.events import Event
from chassis.jobs import Jobs
from chassis.settings import Settings
from chassis.web import Blueprint, create_app


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service: its tables, its doors and the permissions its doors ask for.

    It hears of the organisation, unless it `is_identity`, who tells of it.

    `events` is the module of the facts that it announces, `keys` is how the signing keys are learnt
    where identity need not be asked for them, and `commands` are what `python -m <package>` can do
    besides what every service can.
    """

    name: str
    tables: MetaData
    routes: Sequence[Blueprint]
    consumers: Consumers = field(default_factory=Consumers)
    jobs: Jobs = field(default_factory=Jobs)
    events: ModuleType | None = None
    is_identity: bool = False
    permissions: Sequence[Permission] = ()
    settings: type[Settings] = Settings
    keys: Callable[[db.Database, Any], Mapping[str, bytes]] | None = None
    commands: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)

    @property
    def package(self) -> str:
        return self.name.replace("-", "_")

    @property
    def migrations(self) -> Path:
        return Path(str(import_module(self.package).__file__)).parent / "migrations"

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """Everything that it handles: what is its own, and what every service hears."""
        usual = {} if self.is_identity else organisation.consumers.subscriptions
        return {**usual, **self.consumers.subscriptions}

    @property
    def announces(self) -> list[type[Event]]:
        """The events that it announces, in the order in which they are declared."""
        declared = vars(self.events).values() if self.events else ()
        return [
            kind
            for kind in declared
            if isinstance(kind, type) and issubclass(kind, Event) and kind.topic
        ]

    def app(self, settings: Any) -> Flask:
        """The web application, ready to fork: no connection is open yet."""
        database = db.Database(settings.database_url, pool_size=settings.threads)
        callers = {n: decode_key(k) for n, k in (settings.callers or {}).items()}
        check = TokenCheck(self._key_set(settings, database))
        return create_app(self, database=database, check=check, callers=callers, settings=settings)

    def _key_set(self, settings: Any, database: db.Database) -> KeySet:
        if self.keys is not None:
            own = self.keys
            return KeySet(lambda: own(database, settings))
        identity = http.Sibling(settings.identity_url, name="identity")
        return KeySet(
            fetch=lambda: _decoded(identity.get("/internal/v1/keys")),
            recall=lambda: _recall(database),
            keep=lambda keys: _keep(database, keys),
        )


def decode_key(text: str) -> bytes:
    """A raw Ed25519 key from its base64url text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode_key(raw: bytes) -> str:
    """The base64url text of a raw Ed25519 key, as JWK writes it."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(answer: Any) -> dict[str, bytes]:
    return {key["kid"]: decode_key(key["x"]) for key in answer["keys"]}


def _recall(database: db.Database) -> dict[str, bytes]:
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT kid, public_key FROM keyset")
        return {row.kid: row.public_key for row in rows}


def _keep(database: db.Database, keys: Mapping[str, bytes]) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM keyset")
        for kid, public_key in keys.items():
            connection.exec_driver_sql(
                "INSERT INTO keyset (kid, public_key) VALUES (%s, %s)", (kid, public_key)
            )
