"""Signing keys: sealed where they lie, and one at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import create_engine, text

from chassis import db
from chassis.tables import with_driver
from identity import usecases
from identity.models import SigningKey
from identity.usecases import signing

SECRET = bytes(range(32))


def test_a_private_key_is_sealed_where_it_lies(now):
    made = SigningKey(**SigningKey.generate(sealing_key=SECRET, now=now))

    private = made.private_key(sealing_key=SECRET)

    assert private.public_key().public_bytes_raw() == made.public_key
    assert private.private_bytes_raw() not in made.sealed_private_key


def test_another_secret_does_not_open_a_key(now):
    made = SigningKey(**SigningKey.generate(sealing_key=SECRET, now=now))

    with pytest.raises(InvalidTag):
        made.private_key(sealing_key=bytes(32))


def test_a_sealed_key_is_bound_to_its_own_id(now):
    made = SigningKey(**SigningKey.generate(sealing_key=SECRET, now=now))
    made.kid = "another"

    with pytest.raises(InvalidTag):
        made.private_key(sealing_key=SECRET)


@pytest.fixture
def empty_keys(alone, service):
    """A schema in which no key has been made yet: the stack's own has one already."""
    owner = create_engine(with_driver(alone["databases"][service.package]["owner"]))
    schema = f"keys_{uuid4().hex}"
    with owner.begin() as connection:
        app = connection.execute(text("SELECT replace(current_user, '_owner', '_app')")).scalar()
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        connection.execute(
            text(f"CREATE TABLE {schema}.signing_keys (LIKE public.signing_keys INCLUDING ALL)")
        )
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {app}"))
        connection.execute(text(f"GRANT SELECT, INSERT ON {schema}.signing_keys TO {app}"))
    yield schema
    with owner.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    owner.dispose()


def test_two_processes_that_make_the_first_key_at_once_agree_on_one(
    database, empty_keys, now, monkeypatch
):
    both_found_none = Barrier(2, timeout=10)
    generate = SigningKey.generate

    def generate_together(**facts):
        both_found_none.wait()
        return generate(**facts)

    monkeypatch.setattr(signing.SigningKey, "generate", generate_together)

    def start(_):
        token = db.database.set(database)
        with db.transaction(uuid4()) as tx:
            tx.session.execute(text(f"SET LOCAL search_path = {empty_keys}, public"))
            found = usecases.public_keys(tx.session, sealing_key=SECRET, now=now)
        db.database.reset(token)
        return found

    with ThreadPoolExecutor(2) as processes:
        one, other = processes.map(start, range(2))

    assert one == other
    assert len(one) == 1
