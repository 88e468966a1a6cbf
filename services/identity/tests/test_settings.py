"""Without what it needs, the service does not start."""

import base64

import pytest

from chassis.settings import BadSettings, read
from identity.settings import Settings

GOOD = {
    "XIAOKE_KEY_SECRET": base64.b64encode(bytes(32)).decode(),
    "XIAOKE_PUBLIC_URL": "https://crm.example.com",
    "XIAOKE_PERMISSIONS_FILE": "api/permissions.json",
}


def test_a_secret_of_32_bytes_and_an_https_address_are_enough():
    assert read(Settings, GOOD, Settings.NEEDS).sealing_key == bytes(32)


@pytest.mark.parametrize("secret", ["", "not base64!", base64.b64encode(bytes(31)).decode()])
def test_a_secret_that_cannot_seal_stops_the_start(secret):
    with pytest.raises(BadSettings, match="XIAOKE_KEY_SECRET must be 32 bytes in base64"):
        read(Settings, GOOD | {"XIAOKE_KEY_SECRET": secret}, Settings.NEEDS)


def test_plain_http_is_for_the_local_stack_only():
    plain = GOOD | {"XIAOKE_PUBLIC_URL": "http://crm.example.com"}

    with pytest.raises(BadSettings, match="must begin with https://"):
        read(Settings, plain, Settings.NEEDS)
    assert not read(Settings, plain | {"XIAOKE_LOCAL": "1"}, Settings.NEEDS).is_https


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_setting_is_named(name):
    told = {key: value for key, value in GOOD.items() if key != name}

    with pytest.raises(BadSettings, match=f"{name} is missing"):
        read(Settings, told, Settings.NEEDS)


def test_the_secret_is_never_shown():
    assert GOOD["XIAOKE_KEY_SECRET"] not in repr(read(Settings, GOOD, Settings.NEEDS))
