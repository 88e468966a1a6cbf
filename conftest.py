"""Holds a whole run to the budget table of CONTRIBUTING.md, and gives its tests to processes."""

from collections import defaultdict

import budget
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# pytest names test modules by their folders, and some folders are called like the package in
# them: whoever is imported first has the name.
import sandbox  # noqa: F401

# What has one stack to itself is for one process, one test after the other.
TOGETHER = "tests/faults/"
_used: defaultdict[str, float] = defaultdict(float)


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to the process that is free; those that belong together, to one.

    The mark `xdist_group` would say the same, but has no effect with the pytest of today.
    """

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _Scheduling(config, log)


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
