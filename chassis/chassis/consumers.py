"""Events in: which facts a service listens to, and what it does about each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from chassis import copies as copying
from chassis.envelope import Fact
from chassis.schema import Needs

__all__ = ["Consumers", "Fact", "Handler", "Subscription"]

Handler = Callable[[Session, Fact, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic, what is needed of its data, and what is done about it.

    `copies` is the table in which a handler keeps copies of the records that it is told of.
    """

    topic: str
    needs: type[Needs]
    handle: Handler
    copies: Table | None = None

    def apply(self, session: Session, fact: Fact) -> None:
        """Hand the fact to its handler; raises ValidationError for data that lacks something."""
        self.handle(session, fact, self.needs().load(fact.data))


class Consumers:
    """What a service listens to: queue, binding, inbox, retry, metric and log line follow."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}

    def on(
        self, topic: str, needs: type[Needs], *, copies: Table | None = None
    ) -> Callable[[Handler], Handler]:
        """Have a function called with every fact of a topic; one function for each topic.

        One that keeps copies in a table, by `copies.write`, names it: then the copies can be
        rebuilt, and the end of an announcement removes what its source no longer knows.
        """

        def declare(handler: Handler) -> Handler:
            if topic in self._subscriptions:
                raise ValueError(f"{topic} is handled twice")
            self._subscriptions[topic] = Subscription(topic, needs, handler, copies)
            if copying.is_state(topic):
                # Whoever keeps no copies has nothing to remove where an announcement ends.
                end = copying.end_of(topic)
                finish = copying.finisher(topic, copies) if copies is not None else _pass_by
                self._subscriptions[end] = Subscription(end, copying.Announced, finish)
            return handler

        return declare

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """Everything that is handled, the ends of announcements included."""
        return self._subscriptions


def _pass_by(_session: Session, _fact: Fact, _data: dict[str, Any]) -> None:
    """Nothing follows from it."""
