"""A gateway that the tests of this folder share; each finds it with nothing seen yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.rehearsal import Door, door
from gateway.standins import StandIn


@pytest.fixture(scope="session")
def api_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    (folder / "identity.yaml").write_text("openapi: 3.1.0\n")
    (folder / "leads.yaml").write_text("openapi: 3.1.0\n")
    (folder / "notes.txt").write_text("not for readers\n")
    return folder


@pytest.fixture(scope="session")
def shared_door(tmp_path_factory: pytest.TempPathFactory, api_files: Path) -> Iterator[Door]:
    with door(tmp_path_factory.mktemp("gateway"), API_FILES=str(api_files)) as opened:
        yield opened


@pytest.fixture
def gate(shared_door: Door) -> Iterator[Door]:
    yield shared_door
    shared_door.forget()


@pytest.fixture
def leads(gate: Door) -> StandIn:
    return gate.services["leads"]


@pytest.fixture
def identity(gate: Door) -> StandIn:
    return gate.services["identity"]
