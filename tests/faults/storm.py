"""Seeded faults over conversions under load: what is done to whom, and what it left behind."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import orjson
import pika
from arena import WORK, Arena, wait_until
from cable import Cable, cable_to
from crowd import Crowd
from evidence import come_to_rest, gather, restless
from verdict import Verdict, judge

from chassis.broker import EVENTS
from chassis.envelope import CONTENT_TYPE
from stack import rabbitmq, stack_file

WORKERS = ("leads-work", "customers-work")
KILLED = ("leads", "customers", *WORKERS, "postgresql", "rabbitmq")
TARGETS = {
    "kill": KILLED,
    "freeze": ("leads", *WORKERS, *WORKERS, "postgresql", "rabbitmq"),
    "cut": WORKERS,
    "lose confirms": WORKERS,
    "repeat": ("leads", "customers"),
}
CERTAIN = (
    ("kill", "postgresql"),
    ("kill", "rabbitmq"),
    ("kill", "leads"),
    ("kill", "customers-work"),
    ("freeze", "leads-work"),
    ("cut", "customers-work"),
    ("lose confirms", "leads-work"),
    ("repeat", "leads"),
)
# Longer than a lock's connection may idle: who wakes up after it leads no more.
LONG_FREEZE = 12.0
HEALED_WITHIN = 60.0
REPEATED_AT_ONCE = 60
BITES = (
    "processes killed",
    "processes frozen",
    "connections cut",
    "bytes of the broker lost",
    "events repeated",
)
TELLS_EVERY = 5.0

Say = Callable[[str], None]

_PUBLISHED = """
SELECT topic, jsonb_build_object('source', %s::text) || envelope AS body FROM outbox
WHERE published_at IS NOT NULL AND recipient IS NULL AND envelope ? 'data'
ORDER BY position DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong: when, in seconds from the beginning, what, to whom, how long."""

    at: float
    kind: str
    target: str
    lasts: float

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.kind:<14} {self.target:<14} {self.lasts:4.1f} s"


def schedule(seed: int, seconds: float) -> list[Fault]:
    """What will go wrong: the same for the same seed. No fault begins before the last one ends.

    Every kind comes once, in an order of the seed's own; then chance goes on until time is up.
    """
    chance = random.Random(seed)
    certain = list(CERTAIN)
    chance.shuffle(certain)
    faults: list[Fault] = []
    at = chance.uniform(1.0, 2.0)
    while True:
        kind, target = certain.pop() if certain else (_kind(chance), "")
        fault = _fault(chance, at, kind, target)
        if fault.at + fault.lasts > seconds and not certain:
            return faults
        faults.append(fault)
        at += fault.lasts + chance.uniform(0.5, 1.5)


def _kind(chance: random.Random) -> str:
    return chance.choices(list(TARGETS), (5, 3, 2, 2, 2))[0]


def _fault(chance: random.Random, at: float, kind: str, target: str) -> Fault:
    target = target or chance.choice(TARGETS[kind])
    lasts = {
        "kill": chance.uniform(0.0, 1.5),
        "freeze": chance.uniform(1.0, 4.0),
        "cut": chance.uniform(0.5, 2.0),
        "lose confirms": chance.uniform(1.0, 2.0),
        "repeat": 0.0,
    }
    is_long = kind == "freeze" and target in WORKERS and chance.random() < 0.2
    return Fault(at, kind, target, LONG_FREEZE if is_long else lasts[kind])


@dataclass
class Outcome:
    """What a storm was and what it left behind."""

    seed: int
    faults: list[Fault]
    verdict: Verdict
    bites: dict[str, int]

    @property
    def is_valid(self) -> bool:
        """Whether the faults bit at all: else nothing was shown."""
        return all(self.bites.values())

    @property
    def closing_line(self) -> str:
        """What the run ends with."""
        found = self.verdict
        return (
            f"faults: {len(self.faults)} injected, {found.lost} lost, {found.ghost} ghost, "
            f"{found.double} double"
        )


@dataclass
class Storm:
    """Faults at work on an arena, whose background work reaches the broker by cables of ours."""

    arena: Arena
    cables: dict[str, Cable]
    say: Say
    bites: Counter[str] = field(default_factory=Counter)
    _absorbed: Counter[str] = field(default_factory=Counter)
    _last: Counter[str] = field(default_factory=Counter)

    def begin(self) -> None:
        """Start what must be different: a database that keeps what it has acknowledged."""
        for name in ("postgresql", *WORKERS):
            self._start(name)

    def inject(self, fault: Fault) -> None:
        """Do one thing, for as long as it lasts."""
        acts: dict[str, Callable[[Fault], None]] = {
            "kill": self._kill,
            "freeze": self._freeze,
            "cut": self._cut,
            "lose confirms": self._lose_confirms,
            "repeat": self._repeat,
        }
        self.say(str(fault))
        acts[fault.kind](fault)

    def heal(self) -> None:
        """Let everything run again."""
        for name, cable in self.cables.items():
            cable.plug()
            self.arena.thaw(name)
        for name in KILLED:
            self.arena.thaw(name)
            if not self.arena.runs(name):
                self._start(name)

    def absorbed(self) -> int:
        """How many deliveries were known already, over all lives of the consumers so far."""
        for service in ("leads", "customers"):
            now = self.arena.repeated_by(service)
            # A consumer that was started anew counts from nothing.
            if now < self._last[service]:
                self._absorbed[service] += self._last[service]
            self._last[service] = now
        return self._absorbed.total() + self._last.total()

    def _start(self, name: str) -> None:
        if name == "postgresql":
            words = (
                word.replace("synchronous_commit=off", "synchronous_commit=on")
                for word in self.arena.command(name)
            )
            self.arena.start(name, command=tuple(words))
        elif name in self.cables:
            service = name.removesuffix(WORK)
            direct = rabbitmq.url(self.arena, service)
            port = f":{self.arena.port('rabbitmq')}/"
            through = direct.replace(port, f":{self.cables[name].port}/")
            self.arena.start(name, XIAOKE_AMQP_URL=through, XIAOKE_AMQP_URL_FILE=None)
        else:
            self.arena.start(name)

    def _kill(self, fault: Fault) -> None:
        self.absorbed()
        self.arena.kill(fault.target)
        self.bites["processes killed"] += 1
        time.sleep(fault.lasts)
        self._start(fault.target)

    def _freeze(self, fault: Fault) -> None:
        self.arena.freeze(fault.target)
        self.bites["processes frozen"] += self.arena.is_frozen(fault.target)
        time.sleep(fault.lasts)
        self.arena.thaw(fault.target)

    def _cut(self, fault: Fault) -> None:
        self.bites["connections cut"] += self.cables[fault.target].pull()
        time.sleep(fault.lasts)
        self.cables[fault.target].plug()

    def _lose_confirms(self, fault: Fault) -> None:
        cable = self.cables[fault.target]
        heard = cable.swallowed
        cable.deafen()
        time.sleep(fault.lasts)
        cable.pull()
        self.bites["bytes of the broker lost"] += cable.swallowed - heard
        cable.plug()

    def _repeat(self, fault: Fault) -> None:
        """Publish what was published before once more, in another order, as its own sender."""
        service = fault.target
        rows = self.arena.rows(service, _PUBLISHED, f"/{service}", REPEATED_AT_ONCE)
        random.Random(fault.at).shuffle(rows)
        url = pika.URLParameters(rabbitmq.url(self.arena, service))
        with pika.BlockingConnection(url) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            for row in rows:
                properties = pika.BasicProperties(
                    content_type=CONTENT_TYPE, delivery_mode=2, user_id=service
                )
                channel.basic_publish(EVENTS, row["topic"], orjson.dumps(row["body"]), properties)
        self.bites["events repeated"] += len(rows)


@contextmanager
def storm_over(arena: Arena, say: Say) -> Iterator[Storm]:
    """A storm that can begin on an arena; behind the block everything runs as it did before."""
    with ExitStack() as opened:
        target = ("127.0.0.1", arena.port("rabbitmq"))
        cables = {name: opened.enter_context(cable_to(target)) for name in WORKERS}
        storm = Storm(arena, cables, say)
        try:
            storm.begin()
            yield storm
        finally:
            storm.heal()
            arena.restore()


def run(arena: Arena, *, seed: int, seconds: float, say: Say) -> Outcome:
    """Let it storm for so long, wait until all is quiet, and judge what is there."""
    faults = schedule(seed, seconds)
    corp_id = stack_file.read(arena)["tenants"][0]["corp_id"]
    with storm_over(arena, say) as storm, Crowd(arena.url("gateway"), corp_id, seed) as crowd:
        began = time.monotonic()
        telling = threading.Event()
        teller = threading.Thread(target=_tell, args=(crowd, began, telling, say), daemon=True)
        teller.start()
        for fault in faults:
            _wait_until(began + fault.at)
            storm.inject(fault)
        _wait_until(began + seconds)
        storm.heal()
        telling.set()
        attempts = crowd.stop()
        say(f"healed; waiting until nothing is under way, at most {HEALED_WITHIN:.0f} s")
        wait_until(lambda: not restless(arena), "nothing is under way", within=HEALED_WITHIN)
        attempts.append(come_to_rest(arena, crowd.seller))
        absorbed = storm.absorbed()
        verdict = judge(gather(arena, attempts, repeated=absorbed))
        bites = {
            **{what: storm.bites[what] for what in BITES},
            "requests asked again": sum(one.tries > 1 for one in attempts),
            "deliveries absorbed": absorbed,
            "conversions acknowledged": verdict.acknowledged,
        }
    return Outcome(seed, faults, verdict, bites)


def report(outcome: Outcome) -> Sequence[str]:
    """The counters, what bit, and each finding."""
    counts = ", ".join(f"{name} {number}" for name, number in outcome.verdict.counts.items())
    bites = ", ".join(f"{what} {number}" for what, number in outcome.bites.items())
    return [f"seed {outcome.seed}: {counts}", f"bites: {bites}", *outcome.verdict.findings]


def _tell(crowd: Crowd, began: float, over: threading.Event, say: Say) -> None:
    while not over.wait(TELLS_EVERY):
        say(f"{time.monotonic() - began:6.1f} s  {crowd.progress()}")


def _wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
