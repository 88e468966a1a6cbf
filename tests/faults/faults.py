"""python -m faults [--seconds N] [--seed N] [--base PORT]: `make faults`."""

import random
import sys
from argparse import ArgumentParser

import storm
from arena import Arena, opened

from stack.progress import Failed, say, tell_failure

DEFAULT_BASE = 20600
INVALID = 2


def main() -> int:
    """Let it storm on a stack of its own; 0 where nothing was lost, 2 where nothing bit."""
    parser = ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--base", type=int, default=DEFAULT_BASE, help="the first port")
    wanted = parser.parse_args()
    say(f"seed {wanted.seed}, {wanted.seconds:.0f} s")
    try:
        with opened(Arena(base=wanted.base, folder="storm")) as arena:
            outcome = storm.run(arena, seed=wanted.seed, seconds=wanted.seconds, say=say)
    except Failed as failed:
        tell_failure(failed)
        return 1
    for line in storm.report(outcome):
        say(line)
    if not outcome.is_valid:
        say("INVALID: the faults did not bite, so this run shows nothing")
        return INVALID
    say(outcome.closing_line)
    return 0 if outcome.verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
