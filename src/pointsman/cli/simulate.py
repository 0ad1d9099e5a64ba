"""`pointsman simulate`: made-up histories of a workspace, each event of which is judged by a second, slow model.

The simulation is one of the tests and is not installed with the package: it is found beside the source tree.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from pointsman.cli.output import is_terminal, print_line

BROKEN, NOT_HERE = 1, 2
SOURCE = Path(__file__).resolve().parents[3]
SAID_EVERY = 100  # histories, where there is no terminal to show progress


def simulate(
    seed: Annotated[int, typer.Option(help="The history to make up; the first, if there are several.", min=0)],
    count: Annotated[int, typer.Option(help="How many histories, with the seeds that follow.", min=1)] = 1,
    steps: Annotated[
        int | None,
        typer.Option(help="Moves of each, after those that open the workspace. The tests use 140.", min=0),
    ] = None,
) -> None:
    """Make up a history from a seed, run it, and judge every event by the rules.

    A history is a workspace with workers, queues and workflows, and what happens in it: traffic, changes of its
    configuration, jumps of the clock, commits that fail, restarts. A second, slow model of the rules says after every
    event whether it was allowed, and after every step whether something that had to happen did not.

    Exits 0 if all is well. Else prints the seed, the shortest history that breaks a rule, and the rule, and exits 1.
    The same seed and steps make the same history. It needs the source tree: an installed package has no simulation.
    """
    simulation = _simulation()
    moves = simulation.STEPS_DEFAULT if steps is None else steps
    figures, began = simulation.Figures(), time.perf_counter()
    with Progress(transient=True, disable=not is_terminal() or count == 1) as progress:
        shown = progress.add_task("histories", total=count)
        for done, each in enumerate(range(seed, seed + count), start=1):
            outcome = simulation.simulate(each, moves)
            if isinstance(outcome, simulation.Failure):
                progress.stop()
                print_line(str(outcome))
                raise typer.Exit(BROKEN)
            figures.add(outcome)
            progress.advance(shown)
            if not is_terminal() and count > SAID_EVERY and done % SAID_EVERY == 0:
                print_line(f"{done} of {count}: {_rate(done, began)}")
    print_line(f"OK: {figures}, {_rate(count, began)}")


def _rate(done: int, began: float) -> str:
    return f"{done / (time.perf_counter() - began):.1f} histories/s"


def _simulation() -> Any:
    """The module of the tests, whose types the installed package does not know."""
    if not (SOURCE / "tests" / "simulation" / "simulate.py").is_file():
        typer.echo("pointsman: simulate needs the source tree, and this is an installed package", err=True)
        raise typer.Exit(NOT_HERE)
    sys.path.insert(0, str(SOURCE))
    return importlib.import_module("tests.simulation.simulate")
