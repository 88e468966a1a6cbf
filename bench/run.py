"""From nothing to the tables: lay the ground, let everybody take turns, say what came out."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping

from bench import parts, report, road, rows
from bench.contenders import answers, contenders
from bench.figures import figures
from bench.ground import DEFAULT_BASE, LARGE, RESULTS, SMALL, Ground, laid, start
from bench.rounds import Contender, Turn, gathered, measure
from stack import children
from stack.progress import Failed, say, step, tell_failure

ROUNDS = 7
# No round begins later: access tokens are good for five minutes, and patience for three.
WITHIN = 110.0


def main() -> int:
    """Measure everything once; slowness is printed and is no failure."""
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--long", action="store_true", help="a million leads beside ten thousand")
    parser.add_argument("--base", type=int, default=DEFAULT_BASE, help="the first port")
    wanted = parser.parse_args()
    ground = Ground(base=wanted.base)
    sizes = {SMALL: 10_000, **({LARGE: 1_000_000} if wanted.long else {})}
    try:
        with laid(ground):
            everybody = prepared(ground, sizes)
            results = gathered((one.name for one in everybody), take_turns(everybody))
            memory = held(ground)
            found_road = road.measure(ground, backlog=30_000 if wanted.long else road.COUNT)
    except Failed as failed:
        tell_failure(failed)
        return 1
    found = figures(results, found_road, memory)
    report.show(results, found, memory)
    report.keep(ground.checkout / RESULTS, results, found, memory)
    say(f"As JSON and as a chart: {RESULTS}/latest.json, {RESULTS}/latest.svg")
    return 0


def prepared(ground: Ground, sizes: Mapping[str, int]) -> list[Contender]:
    """Write the leads, start what runs beside the product, and name everybody."""
    for corp_id, size in sizes.items():
        rows.fill(ground.database("owner"), ground.tenant(corp_id), size)
    start(ground, parts.bare_flask(ground, *answers(ground)))
    start(ground, parts.open_list(ground, ground.tenant(SMALL)))
    return list(contenders(ground, sizes))


def take_turns(everybody: list[Contender]) -> Iterator[list[Turn]]:
    """The turns of all, round by round, so that a slow minute hits everybody alike."""
    began = time.monotonic()
    for number in range(1, ROUNDS + 1):
        if time.monotonic() - began > WITHIN:
            say(f"  no time is left for rounds {number} to {ROUNDS}")
            return
        with step(f"round {number} of {ROUNDS}"):
            turns = [measure(one) for one in everybody]
        yield turns


def held(ground: Ground) -> dict[str, int]:
    """Bytes of memory of every part of the product, its share of what is shared included."""
    strangers = {parts.BARE, parts.OPEN}
    names = (name for name in children.names(ground) if name not in strangers)
    return {name: children.memory(ground.pid(name)) for name in names}
