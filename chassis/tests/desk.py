"""A consumer of the tests' own: it keeps things, and fails for those that a test names."""

from things import NeededThing, Thing, a_delivery

from chassis import inbox
from chassis.applier import Applier
from chassis.consumers import Consumers


class Desk:
    """A service with one handler that keeps things, and fails for those whose name says so."""

    def __init__(self, database):
        self.consumers = Consumers()
        self.consumers.on("thing.state.v1", NeededThing)(self.keep)
        self.applier = Applier(database, self.consumers.subscriptions)
        self.database = database
        self.troubles = {}
        self.facts = []

    def keep(self, session, fact, thing):
        self.facts.append(fact)
        session.add(Thing(name=thing["name"]))
        session.flush()
        if (trouble := self.troubles.get(thing["name"])) is not None:
            raise trouble

    def hear(self, *documents):
        inbox.store(self.database.engine, [a_delivery(one) for one in documents])

    def apply(self):
        return self.applier.apply_due()
