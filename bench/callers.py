"""Callers over HTTP that keep their connections, and how long each of their requests took."""

import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from stack.progress import Failed

# One for each of two cores: enough to keep a web tier at work, too few to make it queue.
CALLERS = 2
TIMEOUT = 10
# No measurement takes longer, however slow what it measures has become.
LONGEST = 15.0

Act = Callable[[int], list[float]]


@dataclass(frozen=True)
class Request:
    """What is asked, again and again; `body` and `headers` are made anew each time."""

    method: str
    url: str
    status: int = 200
    headers: Callable[[], Mapping[str, str]] = dict
    body: Callable[[], bytes | None] = field(default=lambda: None)


@contextmanager
def calling(request: Request) -> Iterator[Act]:
    """Inside the block, a function that sends so many requests and gives the seconds of each."""
    host = urlsplit(request.url).netloc
    with ExitStack() as opened:
        connections = [
            opened.enter_context(closing(http.client.HTTPConnection(host, timeout=TIMEOUT)))
            for _ in range(CALLERS)
        ]
        pool = opened.enter_context(ThreadPoolExecutor(CALLERS))

        def act(count: int) -> list[float]:
            share = count // CALLERS
            running = [pool.submit(_ask, c, request, share) for c in connections]
            return [seconds for one in running for seconds in one.result()]

        yield act


def ask(request: Request) -> bytes:
    """The answer to one request; raises Failed where it is not the expected one."""
    with closing(http.client.HTTPConnection(urlsplit(request.url).netloc, timeout=TIMEOUT)) as line:
        return _exchange(line, request)


def timed(count: int, once: Callable[[], object]) -> list[float]:
    """The seconds that each of `count` times took; fewer where they take too long together."""
    taken: list[float] = []
    began = now = time.perf_counter()
    while len(taken) < count and now - began < LONGEST:
        once()
        now, before = time.perf_counter(), now
        taken.append(now - before)
    return taken


def _ask(line: http.client.HTTPConnection, request: Request, count: int) -> list[float]:
    return timed(count, lambda: _exchange(line, request))


def _exchange(line: http.client.HTTPConnection, request: Request) -> bytes:
    path = request.url.partition(urlsplit(request.url).netloc)[2]
    line.request(request.method, path, request.body(), dict(request.headers()))
    answer = line.getresponse()
    body = answer.read()
    if answer.status != request.status:
        raise Failed(f"{request.method} {path} was answered {answer.status}: {body[:500]!r}")
    return body
