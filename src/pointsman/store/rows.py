"""Rows and the values of their columns, the same for both databases, and the conditions of a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from pointsman.core.types import AccountSid, Millis, No, Role, WorkspaceSid
from pointsman.ports import (
    Account,
    ApiKey,
    Attempt,
    Attendance,
    Batch,
    Delivery,
    DeliveryQuery,
    EndedQuery,
    EntityRow,
    EventAge,
    EventQuery,
    EventRow,
    Head,
    Place,
    SnapshotRow,
    WorkspaceEntry,
)

ENTITY_COLUMNS = EntityRow.__struct_fields__
EVENT_COLUMNS = EventRow.__struct_fields__
DELIVERY_COLUMNS = Delivery.__struct_fields__[1:]  # its workspace is a sid outside and a number inside
HEAD_COLUMNS = Head.__struct_fields__
ACCOUNT_COLUMNS = Account.__struct_fields__
API_KEY_COLUMNS = ApiKey.__struct_fields__
ATTENDANCE_COLUMNS = Attendance.__struct_fields__

COMMIT_LOG_KEPT = 1_000  # commits that a copy in memory may be behind and still catch up
COMMIT_LOG_TRIM_EVERY = 100  # versions: trimming at each commit would cost a page each time
WORDS_KEPT_MS = 3_600_000  # far longer than a command takes
DELIVERY_KEPT_MS = 7 * 24 * 3_600_000  # after it finished; a deleted workspace is not kept longer either

Values = tuple[Any, ...]
Row = Any  # what either driver gives: a tuple, or a record that counts like one

_attempts = msgspec.json.Decoder(tuple[Attempt, ...])


# --- to the database ------------------------------------------------------------------------------------------------


def entity_values(batch: Batch) -> list[Values]:
    """By number: neighbours share pages, and rows locked in one order can't deadlock."""
    values = [astuple(row) for row in sorted(batch.entities, key=_number)]
    assert len({row[0] for row in values}) == len(values), "an entity stands twice in a batch"
    assert all("\0" not in row[4] for row in values), "a body is JSON, where NUL is written \\u0000"
    return values


def event_values(batch: Batch) -> list[Values]:
    values = [astuple(row) for row in batch.events]
    assert all("\0" not in row[3] for row in values), "a body is JSON, where NUL is written \\u0000"
    assert not values or values[-1][0] == batch.head.seq, "the head knows the newest event"
    return values


def snapshot_values(batch: Batch) -> list[Values]:
    values = sorted(astuple(row) for row in batch.snapshots)
    assert all("\0" not in row[2] for row in values), "a body is JSON, where NUL is written \\u0000"
    return values


def delivery_values(delivery: Delivery) -> Values:
    """Without the workspace."""
    warning = delivery.warning and delivery.warning.replace("\0", "\N{REPLACEMENT CHARACTER}")  # quotes a stranger
    attempts = msgspec.json.encode(delivery.attempts).decode()
    return (*astuple(replace(delivery, warning=warning))[1:-2], attempts, delivery.finished_ms)


def trim_before(version: int) -> int | None:
    """The oldest version that the commit log keeps, if this commit is one that trims it."""
    return version - COMMIT_LOG_KEPT if version % COMMIT_LOG_TRIM_EVERY == 0 else None


def followed(batch: Batch) -> list[tuple[int, int]]:
    """The words of a batch that may have followed others, by number and text."""
    return sorted((row.no, row.text) for row in batch.snapshots if row.text)


def words_until_ms(now_ms: Millis) -> Millis:
    """Until when the words of an entity may be quoted that is swept away now: a command may still be under way that
    read it before."""
    return Millis(now_ms + WORDS_KEPT_MS)


def retired(oldest: Sequence[tuple[int, int]], told: int, age: EventAge) -> int:
    """Of the oldest events, by seq and time, the last one that goes; 0 for none."""
    last = 0
    for seq, at_ms in oldest:
        if at_ms >= (age.before_ms if seq <= told else age.untold_ms):
            break
        last = seq
    return last


def kept_from_ms(oldest: Sequence[tuple[int, int]], removed: int, now_ms: Millis, age: EventAge) -> int:
    """The time of the oldest event that is kept; if there is none, a time before which none will be."""
    return oldest[removed][1] if removed < len(oldest) else max(now_ms, age.before_ms)


def _number(row: EntityRow) -> No:
    return row.no


# --- from the database ----------------------------------------------------------------------------------------------


def entity(row: Row) -> EntityRow:
    return EntityRow(
        no=row[0],
        kind=row[1],
        sid=row[2],
        live=bool(row[3]),
        body=row[4],
        task=row[5],
        worker=row[6],
        vanish_ms=row[7],
    )


def event(row: Row) -> EventRow:
    return EventRow(**dict(zip(EVENT_COLUMNS, row, strict=True)))


def snapshot(row: Row) -> SnapshotRow:
    return SnapshotRow(no=row[0], text=row[1], body=row[2])


