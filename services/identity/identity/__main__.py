"""python -m identity web | migrate | draft MESSAGE | people | seed."""

import sys

from chassis.main import main

sys.exit(main("identity"))
