"""A transaction ends where its edge ends, and a record is found under its policy."""

import pytest
from places import SERVICE_CODE, methods_called, name_of


@pytest.mark.parametrize("path", SERVICE_CODE, ids=name_of)
def test_no_service_ends_a_transaction_by_hand(path):
    assert not {m for _, m in methods_called(path)} & {"begin", "commit", "rollback"}


@pytest.mark.parametrize("path", SERVICE_CODE, ids=name_of)
def test_no_service_fetches_past_the_policy(path):
    # session.get answers from the identity map, whoever asks.
    assert not {c for c in methods_called(path) if c[0].endswith("session")} & {
        ("session", "get"),
        ("session", "query"),
        ("tx.session", "get"),
        ("tx.session", "query"),
    }
