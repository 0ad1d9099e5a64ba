"""What the channels of the first SDK are told of made-up histories, and whether the SDK could read it."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from pointsman.bridge.audience import Audience, Notice
from pointsman.bridge.legacy.frames import frames
from pointsman.core.record import Logged, Quote, Words
from tests.acceptance.legacy.page import readable
from tests.simulation.written import HOME, written
from tests.unit.bridge.heard import logged

SEEDS = range(4)


@pytest.fixture(scope="module", params=SEEDS)
def history(request: pytest.FixtureRequest) -> list[list[Logged]]:
    """The log of a history, a list for each commit."""
    words: dict[Quote, Words] = {}
    return [logged(batch, words) for batch in written(request.param, 200).batches]


def whole(events: list[Logged]) -> list[Notice]:
    return [Notice(event.type, event) for event in events]


def test_a_workspaces_channel_is_told_of_everything_that_the_sdk_has_a_class_for(history: list[list[Logged]]) -> None:
    told: Counter[str] = Counter()
    logged_: Counter[str] = Counter()
    for events in history:
        logged_.update(event.type for event in events)
        for text in frames(str(HOME), whole(events)):
            frame = json.loads(text)
            readable(frame["payload"])
            told[frame["event_type"]] += 1
    unreadable = {"task-channel.created", "task-channel.updated", "task-channel.deleted", "reservation.failed"}
    assert told == Counter({name: count for name, count in logged_.items() if name not in unreadable})
    assert {"task.created", "worker.created", "reservation.created", "activity.created"} <= told.keys()


def test_what_is_called_a_reservation_is_its_task_and_names_both(history: list[list[Logged]]) -> None:
    """And nothing else does: the SDK would ask for it [sdk1]."""
    seen = 0
    for events in history:
        for text in frames(str(HOME), whole(events)):
            frame = json.loads(text)
            kind, payload = frame["event_type"], frame["payload"]
            assert kind.startswith("reservation.") == ("reservation_sid" in payload), kind
            if kind.startswith("reservation."):
                seen += 1
                assert [payload[name][:2] for name in ("sid", "reservation_sid", "worker_sid")] == ["WT", "WR", "WK"]
    assert seen > 0


def test_a_queues_channel_is_told_of_what_comes_stays_and_leaves(history: list[list[Logged]]) -> None:
    for queue in {event.words[event.record.queue].sid for events in history for event in events if event.record.queue}:
        for events in history:
            expected = []
            for event in events:
                quotes = [each for each in (event.record.queue, event.record.previous_queue) if each is not None]
                if queue in [event.words[each].sid for each in quotes] and event.type != "reservation.failed":
                    expected.append(event.type)
            assert [json.loads(text)["event_type"] for text in frames(queue, whole(events))] == expected


def test_a_workers_channel_is_told_of_its_own(history: list[list[Logged]]) -> None:
    audience, heard = Audience(), Counter[str]()
    for events in history:
        for event in events:
            if event.type == "worker.created" and event.record.worker is not None:
                audience.seat(event.record.worker.no, ())
        for told in audience.address(events):
            event = told.notice.event
            for text in frames(f"WK{told.worker:032x}", [told.notice]):
                frame = json.loads(text)
                readable(frame["payload"])
                heard[frame["event_type"]] += 1
                if frame["event_type"].startswith("reservation."):
                    worker = event.record.worker
                    assert worker is not None and worker.no == told.worker
    assert {"reservation.created", "task.updated"} <= heard.keys()
    assert not {name for name in heard if name.startswith(("task-queue", "workflow"))}
