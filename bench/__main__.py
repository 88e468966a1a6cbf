"""python -m bench [--long] [--base PORT]: lists and creates against the bare parts."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Neither the stack nor the tools are installed: they are run from where they lie.
sys.path[:0] = [str(ROOT / "deploy/local"), str(ROOT / "tools")]

if __name__ == "__main__":
    from bench.run import main

    sys.exit(main())
