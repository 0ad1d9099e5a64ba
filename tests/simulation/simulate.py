"""Seeds, run and judged; a failure is made as short as it can be, and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from pointsman.core import commands as cmd
from tests.simulation.audited import Audited, Failed, small_steps
from tests.simulation.history import History, Move
from tests.simulation.workload import Workload

STEPS_DEFAULT = 110  # after the opening of a workspace, which takes some 30
SHRINKS_MAX = 4_000  # runs that shortening one failure may take


@dataclass
class Figures:
    """What was done for a seed, or for many."""

    histories: int = 0
    moves: int = 0
    steps: int = 0
    events: int = 0

    def add(self, other: Figures) -> None:
        self.histories += other.histories
        self.moves += other.moves
        self.steps += other.steps
        self.events += other.events

    def __str__(self) -> str:
        return f"{self.histories} histories, {self.moves} moves, {self.steps} steps, {self.events} events"


@dataclass
class Failure:
    """A history that breaks a rule, as found and as short as it could be made."""

    found: History
    steps: int
    verdict: str
    shortest: History
    shortest_verdict: str

    def __str__(self) -> str:
        return (
            f"Seed {self.found.seed} breaks a rule after {len(self.found.moves)} moves.\n"
            f"{self.verdict}\n\n"
            f"The shortest history that does, {len(self.shortest.moves)} moves:\n{self.shortest}\n\n"
            f"{self.shortest_verdict}\n"
            f"Again: pointsman simulate --seed {self.found.seed} --steps {self.steps}"
        )


def simulate(seed: int, steps: int = STEPS_DEFAULT) -> Figures | Failure:
    """Make up the history of a seed and judge it."""
    history, figures, verdict = play(seed, steps)
    if verdict is None:
        return figures
    shortest = shortened(history)
    return Failure(history, steps, verdict, shortest, verdict_on(shortest) or verdict)


def play(seed: int, steps: int = STEPS_DEFAULT) -> tuple[History, Figures, str | None]:
    """The history of a seed, as far as it went, and what the auditor said against it."""
    workload = Workload(seed, steps)
    audited = Audited(workload.setting)
    moves: list[Move] = []
    verdict = None
    try:
        with small_steps(workload.setting):
            for move in workload.moves(audited.books, audited.names):
                moves.append(move)
                audited.move(move)
            audited.settle()
    except Failed as failed:
        verdict = str(failed)
    except Exception as fault:  # the engine's, or ours: both are findings
        verdict = f"A fault: {type(fault).__name__}: {fault}"
    history = History(seed=seed, setting=workload.setting, moves=tuple(moves))
    figures = Figures(1, len(moves), audited.steps, audited.auditor.judged)
    return history, figures, verdict


def verdict_on(history: History) -> str | None:
    """What the auditor says against a history; None: nothing."""
    try:
        Audited(history.setting).run(history.moves)
    except Failed as failed:
        return str(failed)
    except Exception as fault:
        return f"A fault: {type(fault).__name__}: {fault}"
    return None


# --- shortening ---------------------------------------------------------------------------------------------------


def shortened(history: History) -> History:
    """Leave out what can be left out, half by half and one by one, then make what is left plainer, as long as
    the same rule is broken."""
    budget = iter(range(SHRINKS_MAX))

    def fails(moves: Sequence[Move]) -> bool:
        if not moves or next(budget, None) is None:
            return False
        verdict = verdict_on(replace(history, moves=tuple(moves)))
        return verdict is not None and _kind_of(verdict) == wanted

    wanted = _kind_of(verdict_on(history) or "")
    moves = list(history.moves)
    while True:
        before = list(moves)
        moves = _with_fewer(moves, fails)
        moves = _plainer(moves, fails)
        if moves == before:
            return replace(history, moves=tuple(moves))


def _kind_of(verdict: str) -> str:
    """A shorter history may break another rule, which is another finding: the rule stands at the end of a verdict."""
    return verdict.split("\n")[0] if verdict.startswith("A fault") else verdict.split("\n")[0].rpartition(": ")[2]


def _with_fewer(moves: list[Move], fails: Callable[[Sequence[Move]], bool]) -> list[Move]:
    size = len(moves) // 2
    while size >= 1:
        at = len(moves)
        while at > 0:
            at -= size
            shorter = moves[: max(0, at)] + moves[max(0, at) + size :]
            if len(shorter) < len(moves) and fails(shorter):
                moves = shorter
        size //= 2
    return moves


def _plainer(moves: list[Move], fails: Callable[[Sequence[Move]], bool]) -> list[Move]:
    for place in range(len(moves)):
        for simpler in _simpler(moves[place]):
            changed = [*moves[:place], simpler, *moves[place + 1 :]]
            if fails(changed):
                moves = changed
    return moves


def _simpler(move: Move) -> Iterator[Move]:
    """Plainer forms of a move: of its moment, its ending, and its values one by one."""
    if move.ends != "commit":
        yield replace(move, ends="commit")
    if not (move.ticks and move.wakes):
        yield replace(move, ticks=True, wakes=True)
    for pause_ms in (0, move.pause_ms // 1_000 * 1_000):
        if pause_ms != move.pause_ms:
            yield replace(move, pause_ms=pause_ms)
    values = getattr(move.command, "values", None)
    if not isinstance(values, dict) or isinstance(move.command, cmd.CreateWorkspace):
        return
    for name in values:
        if name not in ("friendly_name", "unique_name", "configuration"):
            yield _with_values(move, {key: each for key, each in values.items() if key != name})
    if "attributes" in values:
        for plain in _without_one_key(json.loads(values["attributes"])):
            yield _with_values(move, values | {"attributes": json.dumps(plain)})
    if "configuration" in values:
        for plain in _plainer_configurations(json.loads(values["configuration"])):
            yield _with_values(move, values | {"configuration": json.dumps(plain)})


def _with_values(move: Move, values: dict[str, Any]) -> Move:
    assert move.command is not None
    return replace(move, command=replace(move.command, values=values))


def _without_one_key(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in value:
        yield {key: each for key, each in value.items() if key != name}


def _plainer_configurations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    routing = document.get("task_routing") or {}
    filters = routing.get("filters") or []
    for index, each in enumerate(filters):
        others = [*filters[:index], *filters[index + 1 :]]
        yield {"task_routing": routing | {"filters": others}}
        targets = each.get("targets", [])
        for place, target in enumerate(targets):
            fewer = [*targets[:place], *targets[place + 1 :]]
            plainer = [[*targets[:place], less, *targets[place + 1 :]] for less in _without_one_key(target)]
            for changed in (fewer, *plainer):
                rewritten = [*filters[:index], each | {"targets": changed}, *filters[index + 1 :]]
                yield {"task_routing": routing | {"filters": rewritten}}
    for plain in _without_one_key(routing.get("default_filter") or {}):
        yield {"task_routing": routing | {"default_filter": plain}}
