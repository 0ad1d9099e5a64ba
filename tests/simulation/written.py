"""Histories that leave rows: what a server would have committed on the way, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pointsman.core import events as ev
from pointsman.core.engine.step import Stepped
from pointsman.core.record import SYSTEM
from pointsman.core.types import Millis, WorkspaceSid
from pointsman.ports import Batch, Head
from pointsman.runtime.writing import Writing
from tests.simulation.audited import Audited, small_steps
from tests.simulation.history import Names, Setting
from tests.simulation.workload import Workload

HOME = WorkspaceSid("WS" + "1" * 32)
_NOTHING = Head(version=0, token="", seq=0, next_no=1, now_ms=Millis(0), deadline_ms=None)


class _Noting(Names):
    """Tells of the events of each step, right after it."""

    def __init__(self, written: Written) -> None:
        super().__init__()
        self._written = written

    def note(self, label: int, events: Sequence[ev.Event]) -> None:
        super().note(label, events)
        self._written.stepped(events)


class Written(Audited):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.names = _Noting(self)
        self.batches: list[Batch] = []
        self._head = _NOTHING
        self._writing: Writing | None = None
        self._mark = 0

    def stepped(self, events: Sequence[ev.Event]) -> None:
        assert self._writing is not None
        self._writing.add(Stepped(list(events), len(events)), SYSTEM, self._mark)
        self._mark = self.state.mark()

    def _open(self) -> None:
        if self._before is None:
            self._writing, self._mark = Writing(self.state, self._head, HOME), self.state.mark()
        super()._open()

    def _commit(self) -> None:
        if self._writing is not None and self.state.exists and not self._writing.empty:
            self.batches.append(self._writing.batch())
            self._head = self.batches[-1].head
        super()._commit()


def written(seed: int, steps: int, **settings: Any) -> Written:
    """The history of a seed, played to its end."""
    workload = Workload(seed, steps)
    for name, value in settings.items():
        setattr(workload, name, value)
    played = Written(workload.setting)
    with small_steps(workload.setting):
        for move in workload.moves(played.books, played.names):
            played.move(move)
        played.settle()
    return played
