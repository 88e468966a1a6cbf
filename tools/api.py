"""Write api/http/*.yaml and api/permissions.json from the code; `--check` only compares."""

import json
import sys
from importlib import import_module
from pathlib import Path

import yaml
from flask import Flask

from chassis.access import Permission
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
    return files


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
