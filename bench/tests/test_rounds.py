"""What the bench concludes from its rounds, without a stack."""

from bench.chart import chart
from bench.cpu import ticks
from bench.rounds import Result, Turn, ratio

SHARES = ("gateway", "app", "database")


def _result(name: str, *totals: float) -> Result:
    return Result(name, [Turn({"app": total}, [0.001, 0.002]) for total in totals])


def test_a_ratio_compares_what_ran_in_the_same_round() -> None:
    # One slow minute hits both in the second round, and so leaves no trace.
    ours, bare = _result("ours", 200, 2000, 220), _result("bare", 100, 1000, 100)

    assert ratio(ours, bare) == 2


def test_a_ratio_to_several_compares_with_their_sum() -> None:
    assert ratio(_result("ours", 300), _result("one", 100), _result("other", 50)) == 2


def test_processor_time_is_read_behind_a_name_with_spaces_and_brackets() -> None:
    columns = ["S", *("0" for _ in range(10)), "7", "5", "2", "1", "99"]

    assert ticks(f"42 (a) b (c)) {' '.join(columns)}") == 15


def test_the_chart_has_a_bar_for_every_share_and_escapes_names() -> None:
    drawn = chart([_result("list <b>", 100.0)], SHARES)

    assert "list &lt;b&gt;" in drawn
    # A key and a bar for each share.
    assert drawn.count("<rect") == 2 * len(SHARES)
