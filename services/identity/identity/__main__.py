"""python -m identity web | work | migrate | ...; it names the rest."""

import sys

from chassis.main import main

sys.exit(main("identity"))
