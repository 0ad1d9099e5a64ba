"""A history: moves in order, which name entities by what made them, so that any part of it can be left out.

`WK:7` is the worker that move 7 makes, `WR:12.2` the second reservation of the task of move 12. What was not made, or
is not yet, never was: its name stands for a sid that nobody has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.types import Sid

_NAME = re.compile(r"\b([A-Z]{2}):([0-9]+(?:\.[0-9]+)?)\b")


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """`pause_ms` after the move before. With `ticks` the router wakes at every deadline on the way, else it sleeps
    until now (a jump of the clock); without `wakes` not even now, as if its tick had failed. The commands since the
    last commit are one batch: they are committed together, or, if the commit fails, never were."""

    label: int
    pause_ms: int = 0
    command: cmd.Command | None = None  # None: only what `ends` says
    ticks: bool = True
    wakes: bool = True
    ends: str = "commit"  # the batch; or "fail", "restart" (a commit, and all is loaded again), "" (it goes on)

    def __str__(self) -> str:
        flags = "" if self.ticks else " (without ticks on the way)"
        flags += "" if self.wakes else " (its tick failed)"
        ending = {"commit": "", "fail": "  -- the commit fails", "restart": "  -- restart", "": "  -- same batch"}
        return f"+{self.pause_ms} ms{flags} {said(self.command)}{ending[self.ends]}"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """How the server is set for a history: how much one step may do."""

    items_max: int | None = None  # of routing; None: until it comes to rest
    tick_items_max: int = 256
    scan_max: int = 32  # so many candidates are sorted, more are taken from the order of idleness
    looks_max: int = 4_096  # at workers and classes, while routing; and moves of workers and tasks
    assignments_max: int = 1_000  # times that a task may be offered


class History(msgspec.Struct, frozen=True, kw_only=True):
    seed: int
    setting: Setting
    moves: tuple[Move, ...]

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.setting}"]
        lines += [f"{number:4} [{move.label}] {move}" for number, move in enumerate(self.moves)]
        return "\n".join(lines)


def said(command: cmd.Command | None) -> str:
    if command is None:
        return "nothing"
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    shown = " ".join(f"{name}={value}" for name, value in fields.items() if name != "values" and value is not None)
    values = " ".join(f"{name}={value!r}" for name, value in fields.get("values", {}).items())
    return " ".join(part for part in (type(command).__name__, shown, values) if part)


class Names:
    """Which sid a name has in this run, and back."""

    def __init__(self) -> None:
        self._sids: dict[str, Sid] = {}
        self._names: dict[Sid, str] = {}
        self._counts: dict[str, int] = {}

    def page(self) -> tuple[Any, ...]:
        return dict(self._sids), dict(self._names), dict(self._counts)

    def turn_back(self, page: tuple[Any, ...]) -> None:
        self._sids, self._names, self._counts = (dict(each) for each in page)

    def note(self, label: int, events: Sequence[ev.Event]) -> None:
        for event in events:
            if isinstance(event, ev.ReservationCreated):
                base = f"WR:{self.of(event.task.sid)[3:]}"
                self._counts[base] = self._counts.get(base, 0) + 1
                self._add(f"{base}.{self._counts[base]}", event.reservation.sid)
            elif isinstance(event, ev.TaskTransferInitiated):
                self._add(f"TT:{label}", event.transfer.sid)
            elif (
                event.type is not None
                and event.type.endswith(".created")
                and not isinstance(event, ev.WorkspaceCreated)
            ):
                made: Any = getattr(event, event.changes[0])
                name = f"{made.sid[:2]}:{label}"
                if label == 0:  # the workspace makes many
                    self._counts[name] = self._counts.get(name, 0) + 1
                    name += f".{self._counts[name]}"
                self._add(name, made.sid)

    def _add(self, name: str, sid: Sid) -> None:
        self._sids[name], self._names[sid] = sid, name

    def of(self, sid: Sid) -> str:
        return self._names.get(sid, sid)

    def sids_of(self, command: cmd.Command) -> cmd.Command:
        """The command with sids where it has names."""
        fields: dict[str, Any] = {}
        for name in command.__struct_fields__:
            value = getattr(command, name)
            if isinstance(value, str):
                fields[name] = self._in_text(value)
            elif isinstance(value, dict):
                fields[name] = {
                    key: self._in_text(each) if isinstance(each, str) else each for key, each in value.items()
                }
            else:
                fields[name] = value
        return type(command)(**fields)

    def _in_text(self, text: str) -> str:
        return _NAME.sub(lambda found: self._sids.get(found[0], found[1] + "f" * 32), text) if ":" in text else text
