"""Why a worker is in a task queue or not (ours), for a page of the queues."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from pointsman.core.engine.view import View
from pointsman.core.expression import Context, compile_expression, why
from pointsman.core.types import TaskQueue, Worker, Workspace
from pointsman.operations.call import Call, Reply
from pointsman.operations.lists import answer_list
from pointsman.resources import Filter
from pointsman.resources.explanation import MATCHED, MEMBERSHIP_LIST, MEMBERSHIPS
from pointsman.wire.bodies import Body
from pointsman.wire.explanations import membership_body

AT_ONCE_S = 0.002  # then others have their turn: an expression may be long


class _Row(NamedTuple):
    """A queue as it is listed, what its expression sees of the worker, and the body to be filled."""

    workspace: Workspace
    worker: Worker
    queue: TaskQueue
    seen: Mapping[str, Any]
    body: Body


async def list_memberships(call: Call) -> Reply:
    rows: list[_Row] = []

    def worker_of(view: View) -> Worker:
        return view.find(Worker, call.sid("WorkerSid"))

    def is_in(view: View, queue: TaskQueue, wanted: bool) -> bool:
        return view.state.is_in_queue(worker_of(view), queue) is wanted

    def body(view: View, queue: TaskQueue) -> Body:
        worker = worker_of(view)
        rows.append(_Row(view.state.workspace, worker, queue, dict(view.state.views[worker.no]), {}))
        return rows[-1].body

    await call.router.read(call.workspace, worker_of)
    matched = Filter(MATCHED.name, MATCHED.type, is_in, MATCHED.doc)
    reply = await answer_list(MEMBERSHIPS._replace(filters=(matched, *MEMBERSHIPS.filters)), call, body)
    await _explain(rows, call.base)
    return reply


async def _explain(rows: list[_Row], base: str) -> None:
    until = time.perf_counter() + AT_ONCE_S
    for workspace, worker, queue, seen, body in rows:
        verdict = why(compile_expression(queue.target_workers, Context.QUEUE), None, seen, None, None)
        body.update(membership_body(workspace, worker, queue, verdict, base))
        if time.perf_counter() > until:
            await asyncio.sleep(0)
            until = time.perf_counter() + AT_ONCE_S


HANDLERS = {(MEMBERSHIP_LIST.resource, MEMBERSHIP_LIST.name): list_memberships}
