"""Every figure of an interval, computed a second time by going through the event log by hand.

Histories of weeks are made up (transfers, escalation and re-entry, late answers, jumps of the clock, failed commits),
their rows are stored, and the log is read as the Events resource tells it. What follows knows nothing of columns, sums
or declarations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise, takewhile
from random import Random
from typing import Any, NamedTuple

import pytest

from pointsman.core.engine.state import State
from pointsman.core.engine.view import View
from pointsman.core.types import AccountSid, Millis
from pointsman.operations.statistics import asking
from pointsman.ports import EventQuery, Store
from pointsman.runtime.log import Log
from pointsman.stats import Level
from pointsman.wire import events as event_wire
from pointsman.wire.statistics import Interval
from tests.simulation.written import HOME, Written, written

ACCOUNT = AccountSid("AC" + "0" * 32)
DAY_MS = 86_400_000
WAITS_S = (0, 1, 5, 60, 3_600)


class Happened(NamedTuple):
    type: str
    ms: int
    data: dict[str, str]

    @property
    def age_s(self) -> int:
        return int(self.data["task_age"])

    @property
    def queue_age_s(self) -> int:
        entered = self.data.get("task_queue_entered_date")
        return self.age_s if entered is None else max(0, self.ms // 1000 - int(entered))


async def stored(store: Store, history: Written) -> list[Happened]:
    first, *more = history.batches
    await store.create_workspace(HOME, ACCOUNT, first)
    for batch in more:
        async with store.transaction(HOME) as transaction:
            await transaction.lock()
            await transaction.commit(batch)
    rows = await store.events(HOME, EventQuery(), before=None, after=0, limit=1_000_000)
    logged = await Log(store).logged(HOME, ACCOUNT, rows)
    bodies = [event_wire.body(each, "") for each in logged]
    return [Happened(each["event_type"], each["event_date_ms"], each["event_data"]) for each in bodies]


# --- by hand ------------------------------------------------------------------------------------------------------


class Scope(NamedTuple):
    """What figures are of: sids, None where it doesn't matter."""

    workflow: str | None = None
    queue: str | None = None
    workers: frozenset[str] | None = None
    channel: str | None = None

    def has(self, event: Happened) -> bool:
        data = event.data
        queue = data.get("previous_task_queue_sid" if event.type == "task-queue.moved" else "task_queue_sid")
        return (
            (self.workflow is None or data.get("workflow_sid") == self.workflow)
            and (self.queue is None or queue == self.queue)
            and (self.workers is None or data.get("worker_sid") in self.workers)
            and (self.channel is None or data.get("task_channel_sid") == self.channel)
        )


