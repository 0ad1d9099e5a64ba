"""What a run found, as the tables of `docs/concepts/performance.md`: made from its JSON, so that page and run agree."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.budgets import quantity
from tests.benchmarks.judging import Judged

Report = dict[str, Any]


def report(text: str) -> Report:
    """A type of an option: the JSON of a run. Raises: `argparse.ArgumentTypeError`."""
    try:
        read = json.loads(Path(text).read_text())
    except OSError as problem:
        raise argparse.ArgumentTypeError(f"can't read {text!r}: {problem.strerror}") from None
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} holds no JSON of a run (an unfinished one, or another file)"
        ) from None
    if not (isinstance(read, dict) and {"command", "facts", "budgets", "figures", "failed"} <= read.keys()):
        raise argparse.ArgumentTypeError(f"{text!r} is not what scripts/bench --json writes")
    return read


def markdown(read: Report) -> str:
    """One table with every budget beside its figure; then what has a table of its own."""
    figures = read["figures"]
    parts = [_head(read)]
    if read["budgets"]:
        parts.append("\n".join(_budgets(Judged(**line) for line in read["budgets"])))
    for name, title, rows in (
        ("lifecycles", "Lifecycles a second", _lifecycles),
        ("latency", "From creation to offer", _latency),
        ("engine", "Longest steps", _steps),
        ("console", "Pages of the console", _pages),
    ):
        if name in figures and (lines := list(rows(figures[name]))):
            parts.append("\n".join([f"**{title}**", "", *lines]))
    return "\n\n".join(parts)


def _head(read: Report) -> str:
    facts = dict(read["facts"])
    date, commit = facts.pop("date"), facts.pop("commit")
    told = ", ".join(f"{name}: {value}" for name, value in facts.items() if value is not None)
    failed = [f"Failed: {name}: {why}." for name, why in read["failed"].items()]
    return "\n\n".join([f"`{read['command']}`, {date}, commit {commit}; {told}.", *failed])


def _budgets(lines: Iterable[Judged]) -> Iterator[str]:
    yield from _top("figure", "measured", "wanted", "", "beside it, in the same run")
    for line in lines:
        verdict = f"**{line.verdict}**" if line.reached is False else line.verdict
        yield _row(line.what, quantity(line.found, line.unit), line.goal, verdict, line.beside)


def _lifecycles(found: dict[str, Any]) -> Iterator[str]:
    rates = {name: row for name, row in found.items() if isinstance(row, dict)}
    connections = list(rates["bare"])
    yield from _top("connections", *connections)
    for name, row in rates.items():
        yield _row(name, *(quantity(row[number], "/s") for number in connections))
        if name not in ("bare", "ceiling"):
            yield _row(f"{name}, of bare", *(f"{row[number] / rates['bare'][number]:.2f}" for number in connections))


def _latency(found: dict[str, Any]) -> Iterator[str]:
    yield from _top("tasks a second", "p50", "p99", "p99.9", "load generator late (p99)", "lost")
    for name, row in found.items():
        times = (quantity(row[key], "ms") for key in ("p50_ms", "p99_ms", "p99.9_ms", "late_p99_ms"))
        yield _row(name, *times, f"{row['lost']} of {row['tasks']:,}")


def _steps(found: dict[str, Any]) -> Iterator[str]:
    steps: dict[str, dict[str, float]] = found.get("steps", {})
    if steps:
        yield from _top("what is asked", "asked", "steps", "longest")
    for name, row in sorted(steps.items(), key=lambda step: -step[1]["longest_ms"]):
        yield _row(name, f"{row['asked']:,}", f"{row['steps']:,}", quantity(row["longest_ms"], "ms"))


def _pages(found: dict[str, Any]) -> Iterator[str]:
    """First bytes at each size; the rest is of the last one, which is the larger."""
    sizes = {name: found[name]["pages"] for name in ("small", "large") if name in found}
    heads = [f"{name}: {what}" for name in sizes for what in ("first byte", "p99")]
    yield from _top("page", *heads, "the rest", "sent", "uncompressed", "first visit", "uncompressed")
    floors = [quantity(found[name]["floor_ms"][part], "ms") for name in sizes for part in ("p50", "p99")]
    yield _row("/health", *floors, *[""] * 5)
    for name, page in list(sizes.values())[-1].items():
        times = [quantity(pages[name]["first_ms"][part], "ms") for pages in sizes.values() for part in ("p50", "p99")]
        weights = [
            page["sent"],
            page["whole"],
            page["sent"] + page["assets_sent"],
            page["whole"] + page["assets_whole"],
        ]
        times.append("" if page["later_ms"] is None else quantity(page["later_ms"], "ms"))
        yield _row(name, *times, *(quantity(weight / 1_000, "KB") for weight in weights))


def _top(first: str, *others: str) -> tuple[str, str]:
    return _row(first, *others), "|---|" + "---:|" * len(others)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
