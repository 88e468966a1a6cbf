"""What is concluded from the results, each beside the target it is held against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.road import Road
from bench.rounds import Result, ratio
from stack.places import SERVICES

Unit = str
TIMES: Unit = "x"
MICROSECONDS: Unit = "µs"
MEGABYTES: Unit = "MB"
A_SECOND: Unit = "/s"
MILLISECONDS: Unit = "ms"
SECONDS: Unit = "s"

WEB_TIER_MB = 90
WORK_MB = 80
STACK_MB = 2560


@dataclass(frozen=True)
class Figure:
    """One number, and how large it may or must be where somebody has decided that."""

    what: str
    value: float
    unit: Unit
    limit: float | None = None
    least: float | None = None

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.value > self.limit

    @property
    def is_under(self) -> bool:
        return self.least is not None and self.value < self.least


def figures(results: Mapping[str, Result], road: Road, memory: Mapping[str, int]) -> list[Figure]:
    """All of them, in the order in which `performance` names its targets."""
    return [
        *_of_lists(results),
        *_of_creates(results),
        *_of_road(road),
        *_of_memory(memory),
    ]


def _of_lists(results: Mapping[str, Result]) -> Iterator[Figure]:
    services = {name: result for name, result in results.items() if ": service" in name}
    lists = {name: result for name, result in services.items() if name.startswith("list")}
    for name, result in lists.items():
        bare = f"{name.partition(':')[0]}: psycopg + orjson"
        yield Figure(f"{name} / psycopg + orjson", ratio(result, results[bare]), TIMES, 1.6)
    list_, flask = results["list: service"], results["list: bare Flask"]
    least = (results["list: psycopg + orjson"], flask)
    yield Figure("list: service / psycopg + orjson and bare Flask", ratio(list_, *least), TIMES)
    yield Figure("list: service / bare Flask", ratio(list_, flask), TIMES)
    yield Figure("list: service / pgbench", ratio(list_, results["list: pgbench"]), TIMES)
    yield Figure("list: gateway / service", ratio(results["list: gateway"], list_), TIMES)
    for name, result in lists.items():
        if result is not list_:
            yield Figure(f"{name} / list: service", ratio(result, list_), TIMES, 1.2)
    secured = ratio(list_, results["list: open"])
    yield Figure("security: list: service / open", secured, TIMES, 1.25)


def _of_creates(results: Mapping[str, Result]) -> Iterator[Figure]:
    create = results["create: service"]
    yield Figure("create: service, application and database", create.total, MICROSECONDS, 3000)
    for bare in ("bare Flask", "pgbench"):
        yield Figure(f"create: service / {bare}", ratio(create, results[f"create: {bare}"]), TIMES)
    yield Figure("create: gateway / service", ratio(results["create: gateway"], create), TIMES)


def _of_road(road: Road) -> Iterator[Figure]:
    yield Figure("relay: shipped", road.shipped, A_SECOND)
    yield Figure("relay: pika alone / shipped", road.published_raw / road.shipped, TIMES, 2.0)
    yield Figure("consumer: stored", road.stored, A_SECOND, least=2000)
    yield Figure("consumer: pika alone / stored", road.consumed_raw / road.stored, TIMES)
    yield Figure("consumer: applied", road.applied, A_SECOND, least=300)
    yield Figure("commit to effect, 50 a second, p50", road.effect_p50, MILLISECONDS, 10)
    yield Figure("commit to effect, 50 a second, p99", road.effect_p99, MILLISECONDS, 50)
    # Ten minutes at 50 a second are 30,000, and two minutes are given for them.
    limit = 120 * road.backlog / 30_000
    yield Figure(f"backlog of {road.backlog:,} drained", road.drained_in, SECONDS, limit)


def _of_memory(memory: Mapping[str, int]) -> Iterator[Figure]:
    for part, used in memory.items():
        if part in SERVICES:
            yield Figure(f"memory: {part}, web", used / 1e6, MEGABYTES, WEB_TIER_MB)
        elif part.removesuffix("-work") in SERVICES:
            yield Figure(f"memory: {part}", used / 1e6, MEGABYTES, WORK_MB)
    yield Figure("memory: the whole stack", sum(memory.values()) / 1e6, MEGABYTES, STACK_MB)
