"""Lay out a new service with the rooms it cannot do without: `make service name=customers`."""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ROOT / "deploy/local/stack/places.py"
NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")

ROOMS = {
    "__init__.py": '"""{title}."""\n',
    "__main__.py": '''"""python -m {package} web | work | migrate | ...; it names the rest."""

import sys

from chassis.main import main

sys.exit(main("{package}"))
''',
    "settings.py": '''"""The environment of this service: what every service is told so far."""

from chassis.settings import Settings

__all__ = ["Settings"]
''',
    "app.py": '''"""Where the service is put together."""

from chassis.service import Service
from {package}.models import Base
from {package}.settings import Settings

service = Service(name="{name}", tables=Base.metadata, routes=[], settings=Settings)
''',
    "models.py": '''"""The nouns of this service, what may happen to them, and what they refuse."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chassis.db import Record
from chassis.tables import NAMING


class Base(Record, DeclarativeBase):
    """The tables of this service: tenant, version and times come from Record."""

    metadata = MetaData(naming_convention=NAMING)
''',
}
PROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "xiaoke-{name}"
version = "0.1.0"
description = "{title}."
requires-python = ">=3.11"
dependencies = ["xiaoke-chassis"]

[tool.setuptools.packages.find]
include = ["{package}*"]

[tool.setuptools.package-data]
{package} = ["migrations/*.py", "migrations/*.mako", "migrations/versions/*.py"]
"""
STILL_TO_DO = """written: services/{name}, and its place in the local stack. It still lacks:
  - README.md: what it owns, its API, its events, how to run it alone
  - its line in pyproject.toml: the paths and files of mypy, the packages of import-linter
  - a door in gateway/nginx.conf.template, once it has routes
  - a row in the budget table of CONTRIBUTING.md
  - events.py and consumers.py, once it tells or hears of something, and their names in app.py
  - its first migration (make up, then make migration s={name} m="..."), and make lock"""


def main() -> int:
    """Write what is the same in every service; a folder that exists stays as it is."""
    if len(sys.argv) != 2 or not NAME.fullmatch(sys.argv[1]):
        print("usage: make service name=lower-case-name", file=sys.stderr)
        return 2
    name = sys.argv[1]
    folder = ROOT / "services" / name
    if folder.exists():
        print(f"services/{name} exists already", file=sys.stderr)
        return 1
    write(folder, name)
    print(STILL_TO_DO.format(name=name))
    return 0


def write(folder: Path, name: str) -> None:
    """Write the rooms of the service `name` into `folder`, and append it to the stack's list."""
    package = name.replace("-", "_")
    words = {"name": name, "package": package, "title": name.replace("-", " ").capitalize()}
    rooms = folder / package
    (rooms / "migrations/versions").mkdir(parents=True)
    (folder / "tests").mkdir()
    for room, text in ROOMS.items():
        (rooms / room).write_text(text.format(**words), encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT.format(**words), encoding="utf-8")
    exemplar = ROOT / "services/leads/leads/migrations"
    for file in ("env.py", "script.py.mako"):
        shutil.copyfile(exemplar / file, rooms / "migrations" / file)
    listed = PLACES.read_text(encoding="utf-8")
    places = re.sub(r'(SERVICES = \(\n(?:    ".*",\n)+)', rf'\g<1>    "{name}",\n', listed)
    PLACES.write_text(places, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
