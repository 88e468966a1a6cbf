"""python -m leads web | work | migrate | ...; it names the rest."""

import sys

from chassis.main import main

sys.exit(main("leads"))
