"""Only what has one form in JSON travels, and only a whole envelope comes in."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from things import a_delivery, an_envelope

from chassis import inbox
from chassis.access import Actor
from chassis.envelope import BadEnvelope, check, fact, plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), {1, 2}, b"raw", Decimal("NaN"), datetime(2026, 3, 9), {1: "one"}, [0.1]],  # noqa: DTZ001
    ids=repr,
)
def test_what_has_no_single_form_does_not_travel(value):
    with pytest.raises(TypeError):
        plain({"value": value})


def test_ids_amounts_days_and_moments_travel_as_text():
    china = timezone(timedelta(hours=8))
    one = uuid4()

    told = plain(
        {
            "id": one,
            "amount": Decimal("1E+3"),
            "on": date(2026, 3, 9),
            "at": datetime(2026, 3, 9, 8, 30, tzinfo=china),
            "of": (1, True, None),
        }
    )

    assert told == {
        "id": str(one),
        "amount": "1000",
        "on": "2026-03-09",
        "at": "2026-03-09T00:30:00Z",
        "of": [1, True, None],
    }


def _check(document):
    return check(document, topic="thing.state.v1", source="/test")


def test_a_whole_envelope_passes_as_it_is():
    document = an_envelope(actor=uuid4())

    assert _check(document) is document


@pytest.mark.parametrize(
    "name", ["specversion", "id", "subject", "tenant", "epoch", "version", "time", "data", "source"]
)
def test_an_envelope_that_lacks_something_is_bad(name):
    document = an_envelope()
    del document[name]

    with pytest.raises(BadEnvelope):
        _check(document)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", "one"),
        ("id", 1),
        ("subject", []),
        ("tenant", None),
        ("actor", "somebody"),
        ("actor", 0),
        ("announcement", {}),
        ("epoch", "1"),
        ("epoch", True),
        ("version", 1.0),
        ("time", "2026-03-09T02:11:00"),
        ("time", 1_772_000_000),
        ("data", []),
    ],
    ids=repr,
)
def test_an_envelope_with_something_of_the_wrong_kind_is_bad(name, value):
    with pytest.raises(BadEnvelope):
        _check({**an_envelope(), name: value})


def test_an_envelope_names_the_one_who_sent_it():
    with pytest.raises(BadEnvelope, match="sent by /test"):
        _check(an_envelope(source="/other"))


def test_an_envelope_names_the_topic_under_which_it_was_sent():
    with pytest.raises(BadEnvelope, match="sent as thing"):
        _check(an_envelope(type="thing.moved.v1"))


@given(JSON)
def test_any_document_is_a_bad_envelope_and_nothing_worse(document):
    with pytest.raises(BadEnvelope):
        _check(document)


@given(st.sampled_from(sorted(an_envelope())), JSON)
def test_whatever_passes_becomes_a_fact(name, value):
    document = {**an_envelope(), name: value}
    try:
        _check(document)
    except BadEnvelope:
        return

    told = fact(document, by=Actor.system(UUID(document["tenant"]), None))

    assert told.subject == UUID(document["subject"])
    assert told.version == document["version"]


@given(st.binary(max_size=60))
def test_any_bytes_are_kept_and_parked(body):
    kept = inbox.read(a_delivery(None, body=body))

    assert (kept.state, kept.tenant_id) == ("parked", None)
    assert orjson.loads(kept.envelope)["sent_by"] == "test"


def test_a_fact_says_who_was_behind_it_and_when():
    person = uuid4()
    document = an_envelope(actor=person)

    told = fact(document, by=Actor.system(UUID(document["tenant"]), None))

    assert told.actor == person
    assert told.time == datetime(2026, 3, 9, 2, 11, tzinfo=UTC)
