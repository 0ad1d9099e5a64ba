"""Statistics: what is asked is checked; figures of now are read off the state, those of an interval from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pointsman.core.engine.bits import Bits
from pointsman.core.engine.decide.checks import place
from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.types import Millis, No, Sid, TaskQueue, Worker, Workflow, WorkspaceSid
from pointsman.operations.call import Call, Reply
from pointsman.operations.general import Handler, channel_named
from pointsman.operations.lists import answer_list
from pointsman.ports import Store
from pointsman.resources.statistics import BULK, LIST, REPORTS, SUBJECTS, TASK_QUEUES, Report, Shape
from pointsman.stats import (
    NOBODY,
    Level,
    Question,
    Roster,
    Span,
    over_time,
    real_time,
    roster,
    time_in_activities,
    workers_of,
)
from pointsman.wire import statistics as wire
from pointsman.wire.forms import read_query
from pointsman.wire.spelling import pascal

Values = dict[str, Any]
_KINDS: dict[Level, type[Workflow | TaskQueue | Worker]] = {
    Level.WORKFLOW: Workflow,
    Level.TASK_QUEUE: TaskQueue,
    Level.WORKER: Worker,
}


class Asking(NamedTuple):
    """What the store is asked, and where workers were at that moment."""

    level: Level
    question: Question
    waits_s: Sequence[int]
    staff: Roster | None = None

    async def figures(self, store: Store, workspace: WorkspaceSid) -> Mapping[str, Any]:
        tallied = await store.tallied(workspace, self.question)
        found = over_time(self.level, tallied, self.waits_s)
        if self.staff is None:
            return found
        span = Span(Millis(self.question.start_s * 1000), self.question.stays_end_ms)
        return {**found, "activity_durations": time_in_activities(self.staff, span, tallied.stays)}


def _reporter(report: Report) -> Handler:
    """The handler of an operation that answers with the figures of one level."""

    async def tell(call: Call) -> Reply:
        values = read_query(report.operation.query, call.query)

        def ask(view: View) -> tuple[wire.Asked, Asking | None]:
            sids = _sids(view)
            subject = None
            if report.level in SUBJECTS:
                name = SUBJECTS[report.level].name
                subject = view.state.find(_KINDS[report.level], call.sid(pascal(name)))
                sids[name] = subject.sid
            queue = _check(view, values)
            interval = (
                None
                if report.shape is Shape.REAL_TIME
                else wire.read_interval(values, view.now_ms, call.services.statistics_days)
            )
            now = {} if report.shape is Shape.CUMULATIVE else _now(view, report.level, subject or queue, values)
            asked = wire.Asked(sids, interval, values.get("split_by_wait_time", ()), now)
            during = asking(view, report.level, subject or queue, values, interval) if interval else None
            return asked, during

        asked, during = await call.router.read(call.workspace, ask)
        if during is not None:
            asked = asked._replace(during=await during.figures(call.services.store, call.workspace))
        return Reply(200, wire.report_body(report, asked, call.base))

    return tell


async def list_task_queues(call: Call) -> Reply:
    """A page of task queues with their figures, all of one interval."""
    values = read_query(LIST.query, call.query)

    def ask(view: View) -> wire.Interval:
        _check(view, values)
        return _interval(call, view, values)

    interval = await call.router.read(call.workspace, ask)
    page: list[tuple[dict[str, Any], wire.Asked, Asking]] = []

    def body(view: View, queue: TaskQueue) -> dict[str, Any]:
        """An empty one: it is filled when the page is known, since that takes asking the store."""
        sids = _sids(view) | {SUBJECTS[Level.TASK_QUEUE].name: queue.sid}
        now = _now(view, Level.TASK_QUEUE, queue, values)
        asked = wire.Asked(sids, interval, values.get("split_by_wait_time", ()), now)
        page.append(({}, asked, asking(view, Level.TASK_QUEUE, queue, values, interval)))
        return page[-1][0]

    reply = await answer_list(TASK_QUEUES, call, body)
    for row, asked, during in page:
        row.update(wire.row_body(asked._replace(during=await during.figures(call.services.store, call.workspace))))
    return reply


async def read_task_queues(call: Call) -> Reply:
    """The task queues that the body names, in its order."""
    queues = wire.read_queue_sids(call.body)

    def ask(view: View) -> Reply:
        figures = {sid: _now_in_bulk(view, sid) for sid in queues}
        return Reply(BULK.status, wire.bulk_body(wire.Asked(_sids(view)), figures, call.base))

    return await call.router.read(call.workspace, ask)


def _now(view: View, level: Level, subject: Workflow | TaskQueue | Worker | None, values: Values) -> Mapping[str, Any]:
    """The figures of now that an answer has; of workers, the subject is the queue that they must be in."""
    return real_time(
        view.state,
        level,
        subject.no if subject else None,
        _channel(view, values),
        view.now_ms,
        worker_name=values.get("friendly_name") if level is Level.WORKERS else None,
    )


def asking(
    view: View,
    level: Level,
    subject: Workflow | TaskQueue | Worker | None,
    values: Values,
    interval: wire.Interval,
) -> Asking:
    """What is to be asked of an interval; of workers, the subject is the queue that they must be in."""
    state, no = view.state, subject.no if subject else None
    workers = _which_workers(view, level, subject, values)
    end_ms = Millis(min(interval.end_ms, max(interval.start_ms, view.now_ms)))
    waits_s = values.get("split_by_wait_time", ())
    question = Question(
        start_s=interval.start_ms // 1000,
        end_s=interval.end_s,
        workflow=no if level is Level.WORKFLOW else None,
        queue=no if level is Level.TASK_QUEUE else None,
        workers=None if workers is None else tuple(state.worker_slots.numbers(workers)),
        channel=_channel(view, values),
        split=bool(waits_s),
        stays=level in (Level.WORKERS, Level.WORKER),
        stays_end_ms=end_ms,
        stays_known_ms=state.now_ms,
    )
    return Asking(level, question, waits_s, roster(state, workers) if question.stays else None)


def _interval(call: Call, view: View, values: Values) -> wire.Interval:
    return wire.read_interval(values, view.now_ms, call.services.statistics_days)


def _which_workers(
    view: View, level: Level, subject: Workflow | TaskQueue | Worker | None, values: Values
) -> Bits | None:
    """Those asked about; None: all."""
    state = view.state
    if level is Level.WORKER and subject:
        return state.worker_slots.bit(subject.no)
    if level is Level.WORKERS and (subject or "friendly_name" in values):
        return workers_of(state, subject.no if subject else None, values.get("friendly_name"))
    return None


def _channel(view: View, values: Values) -> No | None:
    return channel_named(view, values["task_channel"]).no if "task_channel" in values else None


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
