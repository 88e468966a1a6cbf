"""The budget table of CONTRIBUTING.md: how long each folder of tests may take."""

import re
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"
_ROW = re.compile(r"^\| `([\w/-]+)` \| (\d+) s \|", re.MULTILINE)


def budgets() -> dict[str, int]:
    """Seconds of test time that each folder may use, by the beginning of its path."""
    return {folder: int(s) for folder, s in _ROW.findall(TABLE.read_text(encoding="utf-8"))}


def row_of(path: str) -> str | None:
    """The row of the table that a test belongs to: the longest beginning that fits."""
    fitting = [row for row in budgets() if path == row or path.startswith(f"{row}/")]
    return max(fitting, key=len, default=None)
