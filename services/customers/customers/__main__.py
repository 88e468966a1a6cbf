"""python -m customers web | work | migrate | ...; it names the rest."""

import sys

from chassis.main import main

sys.exit(main("customers"))
