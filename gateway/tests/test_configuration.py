"""The rendered file itself: what a reader of configurations and nginx say about it."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.rehearsal import configuration

PLACES = {
    "http": {"PUBLIC_ORIGIN": "http://127.0.0.1:20000", "SCHEME_COOKIE_PREFIX": ""},
    "https": {"PUBLIC_ORIGIN": "https://crm.example", "SCHEME_COOKIE_PREFIX": "__Host-"},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_gixy_finds_nothing(tmp_path: Path, place: dict[str, str]) -> None:
    written = tmp_path / "nginx.conf"
    written.write_text(configuration(20800, tmp_path, **place))

    found = subprocess.run(
        [Path(sys.executable).parent / "gixy", written], capture_output=True, text=True
    )

    assert "No issues found" in found.stdout, found.stdout
    assert found.returncode == 0
