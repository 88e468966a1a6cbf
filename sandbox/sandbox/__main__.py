"""python -m sandbox."""

import logging
import os
import signal
import sys

from werkzeug.serving import make_server

from chassis import observe
from chassis.settings import BadSettings, read
from sandbox.app import create_app
from sandbox.settings import NEEDS, Settings


def main() -> int:
    """Serve until SIGTERM; returns the exit status."""
    try:
        settings = read(Settings, os.environ, NEEDS)
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 1
    observe.start_logging("sandbox", settings.log_level)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # What people scan is kept in memory, so there is one process and threads in it.
    server = make_server(
        settings.address(), settings.port or 0, create_app(settings), threaded=True
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
