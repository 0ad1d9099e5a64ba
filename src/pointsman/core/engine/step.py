"""step = decide → apply → route, until route has nothing left to do.

`decide` functions and `route` are generators: each event is applied before the next is asked for. A command that is
refused, or that fails on a fault of ours, leaves the state as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pointsman.core import commands as cmd
from pointsman.core.engine.decide import (
    activity,
    reservation,
    task,
    task_channel,
    task_queue,
    tick,
    transfer,
    voice,
    worker,
    workflow,
    workspace,
)
from pointsman.core.engine.route import route
from pointsman.core.engine.state import State
from pointsman.core.errors import NotFound, Rejected
from pointsman.core.events import Event
from pointsman.core.ids import Ids
from pointsman.core.limits import STEP_ITEMS_MAX
from pointsman.core.types import Millis

Decide = Callable[..., Iterator[Event]]

DECIDE: dict[type[cmd.Command], Decide] = {
    cmd.CreateWorkspace: workspace.create,
    cmd.UpdateWorkspace: workspace.update,
    cmd.DeleteWorkspace: workspace.delete,
    cmd.CreateActivity: activity.create,
    cmd.UpdateActivity: activity.update,
    cmd.DeleteActivity: activity.delete,
    cmd.CreateTaskChannel: task_channel.create,
    cmd.UpdateTaskChannel: task_channel.update,
    cmd.DeleteTaskChannel: task_channel.delete,
    cmd.CreateWorker: worker.create,
    cmd.UpdateWorker: worker.update,
    cmd.DeleteWorker: worker.delete,
    cmd.UpdateWorkerChannel: worker.update_channel,
    cmd.CreateTaskQueue: task_queue.create,
    cmd.UpdateTaskQueue: task_queue.update,
    cmd.DeleteTaskQueue: task_queue.delete,
    cmd.CreateWorkflow: workflow.create,
    cmd.UpdateWorkflow: workflow.update,
    cmd.DeleteWorkflow: workflow.delete,
    cmd.CreateTask: task.create,
    cmd.UpdateTask: task.update,
    cmd.DeleteTask: task.delete,
    cmd.UpdateReservation: reservation.update,
    cmd.StartTransfer: transfer.start,
    cmd.UpdateTransfer: transfer.update,
    cmd.FailAssignment: reservation.fail_assignment,
    cmd.NoticeLeg: voice.notice,
    cmd.Tick: tick.tick,
}


class Stepped(NamedTuple):
    events: list[Event]
    decided: int  # so many are the command's own doing; the rest is the router's


def step(state: State, command: cmd.Command, now_ms: Millis, ids: Ids, items_max: int = STEP_ITEMS_MAX) -> Stepped:
    """Carry out `command` at `now_ms`, which never goes backwards. Raises: `Rejected`; then nothing has changed."""
    assert now_ms >= state.now_ms, "time never goes backwards within a workspace"
    if state.deleted:
        raise NotFound(state.workspace.sid)
    mark, next_no, before_ms, at_rest = state.mark(), state.next_no, state.now_ms, state.at_rest
    state.now_ms = now_ms
    events: list[Event] = []
    try:
        for event in DECIDE[type(command)](state, command, now_ms, ids):
            state.apply(event)
            events.append(event)
        decided = len(events)
        if not state.deleted:
            for event in route(state, now_ms, ids, items_max):
                state.apply(event)
                events.append(event)
    except BaseException as problem:
        state.undo(mark)
        state.next_no, state.now_ms, state.deleted = next_no, before_ms, False
        if at_rest:
            state.settle()
        elif not isinstance(problem, Rejected):
            state.stir_all()  # routing may have been under way
        raise
    return Stepped(events, decided)