def durations(values: list[int]) -> dict[str, int]:
    if not values:
        return {"avg": 0, "min": 0, "max": 0, "total": 0}
    return {"avg": sum(values) // len(values), "min": min(values), "max": max(values), "total": sum(values)}


def by_hand(log: list[Happened], scope: Scope, start_ms: int, end_ms: int) -> dict[str, Any]:
    """Everything that was counted from `start_ms` to just before `end_ms`, whatever the level tells of it."""
    inside = [event for event in log if start_ms <= event.ms < end_ms and scope.has(event)]

    def of(*types: str) -> list[Happened]:
        return [event for event in inside if event.type in types]

    names = {
        "reservations_timed_out": "timeout",
        **{f"reservations_{each}": each for each in ("created", "accepted", "rejected", "canceled", "rescinded")},
        **{f"reservations_{each}": each for each in ("wrapup", "completed")},
    }
    accepted, canceled = of("reservation.accepted"), of("task.canceled")
    transferred = [id(event) for event in accepted if was_a_transfer(log, event)]
    split = {}
    for wait_s in WAITS_S:
        sorted_ = {
            "tasks_canceled": [event.age_s > wait_s for event in canceled],
            "reservations_accepted": [event.age_s > wait_s for event in accepted if id(event) not in transferred],
        }
        split[wait_s] = {
            "above": {name: sum(each) for name, each in sorted_.items()},
            "below": {name: len(each) - sum(each) for name, each in sorted_.items()},
        }
    return {
        **{figure: len(of(f"reservation.{kind}")) for figure, kind in names.items()},
        "tasks_created": len(of("task.created")),
        "workflow.entered": len(of("workflow.entered")),
        "task-queue.entered": len(of("task-queue.entered")),
        "tasks_assigned": len(accepted),
        "tasks_canceled": len(canceled),
        "tasks_completed": len(of("task.completed")),
        "tasks_deleted": sum(not had_ended(log, event) for event in of("task.deleted", "task.system-deleted")),
        "tasks_moved": len(of("task-queue.moved")),
        "tasks_timed_out_in_workflow": len(of("workflow.timeout")),
        "avg_task_acceptance_time": durations([event.age_s for event in accepted])["avg"],
        "wait_duration_until_accepted": durations([event.age_s for event in accepted]),
        "wait_duration_until_canceled": durations([event.age_s for event in canceled]),
        "wait_duration_in_queue_until_accepted": durations([event.queue_age_s for event in accepted]),
        "split_by_wait_time": split,
    }


def had_ended(log: list[Happened], deleted: Happened) -> bool:
    """Completed or canceled first: then it ended that way."""
    before = takewhile(lambda event: event is not deleted, log)
    ends = [event for event in before if event.type in ("task.completed", "task.canceled")]
    return any(event.data["task_sid"] == deleted.data["task_sid"] for event in ends)


def was_a_transfer(log: list[Happened], accepted: Happened) -> bool:
    """The log says so in the same moment."""
    at = next(number for number, event in enumerate(log) if event is accepted)
    for event in log[at + 1 :]:
        if event.ms != accepted.ms or event.type == "reservation.accepted":
            return False
        if event.type == "task.transfer-completed" and event.data["task_sid"] == accepted.data["task_sid"]:
            return True
    return False


def stays(log: list[Happened], until_ms: int) -> Iterator[tuple[str, str, int, int]]:
    """Worker, activity, from, until: rebuilt from what the log says of workers."""
    since: dict[str, tuple[str, int]] = {}
    for event in log:
        if not event.type.startswith("worker."):
            continue
        worker, activity = event.data["worker_sid"], event.data["worker_activity_sid"]
        before = since.get(worker)
        if event.type == "worker.deleted":
            assert before is not None
            yield worker, before[0], before[1], event.ms
            del since[worker]
        elif before is None:
            assert event.type == "worker.created"
            since[worker] = (activity, event.ms)
        elif event.type == "worker.activity.update":
            yield worker, before[0], before[1], event.ms
            since[worker] = (activity, event.ms)
    for worker, (activity, ms) in since.items():
        yield worker, activity, ms, until_ms


def in_activities(
    log: list[Happened], state: State, scope: Scope, start_ms: int, end_ms: int
) -> dict[str, dict[str, int]]:
    times: dict[tuple[str, str], int] = {}
    for worker, activity, begun_ms, left_ms in stays(log, end_ms):
        ms = min(left_ms, end_ms) - max(begun_ms, start_ms)
        if ms > 0 and (scope.workers is None or worker in scope.workers):
            times[worker, activity] = times.get((worker, activity), 0) + ms
    found = {}
    for each in state.activities.values():
        samples = [ms for (_, sid), ms in times.items() if sid == each.sid]
        whole = {"avg": 0, "min": 0, "max": 0, "total": 0}
        if samples:
            values = (sum(samples) // len(samples), min(samples), max(samples), sum(samples))
            whole = dict(zip(("avg", "min", "max", "total"), (value // 1000 for value in values), strict=True))
        found[each.sid] = whole
    return found


# --- what the store makes of it -----------------------------------------------------------------------------------


def scopes(state: State) -> Iterator[tuple[Level, Any, dict[str, Any], Scope]]:
    """Level, subject, parameters, and what that is by hand."""
    yield Level.WORKSPACE, None, {}, Scope()
    yield Level.WORKERS, None, {}, Scope()
    for channel in list(state.channels.values())[:3]:
        yield Level.WORKSPACE, None, {"task_channel": channel.sid}, Scope(channel=channel.sid)
    for workflow in state.workflows.values():
        yield Level.WORKFLOW, workflow, {}, Scope(workflow=workflow.sid)
    for queue in state.queues.values():
        yield Level.TASK_QUEUE, queue, {}, Scope(queue=queue.sid)
        members = frozenset(w.sid for w in state.workers.values() if state.is_in_queue(w, queue))
        yield Level.WORKERS, queue, {}, Scope(workers=members)
    for worker in list(state.workers.values())[:4]:
        yield Level.WORKER, worker, {}, Scope(workers=frozenset({worker.sid}))
        name = worker.friendly_name
        yield Level.WORKERS, None, {"friendly_name": name}, Scope(workers=frozenset({worker.sid}))


async def compare(store: Store, state: State, log: list[Happened], intervals: Iterable[Interval]) -> None:
    now_ms = Millis(state.now_ms + 250)
    for interval in intervals:
        for level, subject, values, scope in scopes(state):
            asked = asking(View(state, now_ms), level, subject, {**values, "split_by_wait_time": WAITS_S}, interval)
            found = dict(await asked.figures(store, HOME))
            wanted = by_hand(log, scope, interval.start_ms, interval.end_s * 1000)
            entered = "workflow.entered" if level is Level.WORKFLOW else "task-queue.entered"
            wanted["tasks_entered"] = wanted[entered]
            about = (level, subject and subject.friendly_name, values, interval)
            if "activity_durations" in found:
                told = {activity.sid: each._asdict() for activity, each in found.pop("activity_durations")}
                end_ms = min(interval.end_ms, now_ms)
                assert told == in_activities(log, state, scope, interval.start_ms, end_ms), about
            plain = {name: getattr(value, "_asdict", lambda value=value: value)() for name, value in found.items()}
            assert plain == {name: wanted[name] for name in plain}, about


def intervals(log: list[Happened], now_ms: int, rng: Random) -> list[Interval]:
    """The last quarter of an hour, the last 30 days, and some between any two seconds near which something happened."""
    now_s = now_ms // 1000
    earliest_s = now_s - 30 * 86_400
    found = [
        Interval(Millis((now_s - 900) * 1000), Millis(now_s * 1000), is_open=True),
        Interval(Millis(earliest_s * 1000), Millis(now_s * 1000), is_open=True),
    ]
    recent = [event for event in log if event.ms >= earliest_s * 1000]
    for _ in range(5):
        some = sorted(rng.choice(recent).ms // 1000 + rng.randint(-2, 2) for _ in range(2))
        start_s, end_s = (min(now_s, max(earliest_s, each)) for each in some)
        found.append(Interval(Millis(start_s * 1000), Millis(end_s * 1000)))
    return found


SEEDS = (1, 3, 7, 18, 12, 14)


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_figure_is_what_the_log_says_by_hand(store: Store, seed: int) -> None:
    """However far the events are summed up. [routing 11.3, oai]"""
    history = written(seed, 260)
    assert not history.state.deleted, "choose another seed"
    log = await stored(store, history)
    assert all(one.ms <= other.ms for one, other in pairwise(log))
    chosen = intervals(log, history.state.now_ms, Random(seed))
    await compare(store, history.state, log, chosen)
    assert await store.roll_up(len(log) // 3) == len(log) // 3
    await compare(store, history.state, log, chosen)
    while await store.roll_up(97):
        pass
    await compare(store, history.state, log, chosen)
