"""The figures of a run beside what is wanted of them."""

from __future__ import annotations

from typing import NamedTuple

from tests.benchmarks.budgets import BUDGETS, Found, quantity
from tests.benchmarks.engine import LARGE


class Judged(NamedTuple):
    """As JSON keeps it. `reached` is None if nothing is wanted; `smaller` says that it was measured in a smaller
    workspace than the budget is for."""

    figure: str
    what: str
    unit: str
    found: float | None
    beside: str
    wanted: float | None
    bound: str
    reached: bool | None
    smaller: bool

    @property
    def goal(self) -> str:
        return "" if self.wanted is None else f"{self.bound} {quantity(self.wanted, self.unit)}"

    @property
    def verdict(self) -> str:
        if self.reached is None:
            return ""
        return ("reached" if self.reached else "not reached") + " in a smaller workspace" * self.smaller

    def __str__(self) -> str:
        """A line of the terminal."""
        wanted = f"; wanted: {self.goal}, {self.verdict}" if self.goal else ""
        return f"{self.what}: {quantity(self.found, self.unit)} ({self.beside}){wanted}".replace(" ()", "")


def judge(figure: str, found: Found) -> list[Judged]:
    """All that was measured of a figure."""
    size = found.get("size")
    numbers = {name: f"{count:,}" for name, count in size.items()} if size else {}
    smaller = size is not None and any(
        count < size_wanted for count, size_wanted in zip(size.values(), LARGE, strict=True)
    )
    lines = []
    for budget in BUDGETS.get(figure, ()):
        try:
            value, beside = budget.found(found), budget.beside(found)
        except KeyError:
            continue  # it was not measured
        reached = None
        if budget.wanted is not None:
            above = value is not None and value >= budget.wanted
            below = value is not None and value <= budget.wanted
            reached = above if budget.bound == "at least" else below
        what = budget.what.format(**numbers)
        small = smaller and "{tasks}" in budget.what
        lines.append(Judged(figure, what, budget.unit, value, beside, budget.wanted, budget.bound, reached, small))
    return lines
