"""python -m bench.bare PAGE LEAD: Flask and gunicorn alone, answering two files."""

import os
import sys
from pathlib import Path

from flask import Flask, Response, request

from chassis import db, serve
from chassis.settings import Settings, read


def main() -> int:
    page, lead = (Path(path).read_bytes() for path in sys.argv[1:])
    settings = read(Settings, os.environ, ("port", "private_port", "state_dir"))
    # Asked only whether it answers; no request comes near it.
    database = db.Database(str(settings.database_url), pool_size=1)
    app = serve.TwoPorts(bare_app(page, lead), database, int(settings.private_port or 0))
    serve.serve(settings, lambda: app)
    return 0


def bare_app(page: bytes, lead: bytes) -> Flask:
    """An application that gives the same two answers, whoever asks whatever."""
    app = Flask("bare", static_folder=None)

    @app.get("/api/v1/leads")
    def browse() -> Response:
        return Response(page, mimetype="application/json")

    @app.post("/api/v1/leads")
    def enter() -> Response:
        request.get_data()
        return Response(lead, 201, mimetype="application/json")

    return app


if __name__ == "__main__":
    sys.exit(main())
