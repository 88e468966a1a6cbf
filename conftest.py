"""Holds a whole run to the budget table of CONTRIBUTING.md."""

from collections import defaultdict

import budget
import pytest

# pytest names test modules by their folders, and some folders are called like the package in
# them: whoever is imported first has the name.
import sandbox  # noqa: F401

_used: defaultdict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    row = budget.row_of(report.nodeid.split("::")[0])
    if row is not None:
        _used[row] += report.duration


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    over = _over_budget()
    if over and not hasattr(session.config, "workerinput") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for row, (used, allowed) in _over_budget().items():
        terminalreporter.write_line(
            f"over budget: {row} took {used:.0f} s of {allowed} s", red=True
        )


def _over_budget() -> dict[str, tuple[float, int]]:
    allowed = budget.budgets()
    return {row: (used, allowed[row]) for row, used in _used.items() if used > allowed[row]}
