"""The table of the page and of the command."""

from __future__ import annotations

from tests.known_answers.measuring import Measured

HEAD = """| System | Figure | Exact | Engine, plain | ± | Engine, controlled | Difference | ± |
|---|---|---:|---:|---:|---:|---:|---:|"""


def rows(measured: Measured) -> list[str]:
    """A line for each figure; difference and intervals in percent of the exact value."""
    lines = []
    for figure, found in zip(measured.case.figures, measured.found, strict=True):
        plain, controlled = found.plain, found.controlled
        shares = [100 * each / figure.exact for each in (plain.half, controlled.mean - figure.exact, controlled.half)]
        shown = f"{figure.exact:.4f} | {plain.mean:.4f} | {shares[0]:.1f} % | {controlled.mean:.4f} "
        lines.append(f"| {measured.case.name} | {figure.name} | {shown}| {shares[1]:+.2f} % | {shares[2]:.2f} % |")
    return lines
