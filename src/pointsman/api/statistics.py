"""Statistics: what is asked is checked, and answered with the figures of now; those of intervals are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.api.call import SHOWN_MAX, URLENCODED, Call, Reply, read_body, type_of, unsupported
from pointsman.api.general import Handler, channel_named
from pointsman.api.lists import answer_list
from pointsman.core.engine.decide.checks import place
from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.types import Sid, TaskQueue, Worker, Workflow
from pointsman.resources.statistics import BULK, LIST, REPORTS, SUBJECTS, TASK_QUEUES, Report, Shape
from pointsman.stats import NOBODY, Level, real_time
from pointsman.wire import statistics as wire
from pointsman.wire.forms import read_query
from pointsman.wire.spelling import pascal

Values = dict[str, Any]
_KINDS: dict[Level, type[Workflow | TaskQueue | Worker]] = {
    Level.WORKFLOW: Workflow,
    Level.TASK_QUEUE: TaskQueue,
    Level.WORKER: Worker,
}


def _reporter(report: Report) -> Handler:
    """The handler of an operation that answers with the figures of one level."""

    async def tell(call: Call) -> Reply:
        values = read_query(report.operation.query, call.query)

        def ask(view: View) -> Reply:
            sids = _sids(view)
            subject = None
            if report.level in SUBJECTS:
                name = SUBJECTS[report.level].name
                subject = view.state.find(_KINDS[report.level], call.sid(pascal(name)))
                sids[name] = subject.sid
            queue = _check(view, values)
            interval = None if report.shape is Shape.REAL_TIME else wire.read_interval(values, view.now_ms)
            now = {} if report.shape is Shape.CUMULATIVE else _now(view, report.level, subject or queue, values)
            asked = wire.Asked(sids, interval, values.get("split_by_wait_time", ()), now)
            return Reply(200, wire.report_body(report, asked, call.base))

        return await call.router.read(call.workspace, ask)

    return tell


async def list_task_queues(call: Call) -> Reply:
    """A page of task queues with their figures, all of one interval."""
    values = read_query(LIST.query, call.query)

    def ask(view: View) -> wire.Interval:
        _check(view, values)
        return wire.read_interval(values, view.now_ms)

    interval = await call.router.read(call.workspace, ask)

    def body(view: View, queue: TaskQueue) -> dict[str, Any]:
        sids = _sids(view) | {SUBJECTS[Level.TASK_QUEUE].name: queue.sid}
        now = _now(view, Level.TASK_QUEUE, queue, values)
        return wire.row_body(wire.Asked(sids, interval, values.get("split_by_wait_time", ()), now))

    return await answer_list(TASK_QUEUES, call, body)


async def read_task_queues(call: Call) -> Reply:
    """The task queues that the body names, in its order."""
    kind = type_of(call.request)
    if kind not in ("application/json", URLENCODED, ""):
        raise unsupported(f"Content-Type {kind[:SHOWN_MAX]} is not supported here: expected application/json")
    queues = wire.read_queue_sids(await read_body(call.request))

    def ask(view: View) -> Reply:
        figures = {sid: _now_in_bulk(view, sid) for sid in queues}
        return Reply(BULK.status, wire.bulk_body(wire.Asked(_sids(view)), figures, call.base))

    return await call.router.read(call.workspace, ask)


def _now(view: View, level: Level, subject: Workflow | TaskQueue | Worker | None, values: Values) -> Mapping[str, Any]:
    """The figures of now that an answer has; of workers, the subject is the queue that they must be in."""
    channel = channel_named(view, values["task_channel"]).no if "task_channel" in values else None
    return real_time(
        view.state,
        level,
        subject.no if subject else None,
        channel,
        view.now_ms,
        worker_name=values.get("friendly_name") if level is Level.WORKERS else None,
    )


def _now_in_bulk(view: View, sid: Sid) -> Mapping[str, Any]:
    """A queue that does not exist has no tasks and no workers [docs: taskqueue-statistics]."""
    try:
        queue = view.state.find(TaskQueue, sid).no
    except NotFound:
        queue = NOBODY
    return real_time(view.state, Level.TASK_QUEUE_IN_BULK, queue, None, view.now_ms)


def _sids(view: View) -> dict[str, str]:
    workspace = view.state.workspace
    return {"account_sid": workspace.account_sid, "workspace_sid": workspace.sid}


def _check(view: View, values: Values) -> TaskQueue | None:
    """Whether what the parameters name is there; the queue among it. Raises: `Invalid`."""
    if "task_channel" in values:
        channel_named(view, values["task_channel"])
    by_sid, by_name = (_queue_of(view, values, name) for name in ("task_queue_sid", "task_queue_name"))
    if by_sid and by_name and by_sid is not by_name:
        raise Invalid("Invalid TaskQueueName: expected that of TaskQueueSid, or one of the two alone")
    return by_sid or by_name


def _queue_of(view: View, values: Values, parameter: str) -> TaskQueue | None:
    """The queue that a parameter names, if it was sent."""
    wanted = values.get(parameter)
    if wanted is None:
        return None
    if parameter == "task_queue_sid":
        try:
            return view.state.find(TaskQueue, wanted)
        except NotFound:
            pass
    else:
        queue = view.state.queues.get(view.state.named("task_queue", wanted) or 0)
        if queue is not None and queue.friendly_name == wanted:
            return queue
    raise Invalid(f"{pascal(parameter)} {wanted} does not exist in {place(view.state)}")


HANDLERS: dict[tuple[str, str], Handler] = {
    **{(report.operation.resource, report.operation.name): _reporter(report) for report in REPORTS},
    (LIST.resource, LIST.name): list_task_queues,
    (BULK.resource, BULK.name): read_task_queues,
}
