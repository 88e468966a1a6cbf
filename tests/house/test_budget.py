"""The whole run stays within the table of CONTRIBUTING.md, which conftest.py enforces."""

from pathlib import Path

from budget import budgets

WHOLE_RUN = 45 * 60


def test_every_folder_of_tests_has_a_budget():
    root = Path(__file__).resolve().parents[2]
    folders = {
        str(path.relative_to(root).parts[0])
        for path in root.rglob("test_*.py")
        if not {".venv", "node_modules", ".local"} & set(path.parts)
    }

    assert folders <= {row.split("/")[0] for row in budgets()}


def test_the_budgets_add_up_to_no_more_than_the_whole_run():
    assert sum(budgets().values()) <= WHOLE_RUN
