"""The entities of a workspace, by number, and the way back from every change to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from pointsman.core.engine.transitions import reservation_is_live, task_is_live
from pointsman.core.errors import NotFound
from pointsman.core.ids import number_of
from pointsman.core.types import (
    SID_PREFIX,
    WORKSPACE_NO,
    Activity,
    AnyEntity,
    Change,
    Configuration,
    Entity,
    Gone,
    Job,
    No,
    Reservation,
    Sid,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)

E = TypeVar("E", bound=Entity)


class Tables:
    """Live entities, and for the length of a batch those that have ended in it.

    `put` is the only way in. It remembers the previous value, so that a command, or a batch whose commit failed, can
    be undone; and it tells the entity's follower, so that indexes follow everything and nothing else.
    """

    def __init__(self) -> None:
        self.next_no: No = 1
        self.activities: dict[No, Activity] = {}
        self.channels: dict[No, TaskChannel] = {}
        self.workers: dict[No, Worker] = {}
        self.worker_channels: dict[No, WorkerChannel] = {}
        self.queues: dict[No, TaskQueue] = {}
        self.configurations: dict[No, Configuration] = {}
        self.workflows: dict[No, Workflow] = {}
        self.tasks: dict[No, Task] = {}
        self.reservations: dict[No, Reservation] = {}
        self.transfers: dict[No, Transfer] = {}
        self.jobs: dict[No, Job] = {}
        self.ended: dict[No, Task | Reservation] = {}  # in this batch, or lent from the store for it
        self._workspaces: dict[No, Workspace] = {}
        self._tables: dict[type, dict[No, Any]] = {  # what refers comes after what it refers to
            Workspace: self._workspaces,
            Activity: self.activities,
            TaskChannel: self.channels,
            TaskQueue: self.queues,  # before workers: each is compared with few queues, a queue with all workers
            Worker: self.workers,
            WorkerChannel: self.worker_channels,
            Configuration: self.configurations,
            Workflow: self.workflows,
            Task: self.tasks,
            Reservation: self.reservations,
            Transfer: self.transfers,
            Job: self.jobs,
        }
        self.followers: Mapping[type, Callable[[Any, Any], None]] = {}  # told what an entity was and is; None: not live
        self._undo: list[tuple[AnyEntity | None, AnyEntity | None]] = []

    # --- reading ------------------------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        return self._workspaces[WORKSPACE_NO]

    @property
    def exists(self) -> bool:
        """Whether its first command has been carried out."""
        return bool(self._workspaces)

    def table(self, kind: type[E]) -> Mapping[No, E]:
        """The live entities of a kind, by number."""
        return cast(Mapping[No, E], self._tables[kind])

    def find(self, kind: type[E], sid: Sid) -> E:
        """The entity of this sid, ended ones of this batch too. Raises: `NotFound`."""
        no = number_of(sid)
        entity = self._tables[kind].get(no) or self.ended.get(no)
        if entity is None or entity.sid != sid or type(entity) is not kind:
            raise NotFound(sid)
        return entity

    def current(self, entity: E) -> E:
        """The same entity as it is now. It must still be there."""
        table = self._tables[type(entity)]
        return cast(E, table.get(entity.no) or self.ended[entity.no])

    # --- changing -----------------------------------------------------------------------------------------------

    def new_no(self) -> No:
        no = self.next_no
        self.next_no += 1
        return no

    def put(self, change: Change) -> None:
        if type(change) is Gone:
            before = self._by_no(change.sid, change.no)
            if before is not None:
                self._undo.append((before, None))
                self._swap(before, None)
            return
        no = change.no
        before = self._tables[type(change)].get(no) or self.ended.get(no)
        if before is not change:
            self._undo.append((before, change))
            self._swap(before, change)

    def mark(self) -> int:
        """A point to which `undo` can go back."""
        return len(self._undo)

    def undo(self, mark: int) -> None:
        """Put back what was before everything since `mark`."""
        while len(self._undo) > mark:
            before, after = self._undo.pop()
            self._swap(after, before)

    def changes_since(self, mark: int) -> list[tuple[AnyEntity | None, AnyEntity | None]]:
        """Every put since `mark`, in order: the value before (None: new) and after (None: gone)."""
        return self._undo[mark:]

    def has(self, no: No) -> bool:
        """Whether a task or reservation is in memory."""
        return no in self.tasks or no in self.reservations

    def knows(self, no: No) -> bool:
        """Whether a task or reservation can be found: it is live, has ended in this batch or was lent for it."""
        return self.has(no) or no in self.ended

    def forget(self) -> None:
        """After the commit: nothing before it can be undone, and what has ended leaves memory."""
        self._undo.clear()
        self.ended.clear()

    def lend(self, entity: Task | Reservation) -> None:
        """Show an ended entity, read from the store, to the commands of this batch."""
        self.ended.setdefault(entity.no, entity)

    def load(self, rows: Iterable[Change]) -> None:
        """Take in rows: all of a workspace, or those that others have written since. They may come in any order, but
        are put so that what refers comes after what it refers to, and goes before it."""
        by_kind: dict[str, list[Change]] = {SID_PREFIX[kind]: [] for kind in self._tables}
        for row in rows:
            by_kind[row.sid[:2]].append(row)
        for placed in by_kind.values():
            placed.sort(key=lambda row: row.no)
            for row in placed:
                if not isinstance(row, Gone):
                    self.put(row)
        for placed in reversed(by_kind.values()):
            for row in reversed(placed):
                if isinstance(row, Gone):
                    self.put(row)
        self.forget()

    def _by_no(self, sid: Sid, no: No) -> AnyEntity | None:
        for kind, prefix in SID_PREFIX.items():
            if sid.startswith(prefix):
                return cast("AnyEntity | None", self._tables[kind].get(no) or self.ended.get(no))
        return None

    def _swap(self, before: AnyEntity | None, after: AnyEntity | None) -> None:
        """Make `after` take the place of `before` in the tables and every index."""
        one = after or before
        assert one is not None
        kind, no = type(one), one.no
        table, is_live = self._tables[kind], _IS_LIVE.get(kind)
        was, now = table.get(no), after
        if is_live is not None:
            if after is not None and not is_live(after):
                self.ended[no], now = after, None  # type: ignore[assignment]  # only these two kinds end
            else:
                self.ended.pop(no, None)
        if now is not None:
            table[no] = now
        elif was is not None:
            del table[no]
        if (was is not None or now is not None) and (follow := self.followers.get(kind)) is not None:
            follow(was, now)


_IS_LIVE: Mapping[type, Callable[[Any], bool]] = {Task: task_is_live, Reservation: reservation_is_live}
