"""Style, types, import rules, and nothing in the repository that does not belong there."""

import re
import subprocess
from pathlib import Path

import pytest
from places import ROOT, tracked

BIN = ROOT / ".venv/bin"
CHECKS = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
}
# Written apart, so that this file does not name what it looks for.
ELSEWHERE = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npm", "deb" + r"\.debian"])
)
BINARY = {".xlsx", ".png", ".ico", ".woff2"}


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS)
def test_the_code_passes(command):
    ran = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]


def _texts():
    return [(p, p.read_text(encoding="utf-8")) for p in tracked() if p.suffix not in BINARY]


def test_no_file_names_where_packages_come_from():
    assert [str(path) for path, text in _texts() if ELSEWHERE.search(text)] == []


def test_locks_carry_hashes_and_no_addresses():
    for lock in ROOT.glob("**/requirements.lock"):
        if ".venv" in lock.parts:
            continue
        text = lock.read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-z0-9][\w.-]*==\S+", text, re.MULTILINE)
        assert pinned
        assert text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text
    for lock in (p for p in tracked() if p.name == "package-lock.json"):
        assert '"resolved"' not in lock.read_text(encoding="utf-8")
    assert ROOT / "uv.lock" not in tracked()


def test_what_a_service_installs_is_what_everybody_tests():
    everything = _pins(ROOT / "requirements.lock")

    for lock in ROOT.glob("services/*/requirements.lock"):
        assert _pins(lock) <= everything


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[a-z0-9][\w.-]*==[^\s;]+", lock.read_text("utf-8"), re.MULTILINE))
