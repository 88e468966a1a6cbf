"""Where the code of the house stands, for the tests of its rules."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
CHASSIS = sorted((ROOT / "chassis/chassis").rglob("*.py"))
SERVICE_CODE = sorted(
    path
    for name in SERVICES
    for path in (ROOT / "services" / name / name.replace("-", "_")).rglob("*.py")
    if "migrations" not in path.parts
)


def name_of(path: Path) -> str:
    """A path as people say it, from the root of the house."""
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def methods_called(path: Path) -> set[tuple[str, str]]:
    """Which methods a module calls, as (name of the receiver, name of the method)."""
    return {
        (ast.unparse(node.func.value), node.func.attr)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def tracked() -> list[Path]:
    """Every file that git keeps, or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]
