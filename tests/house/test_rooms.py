"""Every room has its name and its place, and stays small enough to know."""

import ast
import re

import pytest
from places import CHASSIS, ROOT, SERVICE_CODE, SERVICES, name_of, tree

ROOMS = {
    "__init__",
    "__main__",
    "app",
    "commands",
    "clients",
    "consumers",
    "events",
    "jobs",
    "migrations",
    "models",
    "policy",
    "queries",
    "routes",
    "schemas",
    "settings",
    "usecases",
}
BANNED = {"utils", "helpers", "common", "manager", "base", "info", "process", "misc"}
SALES_NOUNS = re.compile(
    r"(?i)(^|_)(leads?|customers?|contacts?|opportunit(y|ies)|contracts?|invoices?|payments?)($|_)"
)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_rooms_of_the_house_and_no_others(service):
    folder = ROOT / "services" / service / service.replace("-", "_")

    found = {path.stem for path in folder.iterdir() if path.name != "__pycache__"} - {"py"}

    assert found <= ROOMS
    assert {"app", "models", "settings", "__main__"} <= found


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_what_it_is(service):
    readme = ROOT / "services" / service / "README.md"

    assert len(readme.read_text(encoding="utf-8").splitlines()) > 5


@pytest.mark.parametrize("path", CHASSIS + SERVICE_CODE, ids=name_of)
def test_a_module_is_short_named_well_and_says_what_lives_there(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
    assert path.stem not in BANNED
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", CHASSIS, ids=name_of)
def test_the_chassis_knows_no_sales_noun(path):
    names = {
        getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name | ast.Attribute | ast.FunctionDef | ast.ClassDef)
    }

    assert not {name for name in names if name and SALES_NOUNS.search(name)}


@pytest.mark.parametrize("path", CHASSIS + SERVICE_CODE, ids=name_of)
def test_public_functions_say_what_they_are_for(path):
    is_told = "usecases" in str(path) or (path in CHASSIS and "versions" not in path.parts)
    silent = [
        node.name
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and len(node.body) > 3
    ]

    assert not (is_told and silent)


@pytest.mark.parametrize("path", CHASSIS + SERVICE_CODE, ids=name_of)
def test_no_code_of_the_product_names_the_sandbox(path):
    assert "sandbox" not in path.read_text(encoding="utf-8").lower()
