"""What a batch of steps writes: rows of entities, events, words and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec
from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.engine.offers import workflow_behind
from pointsman.core.engine.state import State
from pointsman.core.engine.step import Stepped
from pointsman.core.ids import number_of
from pointsman.core.limits import ENDED_TASK_KEPT_S
from pointsman.core.record import SYSTEM, Origin, Record, Words, record, words
from pointsman.core.types import (
    AnyEntity,
    Change,
    Gone,
    Millis,
    No,
    Reservation,
    Task,
    Transfer,
    Workspace,
    WorkspaceSid,
)
from pointsman.ports import Batch, Delivery, EntityRow, EventRow, Head, SnapshotRow
from pointsman.runtime.ids import new_token
from pointsman.stats import measured

TOMBSTONE_KEPT_MS = 3_600_000  # longer than any copy in memory goes without catching up
DELIVERY_GRACE_MS = 30_000  # the committing node sends at once; others take over after this
_encode = msgspec.json.Encoder().encode


class Writing:
    """Collects what the commands of a batch did; `batch` is what one commit then writes."""

    def __init__(self, state: State, head: Head, sid: WorkspaceSid) -> None:
        self._state, self._head, self._sid = state, head, sid
        self._seq = head.seq
        self._mark = state.mark()
        self.events: list[EventRow] = []
        self.deliveries: list[Delivery] = []
        self.words: dict[tuple[No, int], Words] = {}
        self._event_cursor: int | None = None

    def add(self, stepped: Stepped, origin: Origin, mark: int) -> None:
        """Take in a command that was just stepped; its puts are those since `mark`."""
        gone: dict[No, Transfer] = {}
        for before, after in self._state.changes_since(mark):
            self._note_words(before, after)
            if after is None and isinstance(before, Transfer):
                gone[before.no] = before
        for index, event in enumerate(stepped.events):
            if event.type is not None:
                self._note_event(event, event.type, origin if index < stepped.decided else SYSTEM, gone)

    def _note_words(self, before: AnyEntity | None, after: AnyEntity | None) -> None:
        if after is not None and (before is None or before.text != after.text):
            said = words(after)
            if said is not None:
                self.words[(after.no, after.text)] = said
        if type(before) is Workspace and before.event_callback_url != _callback_url(after):
            self._event_cursor = self._seq  # its new URL hears of this event and those after it

    def _note_event(self, event: ev.Event, name: str, origin: Origin, gone: Mapping[No, Transfer]) -> None:
        self._seq += 1
        row = event_row(self._seq, event, name, record(event, self._state, origin, gone))
        found = measured(event)
        self.events.append(replace(row, **found) if found else row)
        if type(event) is ev.ReservationCreated:
            self._note_delivery(event)

    def _note_delivery(self, event: ev.ReservationCreated) -> None:
        """An assignment callback, where there is a URL for it [docs: handle-assignment-callbacks]."""
        workflow = workflow_behind(self._state, event.task)
        if workflow is None or not workflow.assignment_callback_url:
            return
        self.deliveries.append(
            Delivery(
                workspace=self._sid,
                kind="assignment",
                seq=self._seq,
                url=workflow.assignment_callback_url,
                fallback_url=workflow.fallback_assignment_callback_url,
                task=event.task.no,
                reservation=event.reservation.no,
                created_ms=event.at_ms,
                due_ms=Millis(event.at_ms + DELIVERY_GRACE_MS),
            )
        )

    @property
    def empty(self) -> bool:
        return not self.events and self._state.mark() == self._mark

    def batch(self) -> Batch:
        state = self._state
        return Batch(
            head=Head(
                version=self._head.version + 1,
                token=new_token(),
                seq=self._seq,
                next_no=state.next_no,
                now_ms=state.now_ms,
                deadline_ms=None if state.deleted else state.next_deadline_ms(),
            ),
            entities=self._entities(),
            events=self.events,
            snapshots=[
                SnapshotRow(no=no, text=text, body=_encode(said).decode()) for (no, text), said in self.words.items()
            ],
            deliveries=self.deliveries,
            event_cursor=self._cursor(),
            deleted=state.deleted,
        )

    def _cursor(self) -> int | None:
        """A workspace that goes without anybody to tell has nothing left to deliver."""
        if self._state.deleted and not self._state.workspace.event_callback_url:
            return self._seq
        return self._event_cursor

    def _entities(self) -> list[EntityRow]:
        """The last value of each entity that was put, by number."""
        first: dict[No, AnyEntity | None] = {}
        last: dict[No, AnyEntity | None] = {}
        for before, after in self._state.changes_since(self._mark):
            one = after or before
            assert one is not None
            first.setdefault(one.no, before)
            last[one.no] = after
        rows: list[EntityRow] = []
        for no in sorted(last):
            after, before = last[no], first[no]
            if after is not None:
                rows.append(entity_row(after))
            elif before is not None:
                rows.append(_tombstone(before, self._state.now_ms))
        return rows


def event_row(seq: int, event: ev.Event, name: str, kept: Record) -> EventRow:
    """The row of an event that stands in the log under this name, apart from what was measured at it."""
    worker, reservation = _concerned(kept)
    return EventRow(
        seq=seq,
        type=name,
        at_ms=event.at_ms,
        body=_encode(kept).decode(),
        task=kept.task.no if kept.task else None,
        worker=worker,
        reservation=reservation,
        queue=kept.queue[0] if kept.queue else None,
        workflow=kept.workflow[0] if kept.workflow else None,
        channel=kept.channel[0] if kept.channel else None,
    )


def _concerned(kept: Record) -> tuple[No | None, No | None]:
    """The worker and the reservation; of a transfer: who hands the task on, and with which one he has it."""
    if kept.transfer is not None:
        return number_of(kept.transfer.worker_sid), number_of(kept.transfer.reservation_sid)
    return kept.worker.no if kept.worker else None, kept.reservation.no if kept.reservation else None


def _callback_url(entity: AnyEntity | None) -> str:
    return entity.event_callback_url if isinstance(entity, Workspace) else ""


def entity_row(entity: AnyEntity) -> EntityRow:
    no, kind, sid, body = entity.no, kind_of(entity), entity.sid, _encode(entity).decode()
    if type(entity) is Reservation:  # it vanishes with its task
        live = entity.ended_ms is None
        return EntityRow(no=no, kind=kind, sid=sid, live=live, body=body, task=entity.task, worker=entity.worker)
    if type(entity) is Task and entity.ended_ms is not None:
        vanish_ms = Millis(entity.ended_ms + ENDED_TASK_KEPT_S * 1000)
        return EntityRow(no=no, kind=kind, sid=sid, live=False, body=body, vanish_ms=vanish_ms)
    return EntityRow(no=no, kind=kind, sid=sid, live=True, body=body)


def kind_of(entity: AnyEntity | type[AnyEntity]) -> str:
    return str(entity.__struct_config__.tag)


def _tombstone(entity: AnyEntity, now_ms: Millis) -> EntityRow:
    return EntityRow(
        no=entity.no,
        kind=kind_of(entity),
        sid=entity.sid,
        live=False,
        body="",
        task=entity.task if isinstance(entity, Reservation) else None,
        worker=entity.worker if isinstance(entity, Reservation) else None,
        vanish_ms=Millis(now_ms + TOMBSTONE_KEPT_MS),
    )


_decode = msgspec.json.Decoder(AnyEntity).decode


def change_of(row: EntityRow) -> Change:
    return entity_of(row) if row.live else Gone(no=row.no, sid=row.sid)


def entity_of(row: EntityRow) -> AnyEntity:
    return cast(AnyEntity, _decode(row.body))
