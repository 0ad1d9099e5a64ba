"""Running a case on the engine, and how sure the figures are.

The customers are cut into batches in the order in which they are served; the first is the warm-up. The means of the
others are nearly independent, so that their spread gives the interval.

Means of waits are noisy: a million customers leave an interval of several percent. So the textbook's few lines serve
the very same customers beside the engine, and many more alone. The engine's mean is then estimated by the mean of the
many, plus what engine and textbook differ by where they served the same: common random numbers, used as a control
variate. No exact value enters into it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from itertools import tee
from typing import NamedTuple

from tests.known_answers import textbook
from tests.known_answers.cases import Case
from tests.known_answers.engine import Engine
from tests.known_answers.systems import Served, customers

BATCHES = 20  # after the warm-up
T_95 = 2.093  # Student's t, 19 degrees of freedom, 95 % within
SEED = 1


class Estimate(NamedTuple):
    """A mean and the half of its 95 % interval."""

    mean: float
    half: float

    @property
    def error(self) -> float:
        """The standard error."""
        return self.half / T_95


class Found(NamedTuple):
    """Of a figure, the engine's mean."""

    plain: Estimate  # from the customers that the engine served
    controlled: Estimate  # with the many that the textbook served


class Measured(NamedTuple):
    case: Case
    otherwise: int  # customers whom the engine served otherwise than the textbook: when, or by whom
    found: list[Found]


def measure(case: Case, count: int, many: int, seed: int = SEED) -> Measured:
    """The engine serves `count` customers, the textbook these and `many` others."""
    by_engine, by_textbook, by_many = _Means(case, count), _Means(case, count), _Means(case, many)
    otherwise = 0
    for one, other in both(case, count, seed):
        otherwise += one != other
        by_engine.add(one)
        by_textbook.add(other)
    for served in textbook.serve(case.system, customers(case.system, seed + 1, many)):
        by_many.add(served)
    found = []
    for mine, reference, long in zip(by_engine.means(), by_textbook.means(), by_many.means(), strict=True):
        apart = _estimate([a - b for a, b in zip(mine, reference, strict=True)])
        alone = _estimate(long)
        controlled = Estimate(alone.mean + apart.mean, math.hypot(alone.half, apart.half))
        found.append(Found(_estimate(mine), controlled))
    return Measured(case, otherwise, found)


def both(case: Case, count: int, seed: int = SEED) -> Iterator[tuple[Served, Served]]:
    """The same customers, served by the engine and by the textbook."""
    ours, theirs = tee(customers(case.system, seed, count))
    return zip(Engine(case.system).serve(ours), textbook.serve(case.system, theirs), strict=True)


class _Means:
    """The mean of each figure of a case in each batch."""

    def __init__(self, case: Case, count: int) -> None:
        self._case, self._size, self._seen = case, count // (BATCHES + 1), 0
        self._sums = [[0.0] * (BATCHES + 1) for _ in case.figures]
        self._counts = [[0] * (BATCHES + 1) for _ in case.figures]

    def add(self, served: Served) -> None:
        batch = self._seen // self._size
        self._seen += 1
        if batch > BATCHES:
            return  # what is left over by the division
        for figure, sums, counts in zip(self._case.figures, self._sums, self._counts, strict=True):
            if figure.counts(served):
                sums[batch] += figure.value(served)
                counts[batch] += 1

    def means(self) -> list[list[float]]:
        return [
            [total / count for total, count in zip(sums[1:], counts[1:], strict=True)]
            for sums, counts in zip(self._sums, self._counts, strict=True)
        ]


def _estimate(means: list[float]) -> Estimate:
    return Estimate(statistics.fmean(means), T_95 * statistics.stdev(means) / len(means) ** 0.5)
