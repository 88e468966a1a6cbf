"""What is published is what the code says, and every refusal can be understood."""

import re
import subprocess
import sys
from importlib import import_module

import pytest
import yaml
from places import ROOT, SERVICES

from chassis.errors import Refusal

METHODS = {"get", "post", "patch", "delete", "put"}


def test_the_published_files_are_current():
    checked = subprocess.run(
        [sys.executable, "tools/api.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def _operations(service):
    document = yaml.safe_load((ROOT / f"api/http/{service}.yaml").read_text(encoding="utf-8"))
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_says_who_may_call_it(service):
    for path, method, operation in _operations(service):
        declared = {"x-permission", "x-callers"} & set(operation)
        assert len(declared) == 1, f"{method} {path}"
        assert method != "put", path
        assert ("x-callers" not in operation) or path.startswith("/internal/"), path


@pytest.mark.parametrize("service", SERVICES)
def test_every_permission_that_a_route_asks_for_is_published(service):
    known = {p.key for p in import_module(f"{service.replace('-', '_')}.app").service.permissions}
    asked = {operation.get("x-permission") for _, _, operation in _operations(service)}

    assert asked - {None, "signed-in", "anonymous"} <= known


def _refusals(kind=Refusal):
    for below in kind.__subclasses__():
        yield below
        yield from _refusals(below)


def test_every_refusal_has_a_code_and_a_sentence_in_both_languages():
    for service in SERVICES:
        import_module(f"{service.replace('-', '_')}.app")

    for refusal in set(_refusals()):
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", refusal.code), refusal
        assert re.search(r"[\u4e00-\u9fff]", refusal.zh), refusal
        assert refusal.en.isascii(), refusal
        assert refusal.en, refusal


def test_one_code_means_one_thing():
    said = {}
    for refusal in set(_refusals()):
        said.setdefault(refusal.code, set()).add(refusal.zh)

    assert {code: words for code, words in said.items() if len(words) > 1} == {}
