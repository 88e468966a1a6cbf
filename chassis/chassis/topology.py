"""What the broker must know of the services: exchanges, users and their rights, queues."""

import base64
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis import broker
from chassis.copies import end_of, is_end, is_state
from chassis.service import Service

EXCHANGES = (broker.EVENTS, broker.ANNOUNCE)


def bindings(service: Service) -> list[tuple[str, str]]:
    """What a service's queue is bound to: the topics it handles, and all that is told it alone."""
    heard = [(broker.EVENTS, topic) for topic in service.subscriptions if not is_end(topic)]
    return [*heard, (broker.ANNOUNCE, f"{service.name}.#")]


def declare(service: Service, amqp_url: str) -> None:
    """Make the queue of a service and its bindings; saying it again changes nothing."""
    broker.declare(amqp_url, service.name, bindings(service))


@dataclass(frozen=True)
class User:
    """A service as the broker knows it: its password, and the topics that are its own."""

    name: str
    password: str
    topics: Collection[str]


def definitions(users: Iterable[User], vhosts: Iterable[str]) -> dict[str, Any]:
    """The document from which a broker learns its exchanges and users, in RabbitMQ's own format.

    A service configures its own queue and nothing else. It publishes its own topics only, and on
    the exchange of announcements it hears only what is addressed to it.
    """
    users, vhosts = list(users), list(vhosts)
    rights = [(user, vhost) for user in users for vhost in vhosts]
    return {
        "users": [_user(user.name, user.password, tags="") for user in users],
        "vhosts": [{"name": vhost} for vhost in vhosts],
        "permissions": [_permission(user, vhost) for user, vhost in rights],
        "topic_permissions": [t for user, vhost in rights for t in _topic_permissions(user, vhost)],
        "exchanges": [
            {
                "name": name,
                "vhost": vhost,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for name in EXCHANGES
            for vhost in vhosts
        ],
    }


def administrator(name: str, password: str) -> Mapping[str, Any]:
    """A user who may manage the broker, for the list of its users."""
    return _user(name, password, tags="administrator")


def _user(name: str, password: str, *, tags: str) -> Mapping[str, Any]:
    # The salt follows from the password, so that the same document comes out every time.
    salt = hashlib.sha256(f"salt {password}".encode()).digest()[:4]
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": tags,
    }


def _permission(user: User, vhost: str) -> Mapping[str, str]:
    own, exchanges = re.escape(user.name), "|".join(map(re.escape, EXCHANGES))
    both = f"^({own}|{exchanges})$"
    return {"user": user.name, "vhost": vhost, "configure": f"^{own}$", "write": both, "read": both}


def _topic_permissions(user: User, vhost: str) -> list[Mapping[str, str]]:
    states = [topic for topic in user.topics if is_state(topic)]
    own = "|".join(map(re.escape, sorted(user.topics)))
    told = "|".join(map(re.escape, sorted({*states, *map(end_of, states)})))
    return [
        _topic_permission(user, vhost, broker.EVENTS, write=f"^({own})$", read=".*"),
        _topic_permission(
            user,
            vhost,
            broker.ANNOUNCE,
            write=f"^[a-z-]+\\.({told})$" if told else "^$",
            read=f"^{re.escape(user.name)}\\.",
        ),
    ]


def _topic_permission(
    user: User, vhost: str, exchange: str, *, write: str, read: str
) -> Mapping[str, str]:
    return {"user": user.name, "vhost": vhost, "exchange": exchange, "write": write, "read": read}
