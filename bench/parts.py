"""The web processes that are measured beside the product's own, started as its services are."""

from collections.abc import Mapping

from bench.callers import Request, ask
from bench.ground import Ground
from stack import keys, services
from stack.children import Child
from stack.progress import Failed

# Behind the ports of the services, however many there will be.
FIRST_PORT = 60
BARE, OPEN = "bare-flask", "open-list"


def url(ground: Ground, name: str) -> str:
    """Where one of the two answers, or a part of the product."""
    port = _port(ground, name) if name in (BARE, OPEN) else ground.port(name)
    return f"http://127.0.0.1:{port}"


def bare_flask(ground: Ground, page: bytes, lead: bytes) -> Child:
    """Flask and gunicorn alone; what it answers is what the service has answered."""
    files = ground.home / "page.json", ground.home / "lead.json"
    for file, content in zip(files, (page, lead), strict=True):
        file.write_bytes(content)
    return _web(ground, BARE, ("bench.bare", *map(str, files)), {})


def open_list(ground: Ground, tenant: str) -> Child:
    """The same list without its locks, as the owner of the tables."""
    owner = keys.written(ground, "leads/owner_database_url", ground.database("owner"))
    told = {"XIAOKE_DATABASE_URL_FILE": str(owner), "XIAOKE_TENANT": tenant}
    return _web(ground, OPEN, ("bench.open", "web"), told)


def _web(ground: Ground, name: str, words: tuple[str, ...], told: Mapping[str, str]) -> Child:
    port, state = _port(ground, name), ground.home / "state" / name
    state.mkdir(parents=True, exist_ok=True)
    own = {
        "HOME": str(state),
        "XIAOKE_STATE_DIR": str(state),
        "XIAOKE_PORT": str(port),
        "XIAOKE_PRIVATE_PORT": str(port + 1),
    }
    return Child(
        name=name,
        command=(str(ground.python), "-m", *words),
        environment={**services.environment(ground, "leads"), **own, **told},
        folder=ground.checkout,
        ports=(port, port + 1),
        ready=lambda: _is_well(port + 1),
    )


def _port(ground: Ground, name: str) -> int:
    return ground.base + FIRST_PORT + 2 * (BARE, OPEN).index(name)


def _is_well(port: int) -> bool:
    try:
        ask(Request("GET", f"http://127.0.0.1:{port}/health/ready"))
    except (OSError, Failed):
        return False
    return True
