"""While the broker is away people go on: what they ask is accepted, and done when it returns."""

import pytest
from arena import wait_until
from evidence import come_to_rest, gather
from verdict import judge


@pytest.fixture
def without_broker(arena):
    arena.restore()
    arena.kill("rabbitmq")
    yield
    arena.restore()


def test_a_conversion_is_accepted_and_completes_when_the_broker_returns(
    arena, seller, without_broker
):
    lead = seller.enter()
    attempts = [seller.convert(lead)]
    meanwhile = _state(arena, lead)

    arena.start("rabbitmq")
    wait_until(lambda: _state(arena, lead) == "converted", "the lead is a customer")
    attempts.append(come_to_rest(arena, seller))

    verdict = judge(gather(arena, attempts, repeated=arena.repeated()))
    assert attempts[0].is_acknowledged
    assert meanwhile == "converting"
    assert verdict.is_clean, verdict


def test_every_process_stays_ready_while_the_broker_is_away(arena, without_broker):
    arena.start("leads-work")
    arena.start("leads")

    assert arena.runs("leads-work")
    assert arena.runs("leads")


def _state(arena, lead_id):
    return arena.rows("leads", "SELECT state FROM leads WHERE id = %s", lead_id)[0]["state"]
