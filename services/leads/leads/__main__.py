"""python -m leads web | migrate | draft MESSAGE | people."""

import sys

from chassis.main import main

sys.exit(main("leads"))
