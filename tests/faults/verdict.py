"""The verdict on a run of conversions: what was promised, held against what two services kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from seller import Attempt

Finding = tuple[Literal["lost", "ghost", "double"], str]
QUESTIONS = {
    "customer.created.v1": "lead.converted.v1",
    "customer.refused.v1": "lead.converted.v1",
    "customer.withdrawn.v1": "lead.reverted.v1",
    "customer.kept.v1": "lead.reverted.v1",
}


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as it stands, and the ids of the customers that it asked to become."""

    id: str
    state: str
    customer_id: str | None
    asked_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An event in an outbox that speaks of the customer of a lead; `undo` names a request for it.

    A question that is asked again has the ids of the first.
    """

    topic: str
    lead_id: str
    customer_id: str
    undo: str | None = None

    @property
    def matter(self) -> tuple[str, str, str | None]:
        """What a question and its answer have in common."""
        return QUESTIONS.get(self.topic, self.topic), self.customer_id, self.undo


@dataclass(frozen=True, slots=True)
class Opening:
    """What customers decided about one request of a lead."""

    id: str
    lead_id: str
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer that came from a lead, and how many people it knows there."""

    id: str
    lead_id: str
    name: str
    is_archived: bool
    version: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A customer as leads know it."""

    id: str
    name: str
    is_archived: bool
    version: int


@dataclass(kw_only=True)
class Evidence:
    """What was tried, and what is found afterwards, once everything has come to rest."""

    attempts: Sequence[Attempt]
    leads: Sequence[Lead]
    questions: Sequence[Told]
    answers: Sequence[Told]
    openings: Sequence[Opening]
    customers: Sequence[Customer]
    copies: Sequence[Copy]
    # Outbox rows that are not published, inbox rows that are pending or parked, in words.
    stuck: Sequence[str] = ()
    # Deliveries that an inbox knew already.
    repeated: int = 0


@dataclass(kw_only=True)
class Verdict:
    """The counts of a run, and each finding in words.

    `applied` are the facts that had their effect, `unknown` the attempts that nobody answered, and
    `absorbed` what came twice and changed nothing.
    """

    attempted: int
    acknowledged: int
    applied: int
    lost: int
    ghost: int
    double: int
    unknown: int
    absorbed: int
    findings: list[str] = field(default_factory=list)

    @property
    def harms(self) -> set[str]:
        """Which kinds of harm were found."""
        return {name for name in ("lost", "ghost", "double") if self.counts[name]}

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, made up or done twice."""
        return not self.harms

    @property
    def counts(self) -> dict[str, int]:
        """The counts alone, by name."""
        return {name: n for name, n in asdict(self).items() if name != "findings"}

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {number}" for name, number in self.counts.items())
        return "\n  ".join([counts, *self.findings])


def judge(found: Evidence) -> Verdict:
    """Hold what is found against what was tried."""
    findings = [
        *_facts(found),
        *_answers(found),
        *_customers(found),
        *_leads(found),
        *_copies(found),
        *(("lost", f"stuck: {stuck}") for stuck in found.stuck),
    ]
    kinds = Counter(kind for kind, _ in findings)
    asked, answered = ({one.matter for one in told} for told in (found.questions, found.answers))
    return Verdict(
        attempted=len(found.attempts),
        acknowledged=sum(one.is_acknowledged for one in found.attempts),
        applied=len(asked & answered),
        lost=kinds["lost"],
        ghost=kinds["ghost"],
        double=kinds["double"],
        unknown=sum(one.status is None for one in found.attempts),
        absorbed=found.repeated + sum(one.is_replay for one in found.attempts),
        findings=[f"{kind}: {words}" for kind, words in findings],
    )


