"""python -m bench.open web."""

import sys

from chassis.main import main

sys.exit(main("bench.open"))