def delivery(row: Row) -> Delivery:
    """From the workspace's sid and then the columns."""
    sid, *values = row
    fields = dict(zip(DELIVERY_COLUMNS, values, strict=True))
    fields["failed"] = bool(fields["failed"])
    fields["attempts"] = _attempts.decode(fields["attempts"])
    return Delivery(workspace=WorkspaceSid(sid), **fields)


def head(row: Row) -> Head:
    return Head(**dict(zip(HEAD_COLUMNS, row, strict=True)))


def account(row: Row) -> Account:
    return Account(**dict(zip(ACCOUNT_COLUMNS, row, strict=True)))


def api_key(row: Row) -> ApiKey:
    key = ApiKey(**dict(zip(API_KEY_COLUMNS, row, strict=True)))
    return replace(key, role=Role(key.role))


def attendance(row: Row) -> Attendance:
    return Attendance(**dict(zip(ATTENDANCE_COLUMNS, row, strict=True)))


def workspace_entry(row: Row) -> WorkspaceEntry:
    return WorkspaceEntry(sid=WorkspaceSid(row[0]), account_sid=AccountSid(row[1]), deadline_ms=row[2])


# --- conditions -----------------------------------------------------------------------------------------------------

# A column with an operator, and the value to its right; or where the text has {}; or a tuple with a value for each {}.
Condition = tuple[str, Any]


def rendered(conditions: Sequence[Condition], placeholders: Iterator[str]) -> tuple[list[str], list[Any]]:
    """Conditions as SQL, and the values of their placeholders."""
    texts: list[str] = []
    values: list[Any] = []
    for text, value in conditions:
        several = value if isinstance(value, tuple) else (value,)
        form = text if "{}" in text or not several else f"{text} {{}}"
        texts.append(form.format(*islice(placeholders, len(several))))
        values += several
    return texts, values


def numbered(conditions: Sequence[Condition], first: int) -> tuple[list[str], list[Any]]:
    """With numbered placeholders from `first` on."""
    return rendered(conditions, (f"${number}" for number in count(first)))


# --- questions ------------------------------------------------------------------------------------------------------


_EVENT_NUMBERS = ("seq", "type", "task", "worker", "reservation", "workflow", "channel")


def event_conditions(
    query: EventQuery, before: int | None, after: int | None, seq_min: int | None, seq_end: int | None
) -> list[Condition]:
    """All conditions on event rows. `seq_min` and `seq_end` bound what the time window can hold, so that the
    database reads no more than that; the window itself is checked too, since bounds may be wider than it."""
    conditions: list[Condition] = []
    for name in _EVENT_NUMBERS:
        value = getattr(query, name)
        if value is not None:
            conditions.append((f"{name} =", value))
    if query.queue is not None:  # or the one that was left: no activity has a queue's number
        conditions.append(("{} IN (queue, previous)", query.queue))
    if query.start_ms is not None:
        conditions.append(("at_ms >=", query.start_ms))
    if query.end_ms is not None:
        conditions.append(("at_ms <=", query.end_ms))
    ends = [end for end in (before, seq_end) if end is not None]
    if ends:
        conditions.append(("seq <", min(ends)))
    starts = [seq_min] if seq_min is not None else []
    if before is None and after is not None:
        starts.append(after + 1)
    if starts:
        conditions.append(("seq >=", max(starts)))
    return conditions


def delivery_conditions(query: DeliveryQuery) -> list[Condition]:
    conditions: list[Condition] = []
    if query.task is not None:
        conditions.append(("d.task =", query.task))
    if query.kind is not None:
        conditions.append(("d.kind =", query.kind))
    if query.seq_min is not None:
        conditions.append(("d.seq >=", query.seq_min))
    if query.seq_max is not None:
        conditions.append(("d.seq <=", query.seq_max))
    return conditions


def ended_page(
    query: EndedQuery, beyond: Place | None, *, backwards: bool, in_body: Mapping[type, str]
) -> tuple[list[Condition], str]:
    """The conditions of a page, of which each shape fits one of the partial indexes, and its order. `in_body` is how
    the database reads a field of a body that is a number or a text."""

    def field(name: str, type_: type) -> str:
        return f"CASE WHEN e.body <> '' THEN {in_body[type_].format(name)} END"  # what was removed has no body

    conditions: list[Condition] = [("e.kind =", query.kind)]
    if query.kind != "reservation":
        conditions.append(("e.task IS NULL", ()))  # says so to the planner: there is an index of these
    if query.task is not None:
        conditions.append(("e.task =", query.task))
    if query.worker is not None:
        conditions.append(("e.worker =", query.worker))
    conditions += [(f"{field(name, type(value))} =", value) for name, value in query.holding]

    # The indexes go by number, and serve either direction, but not -number: the whole order is turned instead.
    turn = query.number
    parts = [f"{sign * turn} * coalesce({field(name, int)}, 0)" for name, sign in query.keys] + ["e.no"]
    descends = backwards is not (turn < 0)
    if beyond is not None:
        places = ", ".join("{}" for _ in parts)
        conditions.append(
            (f"({', '.join(parts)}) {'<' if descends else '>'} ({places})", tuple(part * turn for part in beyond))
        )
    return conditions, ", ".join(f"{part} DESC" if descends else part for part in parts)
