"""Rows made for the tests, and the few steps that most of them begin with."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.core.types import AccountSid, Millis, No, WorkspaceSid
from pointsman.ports import Batch, Delivery, EntityRow, EventRow, Head, SnapshotRow, Store

ACCOUNT = AccountSid("AC" + "a" * 32)
HOME = WorkspaceSid("WS" + "1" * 32)
ELSEWHERE = WorkspaceSid("WS" + "2" * 32)


def ms(value: int) -> Millis:
    return Millis(value)


def head(version: int, seq: int = 0, token: str | None = None, *, deadline_ms: Millis | None = None) -> Head:
    return Head(
        version=version,
        token=token or f"token-{version}",
        seq=seq,
        next_no=100 + version,
        now_ms=Millis(1_000 + version),
        deadline_ms=deadline_ms,
    )


def live(no: No, kind: str = "worker", body: str = "{}") -> EntityRow:
    return EntityRow(no=no, kind=kind, sid=f"WK{no:032x}", live=True, body=body)


def task(no: No, *, live: bool = False, vanish_ms: int | None = None) -> EntityRow:
    when = None if vanish_ms is None else Millis(vanish_ms)
    return EntityRow(no=no, kind="task", sid=f"WT{no:032x}", live=live, body="{}", vanish_ms=when)


def reservation(no: No, task: No, worker: No = 2, *, live: bool = False) -> EntityRow:
    return EntityRow(no=no, kind="reservation", sid=f"WR{no:032x}", live=live, body="{}", task=task, worker=worker)


def tombstone(row: EntityRow, vanish_ms: int) -> EntityRow:
    return EntityRow(no=row.no, kind=row.kind, sid=row.sid, live=False, body="", vanish_ms=Millis(vanish_ms))


def event(seq: int, at_ms: int | None = None, type: str = "task.created", **numbers: int) -> EventRow:
    return EventRow(seq=seq, type=type, at_ms=Millis(at_ms or 1_000 + seq), body=f'{{"n":{seq}}}', **numbers)


def snapshot(no: No, text: int) -> SnapshotRow:
    return SnapshotRow(no=no, text=text, body=f'{{"sid":"{no}.{text}"}}')


def delivery(
    seq: int, kind: str = "assignment", *, workspace: WorkspaceSid = HOME, due_ms: int = 2_000, task: No | None = None
) -> Delivery:
    return Delivery(
        workspace=workspace,
        kind=kind,
        seq=seq,
        url="http://127.0.0.1/assign",
        task=task,
        reservation=7,
        created_ms=Millis(1_000),
        due_ms=Millis(due_ms),
    )


async def create(store: Store, workspace: WorkspaceSid = HOME, **rows: Sequence[object]) -> None:
    """The first commit of a workspace: version 1."""
    await store.create_workspace(workspace, ACCOUNT, batch(1, **rows))


async def commit(store: Store, version: int, workspace: WorkspaceSid = HOME, **rows: Sequence[object]) -> None:
    async with store.transaction(workspace) as transaction:
        await transaction.lock()
        await transaction.commit(batch(version, **rows))


def batch(version: int, **rows: Sequence[object]) -> Batch:
    """A batch whose head fits its events."""
    events: Sequence[EventRow] = rows.get("events", ())  # type: ignore[assignment]
    return Batch(head=head(version, seq=events[-1].seq if events else 0), **rows)  # type: ignore[arg-type]


def numbers(rows: Sequence[EntityRow]) -> list[No]:
    return [row.no for row in rows]


def seqs(rows: Sequence[EventRow] | Sequence[Delivery]) -> list[int]:
    return [row.seq for row in rows]
