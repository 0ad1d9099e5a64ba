"""Warnings (ours): worked out after the change is made, in small pieces, and never in its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from pointsman.core.engine.decide.task_queue import check_target_workers
from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid, Rejected
from pointsman.core.lint import LintWarning, Steps, lint_queue, lint_workflow, look_around, run
from pointsman.core.types import TaskQueue, Workflow
from pointsman.core.workflow.rules import read_rules
from pointsman.operations.call import Call, Reply
from pointsman.ports import Overloaded, StoreUnavailable, UnknownWorkspace
from pointsman.resources import TASK_QUEUE, Resource
from pointsman.resources.lint import CHECKED
from pointsman.wire import lint as wire
from pointsman.wire.forms import read
from pointsman.wire.spelling import pascal

AT_ONCE_S = 0.002  # then others have their turn
QUICK_MAX = 4_096  # characters of a document that is looked at in pieces; a longer one in a thread

T = TypeVar("T")
log = structlog.get_logger()


async def with_warnings(resource: Resource, call: Call, reply: Reply) -> Reply:
    """The answer to a change, with the warnings about what it left. Whatever happens here, the change is made."""
    name = "target_workers" if resource is TASK_QUEUE else "configuration"
    try:
        return reply._replace(body=wire.extended(reply.body, await _warnings(call, name, reply.body[name])))
    except (UnknownWorkspace, StoreUnavailable, Overloaded, Rejected):  # what there is can't be looked at by now
        return reply
    except Exception:
        log.exception("lint_failed", workspace=call.workspace, resource=resource.name)
        return reply


async def _warnings(call: Call, name: str, document: str) -> list[LintWarning]:
    """Raises: `Invalid`, if the document can't be read."""
    quick = len(document) <= QUICK_MAX
    if name == "target_workers":
        await _read(lambda: check_target_workers({name: document}), quick=quick)
        around = await call.router.read(call.workspace, lambda view: look_around(view.state))
        return await _driven(call, lint_queue(document, around), quick=quick)
    rules = await _read(lambda: read_rules(document), quick=quick)
    queues = list(dict.fromkeys(sid for _, sid in rules.queues()))
    around = await call.router.read(call.workspace, lambda view: look_around(view.state, queues))
    return await _driven(call, lint_workflow(rules, around), quick=quick)


async def _read(work: Callable[[], T], *, quick: bool) -> T:
    return work() if quick else await asyncio.to_thread(work)


async def _driven(call: Call, steps: Steps[T], *, quick: bool) -> T:
    """All that it looks at was taken out of the state before: it may go on beside whatever happens there."""
    if not quick:
        return await asyncio.to_thread(run, steps)
    while True:
        until = time.perf_counter() + AT_ONCE_S
        try:
            next(steps)
            while time.perf_counter() < until:
                next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        async with call.services.scans:  # few at once, and others between any two looks
            await asyncio.sleep(0)


# --- asked for on their own ---------------------------------------------------------------------------------------


async def fetch_of_task_queue(call: Call) -> Reply:
    def ask(view: View) -> str:
        return view.state.find(TaskQueue, call.sid("TaskQueueSid")).target_workers

    document = await call.router.read(call.workspace, ask)
    return _reply(call, await _warnings(call, "target_workers", document), task_queue_sid=call.sid("TaskQueueSid"))


async def fetch_of_workflow(call: Call) -> Reply:
    def ask(view: View) -> str:
        workflow = view.state.find(Workflow, call.sid("WorkflowSid"))
        return view.state.configurations[workflow.configuration].document

    document = await call.router.read(call.workspace, ask)
    return _reply(call, await _warnings(call, "configuration", document), workflow_sid=call.sid("WorkflowSid"))


async def check(call: Call) -> Reply:
    """Of something that is not there yet."""
    sent = [(name, text) for name in CHECKED for text in await _sent(call, name)]
    if len(sent) != 1:
        raise Invalid(f"Expected either {' or '.join(pascal(name) for name in CHECKED)} in the post body")
    return _reply(call, await _warnings(call, *sent[0]))


async def _sent(call: Call, name: str) -> list[str]:
    """The parameter of this name, if it was sent. Raises: `Invalid`."""
    form = [(key, text) for key, text in call.form if key == pascal(name)]
    quick = all(len(text) <= QUICK_MAX for _, text in form)
    values = await _read(lambda: read(CHECKED[name], "update", form, call.services.limits), quick=quick)
    return list(values.values())


def _reply(call: Call, warnings: Sequence[LintWarning], **about: str) -> Reply:
    return Reply(200, wire.body(call.account.sid, call.workspace, about, warnings, call.base + call.path))


HANDLERS = {
    ("task_queue_warnings", "fetch"): fetch_of_task_queue,
    ("workflow_warnings", "fetch"): fetch_of_workflow,
    ("warnings", "create"): check,
}
