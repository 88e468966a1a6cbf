"""Measuring: one contender in one round, and what all rounds together say of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench.callers import Act

# Before anything is counted: statements are prepared, tokens seen, connections open.
WARM = 24


@dataclass(frozen=True)
class Contender:
    """Something to be measured: how it acts, and whose processor time that takes, by share."""

    name: str
    opened: Callable[[], AbstractContextManager[Act]]
    meters: Mapping[str, Callable[[], int]]
    count: int = 200


@dataclass(frozen=True)
class Turn:
    """One contender in one round: CPU microseconds of one request by share, and all seconds."""

    cpu: Mapping[str, float]
    seconds: Sequence[float]

    @property
    def total(self) -> float:
        return sum(self.cpu.values())


@dataclass(frozen=True)
class Result:
    """What a contender needed in all rounds."""

    name: str
    turns: list[Turn] = field(default_factory=list)

    @property
    def total(self) -> float:
        return median(turn.total for turn in self.turns)

    def share(self, name: str) -> float:
        return median(turn.cpu.get(name, 0.0) for turn in self.turns)

    def percentile(self, percent: int) -> float:
        """Milliseconds within which so many requests of a hundred were answered."""
        every = [seconds for turn in self.turns for seconds in turn.seconds]
        return 1000 * quantiles(every, n=100, method="inclusive")[percent - 1]


def ratio(one: Result, *others: Result) -> float:
    """How many times the CPU of the others together one needs: the middle one of all rounds."""
    totals = [[turn.total for turn in result.turns] for result in (one, *others)]
    return float(median(first / sum(rest) for first, *rest in zip(*totals, strict=True)))


def measure(contender: Contender) -> Turn:
    """Let a contender act once it is warm.

    Meters are read in one order before and in the other one after, so that the first of them does
    not count what it costs to read the others.
    """
    with contender.opened() as act:
        act(WARM)
        meters = dict(contender.meters)
        before = {name: meters[name]() for name in reversed(meters)}
        seconds = act(contender.count)
        used = {name: meter() - before[name] for name, meter in meters.items()}
    return Turn({name: micros / len(seconds) for name, micros in used.items()}, seconds)


def gathered(names: Iterable[str], rounds: Iterable[list[Turn]]) -> dict[str, Result]:
    """Rounds of turns as one result a contender."""
    results = {name: Result(name) for name in names}
    for turns in rounds:
        for result, turn in zip(results.values(), turns, strict=True):
            result.turns.append(turn)
    return results
