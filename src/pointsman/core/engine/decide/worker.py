"""Workers and their channels."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide.checks import check_name_free, check_room, check_version, place, referred
from pointsman.core.engine.endings import move_worker
from pointsman.core.engine.offers import reject, withdraw
from pointsman.core.engine.state import State
from pointsman.core.errors import InUse, Invalid, TooManyAvailable
from pointsman.core.ids import Ids
from pointsman.core.types import Activity, Gone, Millis, Reservation, ReservationStatus, Worker


def create(state: State, command: cmd.CreateWorker, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    values = command.values
    name = values["friendly_name"]
    _check_name(state, name, None)
    check_room(len(state.workers), state.limits.workers_max, "workers")
    activity = state.workspace.default_activity
    if values.get("activity_sid"):
        activity = referred(state, Activity, values["activity_sid"], "ActivitySid").no
    _check_room_in(state, state.activities[activity])
    no = state.new_no()
    worker = Worker(
        no=no,
        sid=ids.sid("WK", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        friendly_name=name,
        attributes=values.get("attributes", "{}"),
        activity=activity,
        status_changed_ms=now_ms,
    )
    yield ev.WorkerCreated(worker=worker, at_ms=now_ms)


def update(state: State, command: cmd.UpdateWorker, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """A name first, then attributes, then the activity; each raises the version by one, but setting what is already
    set is nothing [sdk-test]."""
    worker = state.find(Worker, command.worker)
    check_version(worker, command.if_version)
    values = command.values
    name = values.get("friendly_name", worker.friendly_name)
    _check_name(state, name, worker)
    activity = referred(state, Activity, values["activity_sid"], "ActivitySid") if values.get("activity_sid") else None
    rejects = values.get("reject_pending_reservations", False)
    if rejects and (activity or state.activities[worker.activity]).available:
        raise Invalid("Unable to reject pending reservations when updating to an Available activity state.")
    if activity is not None and not state.activities[worker.activity].available:
        _check_room_in(state, activity)

    if name != worker.friendly_name:
        worker = replace(
            worker, friendly_name=name, version=worker.version + 1, text=worker.text + 1, updated_ms=now_ms
        )
        yield ev.WorkerRenamed(worker=worker, at_ms=now_ms)
    if values.get("attributes", worker.attributes) != worker.attributes:
        worker = replace(
            worker,
            attributes=values["attributes"],
            version=worker.version + 1,
            text=worker.text + 1,
            updated_ms=now_ms,
        )
        yield ev.WorkerAttributesUpdated(worker=worker, at_ms=now_ms)
    if activity is not None:
        yield from move_worker(state, worker.no, activity.no, now_ms)
    if rejects:
        for pending in _pending(state, worker):
            # the activity that it has now is kept: it does not get back the one from before the offer
            kept = state.workers[worker.no].activity
            yield from reject(state, state.reservations[pending], kept, now_ms)


def _pending(state: State, worker: Worker) -> list[int]:
    return [each.no for each in state.live_of(worker) if each.status is ReservationStatus.PENDING]


def delete(state: State, command: cmd.DeleteWorker, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """A worker at work can't be deleted; pending offers are canceled and their tasks offered to others [inferred]."""
    worker = state.find(Worker, command.worker)
    check_version(worker, command.if_version)
    live = state.live_of(worker)
    busy: list[Reservation] = [each for each in live if each.status is not ReservationStatus.PENDING]
    if busy:
        raise InUse(f"Cannot delete worker {worker.sid} because it has {len(busy)} accepted or wrapping reservations")
    for each in live:
        yield from withdraw(state, each, now_ms, callback_failed=False)
    worker = state.workers[worker.no]
    yield ev.WorkerDeleted(
        worker=worker,
        gone=Gone(no=worker.no, sid=worker.sid),
        also=tuple(Gone(no=each.no, sid=each.sid) for each in state.stored_channels(worker.no)),
        at_ms=now_ms,
    )


def update_channel(state: State, command: cmd.UpdateWorkerChannel, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Capacity and availability of one channel. Live reservations are never touched [inferred]."""
    before = state.worker_channel(state.find(Worker, command.worker), command.channel)
    capacity = command.values.get("capacity", before.capacity)
    available = command.values.get("available", before.available)
    changed: list[type[ev.WorkerChannelEvent]] = []
    if capacity != before.capacity:
        changed.append(ev.WorkerCapacityUpdated)
    if available != before.available:
        changed.append(ev.WorkerChannelAvailabilityUpdated)
    if not changed:
        return
    own = state.channel_to_change(before.worker, before.channel)
    after = replace(own, capacity=capacity, available=available, updated_ms=now_ms)
    for kind in changed:
        worker = state.workers[before.worker]
        yield kind(
            worker=replace(worker, version=worker.version + 1, updated_ms=now_ms),
            worker_channel=after,
            channel=state.channels[before.channel],
            previous_capacity=before.capacity,
            task_count=state.held[before.no],
            at_ms=now_ms,
        )


def _check_room_in(state: State, activity: Activity) -> None:
    """One more worker in an available activity [dict 14240]."""
    most = state.limits.available_workers_max
    if most and activity.available:
        available = sum(
            state.in_activity.get(each.no, 0).bit_count() for each in state.activities.values() if each.available
        )
        if available >= most:
            raise TooManyAvailable(
                f"There are already {available} workers in available activities; at most {most} may be"
            )


def _check_name(state: State, name: str, own: Worker | None) -> None:
    """Unique in the workspace, compared without case [oai]."""
    check_name_free(state, "worker", name, own, f"Worker named {name} already exists for {place(state)}")
