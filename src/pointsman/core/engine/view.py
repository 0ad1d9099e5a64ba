"""A workspace as a reader sees it: the state, the time, and those ended entities that were read from the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from pointsman.core.engine.state import State
from pointsman.core.ids import number_of
from pointsman.core.types import Entity, Millis, No, Reservation, Sid, Task

E = TypeVar("E", bound=Entity)


class View(NamedTuple):
    state: State
    now_ms: Millis
    ended: Mapping[No, Task | Reservation] = {}

    def find(self, kind: type[E], sid: Sid) -> E:
        """The entity of this sid, live or ended. Raises: `NotFound`."""
        ended = self.ended.get(number_of(sid))
        if ended is not None and isinstance(ended, kind) and ended.sid == sid:
            return ended
        return self.state.find(kind, sid)

    def task_of(self, reservation: Reservation) -> Task:
        """Its task, which must be known: a reservation vanishes with it."""
        found = self._task_of(reservation)
        assert isinstance(found, Task), "a reservation stands beside its task"
        return found

    def knows_task_of(self, reservation: Reservation) -> bool:
        return self._task_of(reservation) is not None

    def _task_of(self, reservation: Reservation) -> Task | Reservation | None:
        no = reservation.task
        return self.state.tasks.get(no) or self.ended.get(no) or self.state.ended.get(no)
