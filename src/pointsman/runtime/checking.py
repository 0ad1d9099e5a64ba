"""A workspace as its rows have it: whether they can be read, and whether the invariants hold of what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pointsman.core.engine.invariants import violations
from pointsman.core.engine.state import State
from pointsman.ports import EntityRow, Head
from pointsman.runtime.writing import entity_of, entity_row

COLUMNS = ("no", "kind", "sid", "live", "task", "worker")  # that say of an entity what its body says too


def broken(head: Head, entities: Sequence[EntityRow]) -> Iterator[str]:
    """What is wrong, in words; what is live is loaded as a server does that starts."""
    found = []
    is_readable = True
    for row in entities:
        try:
            entity = entity_of(row)
        except msgspec.DecodeError as problem:
            yield f"{row.kind} {row.sid} can't be read: {problem}"
            is_readable = False
            continue
        said = entity_row(entity)
        for name in COLUMNS:
            if getattr(row, name) != getattr(said, name):
                yield f"{row.kind} {row.sid}: its row says {name} {getattr(row, name)}, its body {getattr(said, name)}"
        if row.live:
            found.append(entity)
    if not is_readable:
        return
    state = State()
    state.now_ms, state.next_no = head.now_ms, head.next_no
    try:
        state.load(list(found))
    except LookupError as problem:
        yield f"an entity names another that is not there: {problem}"
        return
    if head.deadline_ms is None or head.deadline_ms > head.now_ms:
        state.settle()
    try:
        yield from violations(state)
    except LookupError as problem:
        yield f"an entity names another that is not there: {problem}"
