"""What a service may do at the broker, and what its queue hears."""

import re

import pytest
from sqlalchemy import MetaData
from things import NeededThing, copies

from chassis import topology
from chassis.broker import ANNOUNCE, EVENTS
from chassis.consumers import Consumers
from chassis.service import Service
from chassis.topology import User, definitions

RIGHTS = definitions(
    [
        User("shop-floor", "secret", ["thing.state.v1", "thing.moved.v1"]),
        User("silent", "secret too", []),
    ],
    ["one", "two"],
)


def _may(user, exchange, verb, key):
    (right,) = (
        right
        for right in RIGHTS["topic_permissions"]
        if (right["user"], right["vhost"], right["exchange"]) == (user, "one", exchange)
    )
    return re.search(right[verb], key) is not None


@pytest.mark.parametrize("name", ["shop-floor", EVENTS, ANNOUNCE])
def test_a_service_reads_and_writes_its_queue_and_the_exchanges(name):
    for right in RIGHTS["permissions"]:
        if right["user"] == "shop-floor":
            assert re.search(right["read"], name)
            assert re.search(right["write"], name)


@pytest.mark.parametrize("name", ["silent", "shop-floor2", "ashop-floor", "amq.default", ""])
def test_a_service_touches_nothing_else(name):
    for right in RIGHTS["permissions"]:
        if right["user"] == "shop-floor":
            assert not re.search(right["read"], name)
            assert not re.search(right["write"], name)
            assert not re.search(right["configure"], name)


def test_a_service_makes_its_own_queue_and_no_exchange():
    right = next(r for r in RIGHTS["permissions"] if r["user"] == "shop-floor")

    assert re.search(right["configure"], "shop-floor")
    assert not re.search(right["configure"], EVENTS)


@pytest.mark.parametrize(
    ("key", "is_allowed"),
    [
        ("thing.state.v1", True),
        ("thing.moved.v1", True),
        ("thing.moved.v10", False),
        ("thing.moved.v2", False),
        ("thingxmoved.v1", False),
        ("other.thing.moved.v1", False),
        ("", False),
    ],
)
def test_a_service_publishes_its_own_topics_only(key, is_allowed):
    assert _may("shop-floor", EVENTS, "write", key) is is_allowed


@pytest.mark.parametrize(
    ("key", "is_allowed"),
    [
        ("customers.thing.state.v1", True),
        ("wecom-bridge.thing.announced.v1", True),
        ("customers.thing.moved.v1", False),
        ("thing.state.v1", False),
        ("a.b.thing.state.v1", False),
    ],
)
def test_a_service_announces_its_states_and_their_ends(key, is_allowed):
    assert _may("shop-floor", ANNOUNCE, "write", key) is is_allowed


def test_a_service_hears_everybody_but_only_its_own_announcements():
    assert _may("shop-floor", EVENTS, "read", "anything.at.all.v1")
    assert _may("shop-floor", ANNOUNCE, "read", "shop-floor.#")
    assert not _may("shop-floor", ANNOUNCE, "read", "shop-floor2.#")
    assert not _may("shop-floor", ANNOUNCE, "read", "#")


@pytest.mark.parametrize("exchange", [EVENTS, ANNOUNCE])
def test_a_service_that_announces_nothing_publishes_nothing(exchange):
    assert not _may("silent", exchange, "write", "thing.state.v1")
    assert not _may("silent", exchange, "write", "customers.thing.state.v1")


def test_every_virtual_host_has_the_exchanges_and_every_user_its_rights():
    assert {(e["vhost"], e["name"]) for e in RIGHTS["exchanges"]} == {
        (vhost, name) for vhost in ("one", "two") for name in (EVENTS, ANNOUNCE)
    }
    assert len(RIGHTS["permissions"]) == 4
    assert len(RIGHTS["topic_permissions"]) == 8


def test_no_password_stands_in_the_document():
    assert "secret" not in str(RIGHTS)


def test_the_same_document_comes_out_every_time():
    users = [User("shop-floor", "secret", ["thing.moved.v1"])]

    assert definitions(users, ["one"]) == definitions(users, ["one"])


def test_a_queue_hears_what_its_service_handles_and_all_that_is_told_it_alone():
    consumers = Consumers()
    consumers.on("thing.state.v1", NeededThing, copies=copies)(lambda *_: None)
    consumers.on("thing.moved.v1", NeededThing)(lambda *_: None)
    service = Service(
        name="leads", tables=MetaData(), routes=[], consumers=consumers, is_identity=True
    )

    assert topology.bindings(service) == [
        (EVENTS, "thing.state.v1"),
        (EVENTS, "thing.moved.v1"),
        (ANNOUNCE, "leads.#"),
    ]


def test_every_service_but_identity_hears_of_the_organisation():
    service = Service(name="leads", tables=MetaData(), routes=[])

    assert topology.bindings(service) == [
        (EVENTS, "tenant.state.v1"),
        (EVENTS, "department.state.v1"),
        (EVENTS, "role.state.v1"),
        (EVENTS, "person.state.v1"),
        (ANNOUNCE, "leads.#"),
    ]
