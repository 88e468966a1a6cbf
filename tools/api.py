"""Write api/ from the code: interfaces, permissions and events; `--check` only compares.

The examples of an event are written by hand, in its file, and stay there.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from flask import Flask

from chassis.access import Permission
from chassis.published import schema_of
from chassis.service import Service
from chassis.web.openapi import describe

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Written by `make api` from the code of the service; change it there.\n"


def services() -> list[Service]:
    """Every service of the repository, in the order of their names."""
    folders = sorted(p.parent.name for p in (ROOT / "services").glob("*/pyproject.toml"))
    return [import_module(f"{name.replace('-', '_')}.app").service for name in folders]


def written() -> dict[Path, str]:
    """What each file of api/ should say."""
    known = services()
    files = {ROOT / "api/http" / f"{s.name}.yaml": HEAD + _yaml(s) for s in known}
    permissions = [_permission(p) for s in known for p in s.permissions]
    files[ROOT / "api/permissions.json"] = (
        json.dumps(permissions, ensure_ascii=False, indent=2) + "\n"
    )
    for service in known:
        for kind in service.announces:
            path = ROOT / "api/events" / f"{kind.topic}.json"
            files[path] = _event(path, schema_of(kind, service.name))
    return files


def _event(path: Path, shape: dict[str, Any]) -> str:
    examples = json.loads(path.read_text(encoding="utf-8"))["examples"] if path.is_file() else []
    return json.dumps({**shape, "examples": examples}, ensure_ascii=False, indent=2) + "\n"


def _yaml(service: Service) -> str:
    document = describe(Flask(service.package, static_folder=None), service)
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def _permission(permission: Permission) -> dict[str, object]:
    return {
        "key": permission.key,
        "zh": permission.zh,
        "en": permission.en,
        "roles": dict(permission.roles),
    }


def main() -> int:
    """Write what differs; with --check, name it and answer 1 instead."""
    is_check = sys.argv[1:] == ["--check"]
    differing = [
        (path, text)
        for path, text in written().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in differing:
        print(f"{'not current' if is_check else 'written'}: {path.relative_to(ROOT)}")
        if not is_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if is_check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