def _facts(found: Evidence) -> Iterator[Finding]:
    """What was acknowledged is a fact; nobody's asking twice made two; each fact has its event."""
    tried = Counter((one.lead_id, one.act) for one in found.attempts)
    kept = Counter((one.lead_id, one.act) for one in found.attempts if one.is_acknowledged)
    asked = {(one.lead_id, *one.matter) for one in found.questions}
    undone = Counter(lead_id for lead_id, topic, *_ in asked if topic == "lead.reverted.v1")
    for lead in found.leads:
        for act, facts in (("convert", len(lead.asked_for)), ("undo", undone[lead.id])):
            if kept[lead.id, act] > facts:
                yield "lost", f"an acknowledged {act} of lead {lead.id} is no fact"
            if tried[lead.id, act] < facts:
                yield "double", f"lead {lead.id} did {act} more often than it was asked to"
        for customer_id in lead.asked_for:
            if (lead.id, "lead.converted.v1", customer_id, None) not in asked:
                yield "lost", f"the conversion {customer_id} was never announced"
    known = {(lead.id, customer_id) for lead in found.leads for customer_id in lead.asked_for}
    for one in found.questions:
        if (one.lead_id, one.customer_id) not in known:
            yield "ghost", f"{one.topic} speaks of {one.customer_id}, which no lead asked for"
    for lead_id in {one.lead_id for one in found.attempts} - {lead.id for lead in found.leads}:
        yield "lost", f"lead {lead_id} is not there"


def _answers(found: Evidence) -> Iterator[Finding]:
    """Each question has its one answer."""
    asked = Counter(one.matter for one in found.questions)
    answered = Counter(one.matter for one in found.answers)
    for matter in asked.keys() | answered.keys():
        topic, customer_id, _ = matter
        questions, answers = asked[matter], answered[matter]
        words = f"{answers} answers to {questions} times {topic} about {customer_id}"
        if questions == 0:
            yield "ghost", words
        elif answers < questions:
            yield "lost", words
        elif answers > questions:
            yield "double", words


def _customers(found: Evidence) -> Iterator[Finding]:
    """An opening stems from a question; one that was not refused has its customer and contact."""
    asked = {(one.lead_id, one.customer_id) for one in found.questions}
    customers = _by_id(found.customers)
    for opening in found.openings:
        if (opening.lead_id, opening.id) not in asked:
            yield "ghost", f"nobody asked for the opening {opening.id}"
        customer = customers.get(opening.id)
        if opening.is_refused and customer is not None:
            yield "ghost", f"customer {opening.id} was refused, and is there"
        elif not opening.is_refused and customer is None:
            yield "lost", f"customer {opening.id} was opened, and is not there"
    opened = {opening.id for opening in found.openings}
    for customer in found.customers:
        if customer.id not in opened:
            yield "ghost", f"customer {customer.id} was never opened"
        if customer.contacts != 1:
            kind: Literal["lost", "double"] = "double" if customer.contacts else "lost"
            yield kind, f"customer {customer.id} has {customer.contacts} contacts"
    alive = Counter(one.lead_id for one in found.customers if not one.is_archived)
    for lead_id, number in alive.items():
        if number > 1:
            yield "double", f"lead {lead_id} became {number} customers"


def _leads(found: Evidence) -> Iterator[Finding]:
    """A lead has come to an end: it is a customer, and its own, or a lead, and no customer."""
    customers = _by_id(found.customers)
    alive = {one.lead_id for one in found.customers if not one.is_archived}
    for lead in found.leads:
        if lead.state == "converted":
            customer = customers.get(lead.customer_id or "")
            if customer is None or customer.is_archived or customer.lead_id != lead.id:
                yield "lost", f"lead {lead.id} became a customer that is not there"
        elif lead.state == "open":
            if lead.id in alive:
                yield "ghost", f"lead {lead.id} is a lead and has a customer"
        else:
            yield "lost", f"lead {lead.id} is still {lead.state}"


def _copies(found: Evidence) -> Iterator[Finding]:
    """What leads know of a customer is what it is."""
    copies = _by_id(found.copies)
    for customer in found.customers:
        copy = copies.pop(customer.id, None)
        told = Copy(customer.id, customer.name, customer.is_archived, customer.version)
        if copy != told:
            yield "lost", f"leads know customer {customer.id} as {copy}"
    for unknown in copies:
        yield "ghost", f"leads have a copy of customer {unknown}, which is not there"


def _by_id(rows: Iterable[Customer] | Iterable[Copy]) -> dict[str, Any]:
    return {row.id: row for row in rows}
