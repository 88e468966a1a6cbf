"""The environment is checked whole, and the local stack's liberties stay local."""

from dataclasses import dataclass

import pytest

from chassis.settings import BadSettings, Settings, read, secret


@dataclass(frozen=True, kw_only=True)
class Tried(Settings):
    key_secret: str | None = secret()


def test_every_fault_is_named_at_once():
    environment = {"XIAOKE_PORT": "x", "XIAOKE_LOCAL": "yes", "XIAOKE_CALLERS": "[]"}

    with pytest.raises(BadSettings) as refused:
        read(Tried, environment, needs=("database_url",))

    named = {fault.split()[0].rstrip(":") for fault in refused.value.faults}
    assert named == {"XIAOKE_PORT", "XIAOKE_LOCAL", "XIAOKE_CALLERS", "XIAOKE_DATABASE_URL"}


def test_a_secret_may_stand_in_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("of the file\n")

    assert read(Tried, {"XIAOKE_KEY_SECRET_FILE": str(file)}).key_secret == "of the file"


def test_a_secret_given_twice_is_a_fault(tmp_path):
    with pytest.raises(BadSettings, match="given twice"):
        read(Tried, {"XIAOKE_KEY_SECRET": "a", "XIAOKE_KEY_SECRET_FILE": "b"})


def test_a_secret_never_shows_in_what_is_printed():
    settings = read(
        Tried, {"XIAOKE_KEY_SECRET": "hush", "XIAOKE_DATABASE_URL": "postgresql://u:p@h"}
    )

    assert "hush" not in repr(settings)
    assert "u:p" not in repr(settings)


def test_a_shifted_clock_is_a_liberty_of_the_local_stack():
    assert read(Tried, {"XIAOKE_CLOCK_SHIFT": "60", "XIAOKE_LOCAL": "1"}).clock_shift == 60
    with pytest.raises(BadSettings, match="XIAOKE_CLOCK_SHIFT is only for the local stack"):
        read(Tried, {"XIAOKE_CLOCK_SHIFT": "60"})


def test_a_local_process_listens_on_loopback_only():
    assert read(Tried, {"XIAOKE_LOCAL": "1"}).address() == "127.0.0.1"
    with pytest.raises(BadSettings, match="loopback"):
        read(Tried, {"XIAOKE_LOCAL": "1", "XIAOKE_BIND": "0.0.0.0"})
