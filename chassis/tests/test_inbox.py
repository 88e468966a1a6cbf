"""What arrives is stored once, whatever it is, before the broker may forget it."""

from uuid import UUID

import orjson
import pytest
from things import a_delivery, an_envelope

from chassis import inbox

pytestmark = pytest.mark.usefixtures("things")


@pytest.fixture
def kept(rows):
    """Answers the rows of the inbox with these ids, in order."""

    def read(*ids):
        asked = "SELECT * FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[])) ORDER BY position"
        return rows(asked, ids=list(map(str, ids)))

    return read


def test_what_is_delivered_again_is_stored_once(database, kept):
    document = an_envelope()

    new = [inbox.store(database.engine, [a_delivery(document)]) for _ in range(3)]

    assert new == [1, 0, 0]
    assert [row.state for row in kept(document["id"])] == ["pending"]


def test_what_is_delivered_twice_in_one_batch_is_stored_once(database, kept):
    document = an_envelope()

    new = inbox.store(database.engine, [a_delivery(document), a_delivery(document)])

    assert (new, len(kept(document["id"]))) == (1, 1)


def test_a_batch_is_stored_in_the_order_in_which_it_came(database, kept):
    documents = [an_envelope() for _ in range(50)]

    inbox.store(database.engine, [a_delivery(one) for one in documents])

    ids = [one["id"] for one in documents]
    assert [str(row.event_id) for row in kept(*reversed(ids))] == ids


def test_an_announced_state_is_stored_under_its_topic(database, kept):
    document = an_envelope(announcement=UUID(int=7), refill=True)

    inbox.store(database.engine, [a_delivery(document)])

    (row,) = kept(document["id"])
    assert (row.topic, row.announcement, row.state) == ("thing.state.v1", UUID(int=7), "pending")


def test_a_bad_envelope_is_parked_whole_with_its_reason(database, rows):
    document = an_envelope(source="/somebody-else")
    delivery = a_delivery(document)

    inbox.store(database.engine, [delivery])

    (row,) = rows("SELECT * FROM inbox WHERE event_id = :id", id=inbox.bad(delivery, "").event_id)
    assert (row.state, row.tenant_id) == ("parked", None)
    assert "sent by /test" in row.error
    assert row.envelope["sent_by"] == "test"


def test_a_bad_envelope_does_not_take_the_id_that_it_claims(database, kept):
    document = an_envelope()
    inbox.store(database.engine, [a_delivery({**document, "source": "/thief"})])

    new = inbox.store(database.engine, [a_delivery(document)])

    assert new == 1
    assert [row.state for row in kept(document["id"])] == ["pending"]


def test_a_bad_envelope_that_comes_again_is_parked_once(database):
    delivery = a_delivery(an_envelope(source="/thief"))

    assert [inbox.store(database.engine, [delivery]) for _ in range(2)] == [1, 0]


def test_a_zero_character_parks_its_own_event_and_lets_the_batch_pass(database, kept):
    before, after = an_envelope(), an_envelope()
    zero = a_delivery(an_envelope(data={"name": "la\0mp"}))

    new = inbox.store(database.engine, [a_delivery(before), zero, a_delivery(after)])

    states = [row.state for row in kept(before["id"], inbox.bad(zero, "").event_id, after["id"])]
    assert (new, states) == (3, ["pending", "parked", "pending"])


def test_an_id_that_only_python_can_read_parks_its_own_event(database, kept):
    odd, after = an_envelope(), an_envelope()
    odd["subject"] = f"urn:uuid:{odd['subject']}"

    inbox.store(database.engine, [a_delivery(odd), a_delivery(after)])

    assert [row.state for row in kept(inbox.bad(a_delivery(odd), "").event_id)] == ["parked"]
    assert [row.state for row in kept(after["id"])] == ["pending"]


def test_the_reason_of_a_bad_envelope_may_quote_a_zero_character(database, kept):
    delivery = a_delivery(an_envelope(source="/te\0st"))

    inbox.store(database.engine, [delivery])

    assert [row.state for row in kept(inbox.bad(delivery, "").event_id)] == ["parked"]


def test_a_reason_is_never_longer_than_its_column_is_meant_for(database, kept):
    delivery = a_delivery(an_envelope(source="/" + "x" * 10_000))

    inbox.store(database.engine, [delivery])

    (row,) = kept(inbox.bad(delivery, "").event_id)
    assert len(row.error) == inbox.LONGEST_ERROR


def test_what_is_no_json_is_parked(database, kept):
    delivery = a_delivery(None, body=b"\xff{" + an_envelope()["id"].encode())

    inbox.store(database.engine, [delivery])

    assert [row.state for row in kept(inbox.bad(delivery, "").event_id)] == ["parked"]


def test_the_envelope_is_kept_with_everything_that_it_says(database, kept):
    document = an_envelope() | {"later": {"producers": "may say more"}}

    inbox.store(database.engine, [a_delivery(document)])

    (row,) = kept(document["id"])
    assert orjson.loads(orjson.dumps(row.envelope)) == document
