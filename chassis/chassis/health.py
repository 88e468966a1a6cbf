"""What the private port answers: whether a process lives, whether it is ready, what it counted."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from chassis import observe

Page = tuple[str, str, bytes]


def page(path: str, is_ready: Callable[[], bool]) -> Page:
    """Status, content type and body. Living depends on nothing, so that nobody kills in vain."""
    if path == "/health/live":
        return "200 OK", "text/plain", b"live\n"
    if path == "/health/ready":
        if is_ready():
            return "200 OK", "text/plain", b"ready\n"
        return "503 Service Unavailable", "text/plain", b"not ready\n"
    if path == "/metrics":
        return "200 OK", "text/plain; version=0.0.4", observe.metrics()
    return "404 Not Found", "text/plain", b"not found\n"


def database_answers(engine: Engine) -> bool:
    """Whether the database can be asked at all."""
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except SQLAlchemyError:
        return False
    return True


def open_port(address: str, port: int, is_ready: Callable[[], bool]) -> ThreadingHTTPServer:
    """Answer on a port of its own, from a thread of its own, until it is shut down."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = page(self.path, is_ready)
            self.send_response(int(status[:3]))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nobody reads how often somebody asked."""

    server = ThreadingHTTPServer((address, port), Handler)
    threading.Thread(target=server.serve_forever, name="private port", daemon=True).start()
    return server
