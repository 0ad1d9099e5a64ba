"""What is true of a workspace after every step. Each check says what is wrong in words; tests and `pointsman check`
ask them, the running server does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from pointsman.core.engine.census import Key, Tally
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker
from pointsman.core.engine.transitions import (
    WAITING_OR_RESERVED,
    reservation_deadline_ms,
    task_deadline_ms,
    task_waits,
)
from pointsman.core.events import ReservationCreated
from pointsman.core.ids import number_of
from pointsman.core.types import AnyEntity, No, ReservationStatus, Task, TaskStatus, TransferStatus
from pointsman.core.workflow.rules import read_rules


def violations(state: State) -> Iterator[str]:
    yield from _capacity(state)
    yield from _tasks_and_reservations(state)
    yield from _references(state)
    yield from _deadlines(state)
    if state.at_rest:
        yield from _nobody_waits_in_vain(state)
    yield from _orders_of_idleness(state)
    yield from _census(state)
    if state.indexes_are_behind:
        return
    rebuilt = indexes(load(entities(state), state))
    for name, ours in indexes(state).items():
        if ours != rebuilt[name]:
            yield f"index {name} is {ours}, rebuilt it is {rebuilt[name]}"


def entities(state: State) -> list[AnyEntity]:
    """Every live entity, by number: all that is needed to load the state again."""
    tables: tuple[dict[int, Any], ...] = (
        state.activities,
        state.channels,
        state.workers,
        state.worker_channels,
        state.queues,
        state.configurations,
        state.workflows,
        state.tasks,
        state.reservations,
        state.transfers,
        state.jobs,
    )
    found = [state.workspace, *(entity for table in tables for entity in table.values())]
    return sorted(found, key=lambda entity: entity.no)


def load(rows: list[AnyEntity], like: State) -> State:
    """A state grown from entities alone, at the time and number of another."""
    state = State()
    state.now_ms, state.next_no = like.now_ms, like.next_no
    state.load(rows)
    return state


def indexes(state: State) -> dict[str, Any]:
    """The indexes in a form that does not depend on slots or on the order in which they grew."""
    named = state.worker_slots.numbers
    return {
        "members": {queue: sorted(named(bits)) for queue, bits in state.membership.members.items()},
        "queues_of": {
            worker: sorted(state.queue_slots.numbers(bits)) for worker, bits in state.membership.queues_of.items()
        },
        "free": {channel: sorted(named(bits)) for channel, bits in state.free.items()},
        "names": state.names,
        "counts": {key: count for key, count in state.counts.items() if count},
        "watched": state.watched,
        "own_channels": state.own_channels,
        "held": dict(state.held),
        "assigned": dict(state.assigned),
        "live_of_worker": {no: sorted(held) for no, held in state.live_of_worker.items()},
        "live_of_task": {no: sorted(held) for no, held in state.live_of_task.items()},
        "transfers_of_task": {no: sorted(held) for no, held in state.transfers_of_task.items()},
        "deadlines": state.deadlines.as_dict(),
        "clocked": sorted(state.clocked, key=repr),
        "line": sorted(((cls.trait, sorted(cls.members.items())) for cls in state.waiting.classes()), key=repr),
        "heads": {
            (line.queue, line.channel, line.order, kind, key): [(place, cls.trait) for place, cls in heads]
            for line, kind, key, heads in state.waiting.heads()
        },
        "waiting_queues": {
            (worker, channel): sorted(state.waiting_queues_of(worker, channel))
            for worker in state.workers
            for channel in state.channels
        },
        "views": state.views,
        "task_roll": [no for no in state.task_roll.numbers if no in state.tasks],
        "in_activity": {no: sorted(named(bits)) for no, bits in state.in_activity.items() if bits},
        "census": dict(state.census.cells()),
        "census_of_all": state.census.of_all(),
    }


def _capacity(state: State) -> Iterator[str]:
    for worker in state.workers.values():
        live = state.live_of(worker)
        if not state.workspace.multi_task_enabled and len(live) > 1:
            yield f"{worker.sid} has {len(live)} live reservations in a single-tasking workspace"


def _tasks_and_reservations(state: State) -> Iterator[str]:
    for task in state.tasks.values():
        live = [each.status for each in state.live_of(task)]
        offers, accepted = live.count(ReservationStatus.PENDING), live.count(ReservationStatus.ACCEPTED)
        engaged = len(live) - offers
        transferred = task.transfer is not None
        expected = {
            TaskStatus.PENDING: offers == 0 and (transferred or engaged == 0),
            TaskStatus.RESERVED: offers > 0 and (transferred or engaged == 0),
            TaskStatus.ASSIGNED: offers == 0 and engaged > 0 and not transferred,
            TaskStatus.WRAPPING: offers == 0 and engaged > 0 and accepted == 0 and not transferred,
        }
        if not expected[task.status]:
            yield f"{task.sid} is {task.status} with {offers} pending and {engaged} accepted reservations"
        if (task.no in state.waiting) is not task_waits(task):
            yield f"{task.sid} {'stands' if task.no in state.waiting else 'does not stand'} in a line"
        under_way = [each.no for each in state.transfers_of(task) if each.status is TransferStatus.INITIATED]
        if under_way != ([task.transfer] if transferred else []):
            yield f"{task.sid} has the transfers {under_way} under way, but knows of {task.transfer}"


def _references(state: State) -> Iterator[str]:
    for reservation in state.reservations.values():
        if reservation.task not in state.tasks or reservation.worker not in state.workers:
            yield f"{reservation.sid} has lost its task or worker"
        own = state.worker_channels[reservation.worker_channel]
        if reservation.task in state.tasks and own.channel != state.tasks[reservation.task].channel:
            yield f"{reservation.sid} takes capacity of a channel that is not its task's"
    for transfer in state.transfers.values():
        if transfer.task not in state.tasks:
            yield f"{transfer.sid} has outlived its task"
    for task in state.tasks.values():
        if task.queue is not None and task.queue not in state.queues:
            yield f"{task.sid} has lost its queue"
        if task.status in WAITING_OR_RESERVED and task.workflow is not None and task.workflow not in state.workflows:
            yield f"{task.sid} has lost its workflow"
        followed = task.place if task.status in WAITING_OR_RESERVED else None
        if followed is not None and followed.configuration not in state.configurations:
            yield f"{task.sid} has lost its configuration"
    for workflow in state.workflows.values():
        rules = state.configurations.get(workflow.configuration)
        if rules is None:
            yield f"{workflow.sid} has lost its rules"
            continue
        for where, queue in read_rules(rules.document).queues():
            if number_of(queue) not in state.queues:
                yield f"{workflow.sid} sends tasks to {queue}, which is not there: {where}"
    for worker in state.workers.values():
        if worker.activity not in state.activities:
            yield f"{worker.sid} has lost its activity"
    for own in state.worker_channels.values():
        if own.worker not in state.workers or own.channel not in state.channels:
            yield f"{own.sid} has lost its worker or task channel"
        elif state.capacity_of(own.worker, own.channel) is not own:
            yield f"{own.sid} is not the only channel of its worker for its task channel"


def _deadlines(state: State) -> Iterator[str]:
    """Nothing waits for ever."""
    known = state.deadlines.as_dict()
    for task in state.tasks.values():
        if known.get(task.no) != task_deadline_ms(task):
            yield f"{task.sid} is due at {task_deadline_ms(task)}, the index says {known.get(task.no)}"
    for reservation in state.reservations.values():
        if known.get(reservation.no) != reservation_deadline_ms(reservation):
            yield f"{reservation.sid} has another deadline than the index"


def _nobody_waits_in_vain(state: State) -> Iterator[str]:
    """At rest, no worker who could take a waiting task is free. Asked the slow way: every worker for every task."""
    for task in state.tasks.values():
        if task_waits(task):
            for worker in state.workers:
                if could_take(state, worker, task):
                    yield f"{state.workers[worker].sid} is free and {task.sid} waits"


def could_take(state: State, worker: No, task: Task) -> bool:
    direct = routed_worker(task)
    one = state.workers[worker]
    if direct is not None and task.ignore_capacity:
        return one.sid == direct and (state.workspace.multi_task_enabled or not state.live_of(one))
    if not state.is_free(worker, task.channel):
        return False
    if direct is not None:
        return one.sid == direct
    cls = state.waiting.class_of(task.no)
    member = bool(state.membership.members[task.queue or 0] & state.worker_slots.bit(worker))
    known = cls.trait.known is None or state.known_worker(cls.trait.known) == worker
    return member and known and state.accepts(cls, worker)


def _orders_of_idleness(state: State) -> Iterator[str]:
    """Each holds at least those who are in its queue and free, none of them further back than they should be."""
    for queue, channel, entries in state.idle.entries():
        for worker in state.worker_slots.numbers(state.membership.members[queue] & state.free[channel]):
            if worker not in entries:
                yield f"{state.workers[worker].sid} is missing in the order of idleness of queue {queue}"
            elif entries[worker] > state.idle_key(worker, channel):
                yield f"{state.workers[worker].sid} stands too far back in the order of idleness of queue {queue}"


def _census(state: State) -> Iterator[str]:
    """Each cell says of its tasks what a plain count says."""
    cells: dict[Key, list[Task]] = {}
    for task in state.tasks.values():
        cells.setdefault((task.workflow, task.queue, task.channel), []).append(task)
    counted = {key: plain_tally(tasks) for key, tasks in cells.items()}
    if (said := dict(state.census.cells())) != counted:
        yield f"the census says {said}, a plain count {counted}"


def plain_tally(tasks: Iterable[Task]) -> Tally:
    """What the census should say of these tasks."""
    every = list(tasks)
    waiting = [task for task in every if task.status in WAITING_OR_RESERVED]
    entries = [(task.queue_entered_ms, task.no) for task in waiting if task.queue_entered_ms is not None]
    return Tally(
        Counter(task.status for task in every),
        Counter(task.priority for task in every),
        min(((task.created_ms, task.no) for task in waiting), default=(0, None))[1],
        min(entries)[1] if entries else None,
    )


def offer_violations(state: State, event: ReservationCreated) -> Iterator[str]:
    """What is true just after an offer was made."""
    reservation, task, worker = event.reservation, event.task, event.worker
    own = state.worker_channels[reservation.worker_channel]
    if own.channel != task.channel or own.worker != worker.no:
        yield f"{reservation.sid} is on a channel that is not its task's and worker's"
    if worker.last_reserved != reservation.no or own.last_reserved != reservation.no:
        yield f"{reservation.sid} is not noted as the newest of {worker.sid}"
    if task.ignore_capacity:
        return
    if state.held[own.no] > own.capacity or not own.available:
        yield f"{worker.sid} was offered more than its capacity {own.capacity} on {own.sid}"
    if state.workspace.multi_task_enabled and not state.activities[worker.activity].available:
        yield f"{worker.sid} was offered a task in an activity that is not available"
