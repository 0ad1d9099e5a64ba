"""Random histories: bytes that choose commands of every kind, on entities that are there, were there or never were.

The words are few, so that workers, queues and tasks often fit. Bytes shrink well: a failing history is short, and its
commands are noted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from pointsman.core import commands as cmd
from pointsman.core.engine.state import State
from pointsman.core.ids import number_of
from pointsman.core.types import Entity, Reservation, Task

T = TypeVar("T")

WORKER_ATTRIBUTES: Sequence[dict[str, Any]] = (
    {},
    {"skills": ["a"], "level": 1},
    {"skills": ["a", "b"], "level": 2, "rank": 3},
    {"skills": ["b"], "level": "3", "rank": 3},
    {"level": 2.5, "team": ["x"]},
    {"rank": -1, "channel": "shadowed"},
)
TASK_ATTRIBUTES: Sequence[dict[str, Any]] = (
    {},
    {"skill": "a", "lang": "en", "agent_name": "W1"},
    {"skill": "b", "lang": "en", "level": 2},
    {"skill": "b", "lang": "fr", "agent_sid": None},
    {"level": 2.0, "lang": "de", "agent_name": "nobody"},
)
QUEUE_EXPRESSIONS = (
    "1==1",
    'skills HAS "a"',
    "level >= 2",
    "",
    'activity_name == "Available"',
    'friendly_name IN ["w0", "w2", "w4"]',
    "team != null OR rank < 0",
)
TARGET_EXPRESSIONS = (
    None,
    "task.skill IN worker.skills",
    "worker.level > 1",
    "worker.level == task.level OR task.level == null",
    "worker.channel.chat.assigned_tasks == 0",
    "worker.channel.default.available_capacity_percentage < 100",
    "worker.channel.extra.configured_capacity >= 2",
    "taskrouter.currentMin >= 14",
    "taskrouter.currentHour == 23 AND task.skill != null",
)
FILTER_EXPRESSIONS = ("1==1", 'lang == "en"', 'lang != "en"', "level == 2", "taskrouter.currentMin < 20")
ORDERS = (None, "worker.level DESC", "worker.rank", "worker.rank DESC, worker.level ASC")
SKIPS = (None, "1==1", "workers.available == 0", "workers.unavailable > 1 OR workers.available > 2")
KNOWN = (None, None, ("known_worker_sid", "task.agent_sid"), ("known_worker_friendly_name", "task.agent_name"))
TIMEOUTS = (None, 1, 10, "20", 600)
PRIORITIES = (None, 0, 1, "7")
PAUSES_MS = (0, 0, 0, 0, 0, 0, 1, 1, 300, 400, 1_000, 1_000, 7_000, 45_000, 120_000, 3_600_000, 86_400_000)

histories = st.lists(st.binary(min_size=24, max_size=24), min_size=20, max_size=60)


class Dice:
    """Choices out of one throw; when its bytes are used up, always the first."""

    def __init__(self, throw: bytes) -> None:
        self._throw = iter(throw)

    def below(self, count: int) -> int:
        return next(self._throw, 0) % count

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def sometimes(self, **values: Any) -> dict[str, Any]:
        """A part of the parameters; a value may be a function, called only if it is sent."""
        mask = self.below(256)
        chosen = [name for place, name in enumerate(values) if mask >> place & 1]
        return {name: values[name]() if callable(values[name]) else values[name] for name in chosen}


def command(state: State, ended: Sequence[Task | Reservation], throw: bytes) -> cmd.Command:
    """The command that a throw chooses in this state."""
    dice = Dice(throw)
    return dice.pick(_MOVES)(state, ended, dice)


def pause_ms(throw: bytes) -> int:
    return PAUSES_MS[throw[-1] % len(PAUSES_MS)]


Move = Callable[[State, Sequence[Task | Reservation], Dice], cmd.Command]


def _sid(table: dict[int, Any], dice: Dice, prefix: str, others: Sequence[Entity] = ()) -> str:
    """One of those that are there, now and then one that has ended or never was."""
    known = [table[no].sid for no in sorted(table)]
    chosen = dice.below(40)
    if chosen >= 36 and others:
        return others[-1].sid
    return known[chosen % len(known)] if known and chosen < 39 else prefix + "f" * 32


def _name(prefix: str, dice: Dice) -> str:
    return dice.pick((prefix, prefix.upper())) + str(dice.below(6))


def _worker_values(state: State, dice: Dice) -> dict[str, Any]:
    return dice.sometimes(
        attributes=lambda: json.dumps(dice.pick(WORKER_ATTRIBUTES)),
        activity_sid=lambda: _available(state, dice),
        friendly_name=lambda: _name("w", dice),
    )


def _available(state: State, dice: Dice) -> str:
    """An activity, twice as often one that is available."""
    one = _sid(state.activities, dice, "WA")
    available = [each.sid for each in state.activities.values() if each.available]
    return dice.pick([one, *available, *available])


def _create_worker(state: State, ended: Any, dice: Dice) -> cmd.Command:
    values = {"activity_sid": _available(state, dice), **_worker_values(state, dice)}
    return cmd.CreateWorker(values={"friendly_name": _name("w", dice), **values})


def _update_worker(state: State, ended: Any, dice: Dice) -> cmd.Command:
    sid = _sid(state.workers, dice, "WK")
    values = _worker_values(state, dice) | dice.sometimes(reject_pending_reservations=True)
    return cmd.UpdateWorker(worker=sid, values=values, if_version=dice.pick((None,) * 7 + (1,)))


def _move_worker(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.UpdateWorker(worker=_sid(state.workers, dice, "WK"), values={"activity_sid": _available(state, dice)})


def _delete_worker(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.DeleteWorker(worker=_sid(state.workers, dice, "WK"))


def _update_worker_channel(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.UpdateWorkerChannel(
        worker=_sid(state.workers, dice, "WK"),
        channel=_channel(state, dice),
        values=dice.sometimes(capacity=lambda: dice.pick((2, 0, 1, 3, 5)), available=lambda: dice.below(4) > 0),
    )


def _channel(state: State, dice: Dice) -> str:
    return dice.pick(("default", "chat", "default", "extra", _sid(state.channels, dice, "TC")))


def _create_channel(state: State, ended: Any, dice: Dice) -> cmd.Command:
    values = {"friendly_name": "Extra", "unique_name": dice.pick(("extra", "Extra", "more"))}
    return cmd.CreateTaskChannel(values=values | dice.sometimes(channel_optimized_routing=True))


def _update_channel(state: State, ended: Any, dice: Dice) -> cmd.Command:
    values = {"channel_optimized_routing": dice.below(2) == 0}
    return cmd.UpdateTaskChannel(channel=_channel(state, dice), values=values)


def _delete_channel(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.DeleteTaskChannel(channel=_channel(state, dice))


def _create_activity(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.CreateActivity(values={"friendly_name": _name("activity", dice), "available": dice.below(2) == 0})


def _update_activity(state: State, ended: Any, dice: Dice) -> cmd.Command:
    names = ("Available", "Ready", "Offline")
    return cmd.UpdateActivity(activity=_sid(state.activities, dice, "WA"), values={"friendly_name": dice.pick(names)})


def _delete_activity(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.DeleteActivity(activity=_sid(state.activities, dice, "WA"))


def _queue_values(state: State, dice: Dice) -> dict[str, Any]:
    return dice.sometimes(
        target_workers=lambda: dice.pick(QUEUE_EXPRESSIONS),
        max_reserved_workers=lambda: dice.pick((1, 2, 3)),
        task_order=lambda: dice.pick(("FIFO", "LIFO")),
        reservation_activity_sid=lambda: dice.pick(("", _sid(state.activities, dice, "WA"))),
        assignment_activity_sid=lambda: dice.pick(("", _sid(state.activities, dice, "WA"))),
        friendly_name=lambda: _name("q", dice),
    )


def _create_queue(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.CreateTaskQueue(values={"friendly_name": _name("q", dice), **_queue_values(state, dice)})


def _update_queue(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.UpdateTaskQueue(queue=_sid(state.queues, dice, "WQ"), values=_queue_values(state, dice))


def _delete_queue(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.DeleteTaskQueue(queue=_sid(state.queues, dice, "WQ"))


def _target(state: State, dice: Dice) -> dict[str, Any]:
    known = dice.pick(KNOWN)
    plan = dice.below(8)  # most targets are plain
    target = {
        "queue": _sid(state.queues, dice, "WQ"),
        "expression": dice.pick(TARGET_EXPRESSIONS) if plan & 1 else None,
        "timeout": dice.pick(TIMEOUTS),
        "order_by": dice.pick(ORDERS) if plan & 2 else None,
        "skip_if": dice.pick(SKIPS) if plan & 4 else None,
        "priority": dice.pick(PRIORITIES),
    }
    return {**target, known[0]: known[1]} if known else target


def _configuration(state: State, dice: Dice) -> str:
    filters = [
        {
            "expression": dice.pick(FILTER_EXPRESSIONS),
            "targets": [_target(state, dice) for _ in range(1 + dice.below(3))],
        }
        for _ in range(dice.below(3))
    ]
    routing: dict[str, Any] = {"filters": filters}
    if dice.below(4) or not filters:
        routing["default_filter"] = _target(state, dice) | {"timeout": None}
    return json.dumps({"task_routing": routing})


def _create_workflow(state: State, ended: Any, dice: Dice) -> cmd.Command:
    values = {"friendly_name": _name("f", dice), "configuration": _configuration(state, dice)}
    return cmd.CreateWorkflow(values=values | dice.sometimes(task_reservation_timeout=5))


def _update_workflow(state: State, ended: Any, dice: Dice) -> cmd.Command:
    sid = _sid(state.workflows, dice, "WW")
    values = dice.sometimes(
        re_evaluate_tasks=True,
        configuration=lambda: _configuration(state, dice),
        task_reservation_timeout=lambda: dice.pick((1, 30)),
    )
    return cmd.UpdateWorkflow(workflow=sid, values=values)


def _delete_workflow(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.DeleteWorkflow(workflow=_sid(state.workflows, dice, "WW"))


def _attributes(state: State, dice: Dice) -> str:
    attributes = dict(dice.pick(TASK_ATTRIBUTES))
    if dice.below(4) == 0:
        attributes["agent_sid"] = _sid(state.workers, dice, "WK")
    return json.dumps(attributes)


def _create_task(state: State, ended: Any, dice: Dice) -> cmd.Command:
    sid = _sid(state.workflows, dice, "WW")
    values = dice.sometimes(
        attributes=lambda: _attributes(state, dice),
        priority=lambda: dice.below(3),
        task_channel=lambda: _channel(state, dice),
        timeout=lambda: dice.pick((3_000, 60, 1)),
        virtual_start_time=lambda: max(0, state.now_ms - 1_000 * dice.below(20)),
    )
    return cmd.CreateTask(values={"workflow_sid": sid, "attributes": _attributes(state, dice), **values})


def _create_direct_task(state: State, ended: Any, dice: Dice) -> cmd.Command:
    target = dice.pick(
        (
            _sid(state.workers, dice, "WK"),
            _sid(state.queues, dice, "WQ"),
            _sid(state.workflows, dice, "WW"),
            _sid(state.workers, dice, "WK"),
        )
    )
    more = dice.sometimes(
        ignore_capacity=lambda: dice.below(2) == 0,
        task_channel=lambda: _channel(state, dice),
        workflow_sid=lambda: _sid(state.workflows, dice, "WW"),
        task_queue_sid=lambda: _sid(state.queues, dice, "WQ"),
    )
    return cmd.CreateTask(values={"routing_target": target, **more})


def _task_sid(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> str:
    return _sid(state.tasks, dice, "WT", [each for each in ended if isinstance(each, Task)])


def _update_task(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> cmd.Command:
    sid = _task_sid(state, ended, dice)
    values = dice.sometimes(
        attributes=lambda: _attributes(state, dice),
        priority=lambda: dice.below(3),
        task_channel=lambda: _channel(state, dice),
        virtual_start_time=lambda: max(0, state.now_ms - 1_000 * dice.below(20)),
    )
    return cmd.UpdateTask(task=sid, values=values, if_version=dice.pick((None,) * 7 + (0,)))


def _end_task(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> cmd.Command:
    sid = _task_sid(state, ended, dice)
    found = state.tasks.get(number_of(sid))
    fitting = ("canceled",) if found is None or found.assigned_ms is None else ("completed", "wrapping")
    status = dice.pick((*fitting * 4, "canceled", "completed", "assigned"))
    values = {"assignment_status": status} | dice.sometimes(reason="done", attributes="{}")
    return cmd.UpdateTask(task=sid, values=values)


def _delete_task(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> cmd.Command:
    return cmd.DeleteTask(task=_task_sid(state, ended, dice))


def _reservation_sid(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> str:
    return _sid(state.reservations, dice, "WR", [each for each in ended if isinstance(each, Reservation)])


def _answer(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> cmd.Command:
    sid = _reservation_sid(state, ended, dice)
    found = state.reservations.get(number_of(sid))
    fitting = ("accepted", "rejected") if found is None or found.status == "pending" else ("completed", "wrapping")
    values = {"reservation_status": dice.pick((*fitting * 3, "accepted", "wrapping", "timeout"))}
    values |= dice.sometimes(worker_activity_sid=lambda: _sid(state.activities, dice, "WA"), instruction="reject")
    if dice.below(8):
        values.pop("instruction", None)
    return cmd.UpdateReservation(reservation=sid, values=values)


def _start_transfer(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> cmd.Command:
    """Mostly of an accepted reservation, by the worker who holds it."""
    accepted = sorted(no for no, each in state.reservations.items() if each.status == "accepted")
    found = state.reservations[dice.pick(accepted)] if accepted and dice.below(8) else None
    values = {
        "reservation_sid": found.sid if found else _reservation_sid(state, ended, dice),
        "task_sid": state.tasks[found.task].sid if found else _task_sid(state, ended, dice),
        "to": _sid(state.workers, dice, "WK") if dice.below(2) else _sid(state.queues, dice, "WQ"),
    }
    worker = state.workers[found.worker].sid if found else _sid(state.workers, dice, "WK")
    more = dice.sometimes(mode="COLD", priority=lambda: dice.below(3), attributes=lambda: _attributes(state, dice))
    return cmd.StartTransfer(worker=worker, values=values | more)


def _cancel_transfer(state: State, ended: Any, dice: Dice) -> cmd.Command:
    sid = _sid(state.transfers, dice, "TT")
    found = state.transfers.get(number_of(sid))
    worker = found.worker_sid if found else _sid(state.workers, dice, "WK")
    return cmd.UpdateTransfer(worker=worker, transfer=sid, values={"transfer_status": "canceled"})


def _fail_assignment(state: State, ended: Sequence[Task | Reservation], dice: Dice) -> cmd.Command:
    return cmd.FailAssignment(reservation=_reservation_sid(state, ended, dice))


def _update_workspace(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.UpdateWorkspace(
        values=dice.sometimes(
            prioritize_queue_order=lambda: dice.pick(("LIFO", "FIFO")),
            timeout_activity_sid=lambda: _sid(state.activities, dice, "WA"),
            default_activity_sid=lambda: _available(state, dice),
            multi_task_enabled=lambda: dice.below(3) > 0,
        )
    )


def _tick(state: State, ended: Any, dice: Dice) -> cmd.Command:
    return cmd.Tick()


_MOVES: Sequence[Move] = (
    *[_create_task] * 10,
    *[_answer] * 10,
    *[_move_worker] * 5,
    *[_create_worker] * 5,
    *[_tick] * 5,
    *[_end_task] * 4,
    *[_update_task] * 4,
    *[_create_direct_task] * 3,
    *[_create_workflow] * 3,
    *[_create_queue] * 3,
    *[_update_queue] * 3,
    *[_update_workflow] * 2,
    *[_update_worker] * 3,
    *[_update_worker_channel] * 4,
    *[_start_transfer] * 5,
    _cancel_transfer,
    _fail_assignment,
    _delete_task,
    _delete_worker,
    _delete_queue,
    _delete_workflow,
    _create_channel,
    _update_channel,
    _delete_channel,
    _create_activity,
    _update_activity,
    _delete_activity,
    _update_workspace,
)
