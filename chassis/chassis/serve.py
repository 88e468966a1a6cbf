"""gunicorn around a service: threads, two ports, and health and metrics on the private one."""

import gc
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy.orm import configure_mappers

from chassis import db, health
from chassis.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

# Longer than the gateway keeps its connections, so that ours never closes one under a request.
KEEP_ALIVE = 75
GRACE = 30

log = structlog.get_logger()


class TwoPorts:
    """Sends the private port to health and metrics, every other one to the application.

    Both are served by the same threads, so that 'ready' speaks of the very workers that answer.
    """

    def __init__(self, app: Flask, database: db.Database, private_port: int) -> None:
        self._app, self._database, self._private = app, database, str(private_port)

    def __call__(self, environ: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
        if environ["SERVER_PORT"] != self._private:
            return self._app(environ, start)
        status, kind, body = health.page(
            environ["PATH_INFO"], lambda: health.database_answers(self._database.engine)
        )
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    def __init__(self, build: Callable[[], TwoPorts], options: dict[str, Any]) -> None:
        self._build, self._options = build, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> TwoPorts:
        application = self._build()
        # Whatever is made before the fork is there once: the mappers too, which would otherwise
        # be worked out by each worker; and the collector would touch, and so copy, all of it.
        configure_mappers()
        gc.collect()
        gc.freeze()
        return application


def serve(settings: Settings, build: Callable[[], TwoPorts]) -> None:
    """Serve until SIGTERM, which lets the requests under way finish for up to 30 s."""
    address = settings.address()
    _Gunicorn(
        build,
        {
            "bind": [f"{address}:{settings.port}", f"{address}:{settings.private_port}"],
            "worker_class": "gthread",
            "workers": settings.workers,
            "threads": settings.threads,
            "preload_app": True,
            "keepalive": KEEP_ALIVE,
            "graceful_timeout": GRACE,
            "worker_tmp_dir": str(settings.state_dir),
            "control_socket_disable": True,
            "child_exit": _forget_worker,
            "errorlog": "-",
            "loglevel": "warning",
        },
    ).run()


def gather_metrics_in(state_dir: Path) -> None:
    """Where the workers of this service put their counters; must come before the first of them."""
    folder = state_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _forget_worker(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
