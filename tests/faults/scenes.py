"""The fault that each mutant does not survive, and that what is sound does."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pika
import psycopg
from arena import WORK, Arena, wait_until
from evidence import come_to_rest, gather
from seller import Attempt, Seller
from verdict import Verdict, judge

from chassis import broker
from stack import postgresql, rabbitmq, services

QUESTION = "lead.converted.v1"
NOTICED_WITHIN = 2.0
SET_ASIDE_FOR = "61 seconds"

_SETTLED = """
SELECT position FROM outbox WHERE envelope->>'subject' = %s
AND (published_at IS NOT NULL OR unroutable_at IS NOT NULL)
"""
_ORDER = """
SELECT envelope->>'subject' AS lead_id FROM outbox WHERE envelope->>'subject' = ANY(%s)
ORDER BY position
"""
_TIME_PASSES = f"""
UPDATE outbox SET unroutable_at = unroutable_at - interval '{SET_ASIDE_FOR}'
WHERE published_at IS NULL
"""
_WAITS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
_HOLD_BACK = """
CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
CREATE TRIGGER hold_back AFTER INSERT ON outbox FOR EACH ROW
WHEN (NEW.envelope->>'subject' = '{lead_id}') EXECUTE FUNCTION hold_back();
"""
_LET_GO = "DROP TRIGGER hold_back ON outbox; DROP FUNCTION hold_back()"


@dataclass(frozen=True)
class Stage:
    """An arena in which one part may be a mutant."""

    arena: Arena
    seller: Seller
    part: str
    mutant: str | None

    def start(self, point: str | None = None) -> None:
        """Start the part anew, and perhaps have it die at a point."""
        service = self.part.removesuffix(WORK)
        role = "work" if self.part.endswith(WORK) else "web"
        told, command = {}, ()
        if self.mutant:
            amqp = services.work_environment(self.arena, service)["XIAOKE_AMQP_URL_FILE"]
            told = {"PYTHONPATH": str(Path(__file__).parent), "XIAOKE_AMQP_URL_FILE": amqp}
            command = (sys.executable, "-m", "mutants", self.mutant, service, role)
        if point:
            self.arena.arm(self.part, point, command=command, **told)
        else:
            self.arena.start(self.part, command=command, **told)

    def is_settled(self, lead_id: str) -> bool:
        """Whether the relay has done with what a lead asked."""
        return bool(self.arena.rows("leads", _SETTLED, lead_id))


Fault = Callable[[Stage], list[Attempt]]


@dataclass(frozen=True)
class Scene:
    """Which part a mutant takes the place of, the fault that bites, and the harm that it does."""

    part: str
    fault: Fault
    harm: str


def play(arena: Arena, seller: Seller, scene: Scene, mutant: str | None) -> Verdict:
    """Play a scene to its end, with the part as it is or with a mutant in its place."""
    stage = Stage(arena, seller, scene.part, mutant)
    try:
        attempts = scene.fault(stage)
        attempts.append(come_to_rest(arena, seller))
        return judge(gather(arena, attempts, repeated=arena.repeated()))
    finally:
        arena.restore()


def crash(point: str) -> Fault:
    """The part dies at a point."""

    def fault(stage: Stage) -> list[Attempt]:
        leads = [stage.seller.enter() for _ in range(3)]
        stage.start(point)
        family = stage.arena.family(stage.part)
        attempts = [stage.seller.convert(lead) for lead in leads]
        wait_until(lambda: stage.arena.fired(stage.part, point), f"{point} was hit")
        wait_until(lambda: not family <= stage.arena.family(stage.part), "somebody died")
        if stage.part.endswith(WORK):
            stage.start()
        return attempts

    return fault


def broker_dies(stage: Stage) -> list[Attempt]:
    """The broker stands still while something is sent to it, and is killed."""
    first, second = stage.seller.enter(), stage.seller.enter()
    stage.start()
    attempts = [stage.seller.convert(first)]
    wait_until(lambda: stage.is_settled(first), "the relay works")
    stage.arena.freeze("rabbitmq")
    attempts.append(stage.seller.convert(second))
    # What is sound cannot settle it now: it is only given the time to send.
    with suppress(TimeoutError):
        wait_until(lambda: stage.is_settled(second), "it is marked", within=NOTICED_WITHIN)
    if not stage.mutant and stage.is_settled(second):
        raise AssertionError("the broker answered: the fault did not bite")
    stage.arena.start("rabbitmq")
    return attempts


def topic_unbound(stage: Stage) -> list[Attempt]:
    """For a while nobody is bound to what leads say."""
    lead, address = stage.seller.enter(), rabbitmq.url(stage.arena)
    stage.start()
    with pika.BlockingConnection(pika.URLParameters(address)) as connection:
        connection.channel().queue_unbind("customers", broker.EVENTS, QUESTION)
    attempts = [stage.seller.convert(lead)]
    wait_until(lambda: stage.is_settled(lead), "the relay has tried")
    broker.declare(address, "customers", [(broker.EVENTS, QUESTION)])
    stage.arena.rows("leads", _TIME_PASSES)
    return attempts


def late_commit(stage: Stage) -> list[Attempt]:
    """A slow transaction commits a position after a higher one was published."""
    slow, fast = stage.seller.enter(), stage.seller.enter()
    stage.start()
    with stage.seller.twin() as twin, ThreadPoolExecutor(1) as desk:
        with _held_back(stage.arena, slow):
            late = desk.submit(twin.convert, slow)
            wait_until(lambda: stage.arena.rows("leads", _WAITS), "the slow one has its position")
            early = stage.seller.convert(fast)
            wait_until(lambda: stage.is_settled(fast), "the fast one is published")
        attempts = [late.result(), early]
    order = [row["lead_id"] for row in stage.arena.rows("leads", _ORDER, [slow, fast])]
    if order != [slow, fast]:
        raise AssertionError("the late one has the higher position: the fault did not bite")
    return attempts


@contextmanager
def _held_back(arena: Arena, lead_id: str) -> Iterator[None]:
    """Inside the block no transaction can end that announces something about a lead."""
    url = postgresql.url(arena, "leads", "owner")
    with psycopg.connect(url, autocommit=True) as holder:
        holder.execute(_HOLD_BACK.format(lead_id=lead_id))
        holder.execute("SELECT pg_advisory_lock(1)")
        try:
            yield
        finally:
            holder.execute("SELECT pg_advisory_unlock(1)")
            holder.execute(_LET_GO)


SCENES = {
    "publish-before-commit": Scene("leads", crash("commit.before:1"), "ghost"),
    "acknowledge-before-store": Scene("customers-work", crash("store.before:1"), "lost"),
    "no-confirm": Scene("leads-work", broker_dies, "lost"),
    "no-mandatory": Scene("leads-work", topic_unbound, "lost"),
    "no-inbox": Scene("customers-work", crash("ack.before:1"), "double"),
    "done-in-its-own-transaction": Scene("customers-work", crash("apply.before:1"), "lost"),
    "only-after-the-last-one-seen": Scene("leads-work", late_commit, "lost"),
    "mark-before-confirm": Scene("leads-work", crash("publish.before:1"), "lost"),
}
