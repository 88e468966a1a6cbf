"""The results as people read them, and as programs do."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.chart import chart
from bench.figures import Figure
from bench.rounds import Result
from stack.tables import console

SHARES = ("gateway", "app", "database")


def show(results: Mapping[str, Result], found: list[Figure], memory: Mapping[str, int]) -> None:
    """Three tables: what a request costs, what is concluded from it, and the memory."""
    shown = console()
    shown.print(_costs(results))
    shown.print(_conclusions(found))
    shown.print(_memory(memory))


def keep(
    folder: Path, results: Mapping[str, Result], found: list[Figure], memory: Mapping[str, int]
) -> None:
    """Write latest.json and latest.svg."""
    document: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "results": [_document(result) for result in results.values()],
        "figures": [
            {**asdict(figure), "is_over": figure.is_over, "is_under": figure.is_under}
            for figure in found
        ],
        "memory": dict(memory),
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    (folder / "latest.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / "latest.svg").write_text(chart(results.values(), SHARES), encoding="utf-8")


def _costs(results: Mapping[str, Result]) -> Table:
    table = Table(
        "what",
        *(f"{share} µs" for share in SHARES),
        "CPU µs",
        "p50 ms",
        "p99 ms",
        title="CPU of one request, the middle one of all rounds; then the clock on the wall",
        title_justify="left",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for result in results.values():
        shares = (result.share(share) for share in SHARES)
        table.add_row(
            result.name,
            *(f"{micros:,.0f}" if micros else "" for micros in shares),
            f"{result.total:,.0f}",
            f"{result.percentile(50):.2f}",
            f"{result.percentile(99):.2f}",
        )
    return table


def _conclusions(found: list[Figure]) -> Table:
    table = Table("ratio or amount", "measured", "target", "", title="Conclusions")
    table.title_justify = "left"
    for figure in found:
        target = figure.limit if figure.limit is not None else figure.least
        missed = "[red]over[/]" if figure.is_over else "[red]under[/]" if figure.is_under else ""
        verdict = "" if target is None else missed or "within"
        limit = "" if target is None else f"{_number(target)} {figure.unit}"
        table.add_row(figure.what, f"{_number(figure.value)} {figure.unit}", limit, verdict)
    return table


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 20 else f"{value:,.0f}"


def _memory(memory: Mapping[str, int]) -> Table:
    table = Table("part", "PSS", title="Memory, after the work", title_justify="left")
    for part, used in memory.items():
        table.add_row(part, f"{used / 1e6:,.0f} MB")
    return table


def _document(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "cpu_us": {share: result.share(share) for share in SHARES} | {"total": result.total},
        "p50_ms": result.percentile(50),
        "p99_ms": result.percentile(99),
        "rounds": [dict(turn.cpu) for turn in result.turns],
    }
