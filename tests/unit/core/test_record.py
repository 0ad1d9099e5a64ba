"""The body of an event's row: the usual is left out of it, and rows that told it read the same."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.core.record import SYSTEM, Logged, Origin, Record
from pointsman.core.types import AccountSid, Millis, WorkspaceSid

WORKSPACE, ACCOUNT = WorkspaceSid("WS" + "1" * 32), AccountSid("AC" + "2" * 32)
KEY, WORKFLOW = "SK" + "3" * 32, "WW" + "4" * 32

# What caused an event; how its row says so, and how rows said so when they left nothing out.
CAUSES = [
    (SYSTEM, "{}", '{"workspace":[1,0]}'),
    (
        Origin(kind="account", address="::1"),
        '{"origin":{"kind":"account","address":"::1"}}',
        f'{{"origin":{{"actor":"{ACCOUNT}","kind":"account","source":"api","address":"::1"}},"workspace":[1,0]}}',
    ),
    (
        Origin(actor=KEY, kind="api_key", address="::1"),
        f'{{"origin":{{"actor":"{KEY}","kind":"api_key","address":"::1"}}}}',
        f'{{"origin":{{"actor":"{KEY}","kind":"api_key","source":"api","address":"::1"}},"workspace":[1,0]}}',
    ),
    (
        Origin(actor=WORKFLOW, kind="workflow"),
        f'{{"origin":{{"actor":"{WORKFLOW}","kind":"workflow"}}}}',
        f'{{"origin":{{"actor":"{WORKFLOW}","kind":"workflow","source":"callback"}},"workspace":[1,0]}}',
    ),
    (
        Origin(unusual_source="callback"),
        '{"origin":{"source":"callback"}}',
        '{"origin":{"source":"callback"},"workspace":[1,0]}',
    ),
]


def told(body: str) -> tuple[object, ...]:
    record = msgspec.json.decode(body, type=Record)
    event = Logged(WORKSPACE, ACCOUNT, 1, "task.created", Millis(0), record, {})
    return event.actor, record.origin.kind, record.origin.source, record.origin.address, record.workspace


@pytest.mark.parametrize(("origin", "brief", "full"), CAUSES)
def test_what_is_usual_is_left_out_of_a_row_and_read_back(origin: Origin, brief: str, full: str) -> None:
    assert msgspec.json.encode(Record(origin=origin)).decode() == brief
    assert told(brief) == told(full)


def test_a_row_that_quotes_the_workspace_by_another_name_says_so() -> None:
    record = Record(workspace=(1, 2))

    assert msgspec.json.encode(record).decode() == '{"workspace":[1,2]}'
    assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record
