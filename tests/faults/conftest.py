"""One arena for all tests of faults, and somebody who sells in it."""

from collections.abc import Iterator

import pytest
from arena import Arena, opened, wanted_base
from seller import Seller

from sign_in import Person
from stack import stack_file


@pytest.fixture(scope="session")
def arena() -> Iterator[Arena]:
    with opened(Arena(base=wanted_base())) as arena:
        yield arena


@pytest.fixture(scope="session")
def seller(arena: Arena) -> Iterator[Seller]:
    corp_id = stack_file.read(arena)["tenants"][0]["corp_id"]
    with Seller(arena.url("gateway"), Person("wangfang", corp_id)) as seller:
        yield seller
