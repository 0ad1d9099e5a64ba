"""What would be (ours): whom an expression would match, which way a task would go, where waiting tasks would stand.
All that is looked at is looked at in short looks; nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

from pointsman.core.engine.decide.task import channel_named
from pointsman.core.engine.decide.task_queue import check_target_workers
from pointsman.core.engine.view import View
from pointsman.core.limits import TASK_TIMEOUT_S_DEFAULT
from pointsman.core.what_if import Eligible, ReEvaluation, Trial
from pointsman.core.what_if.trial import supposed_task
from pointsman.core.workflow.rules import read_rules
from pointsman.operations.call import Call, Reply
from pointsman.operations.looking import look_through, soon
from pointsman.resources import Operation
from pointsman.resources.what_if import ELIGIBLE_WORKERS, RE_EVALUATION, TRIAL
from pointsman.wire.forms import read_form
from pointsman.wire.what_if import body

QUICK_MAX = 4_096  # characters of parameters that are read at once; more of them in a thread
SUPPOSED_SID = f"WT{0:032x}"
T = TypeVar("T")


async def eligible(call: Call) -> Reply:
    def read() -> Eligible:
        values = {"target_workers": _read(ELIGIBLE_WORKERS, call).get("target_workers", "")}
        check_target_workers(values)
        return Eligible(values["target_workers"])

    asked = await _prepared(call, read)
    await look_through(call, lambda view: asked.look(view.state, soon()))
    return _reply(call, ELIGIBLE_WORKERS, asked.result())


async def trial(call: Call) -> Reply:
    values = await _prepared(call, lambda: _read_rules(TRIAL, call))

    def begin(view: View) -> Trial:
        channel = channel_named(view.state, values.get("task_channel") or "default").no
        attributes, priority = values.get("attributes", "{}"), values.get("priority", 0)
        timeout_s = values.get("timeout", TASK_TIMEOUT_S_DEFAULT)
        task = supposed_task(SUPPOSED_SID, channel, attributes, priority, timeout_s, view.now_ms)
        return Trial(values["configuration"], task)

    asked = await call.router.read(call.workspace, begin)
    await look_through(call, lambda view: asked.look(view.state, soon()))
    return _reply(call, TRIAL, asked.result())


async def re_evaluation(call: Call) -> Reply:
    values = await _prepared(call, lambda: _read_rules(RE_EVALUATION, call))
    workflow = call.sid("WorkflowSid")
    asked = ReEvaluation(workflow, values["configuration"])
    await look_through(call, lambda view: asked.look(view.state, view.now_ms, soon()))
    told = await call.router.read(call.workspace, lambda view: asked.result(view.state))
    return _reply(call, RE_EVALUATION, told, workflow_sid=workflow)


def _read(operation: Operation, call: Call) -> dict[str, Any]:
    return read_form(operation.form, call.form, call.services.limits)


def _read_rules(operation: Operation, call: Call) -> dict[str, Any]:
    """With a configuration among them; what was read of that once is remembered."""
    values = _read(operation, call)
    read_rules(values["configuration"])
    return values


async def _prepared(call: Call, work: Callable[[], T]) -> T:
    quick = sum(len(text) for _, text in call.form) <= QUICK_MAX
    return work() if quick else await asyncio.to_thread(work)


def _reply(call: Call, operation: Operation, told: Struct, **about: str) -> Reply:
    return Reply(200, body(operation, told, call.account.sid, call.workspace, call.base + call.path, **about))


HANDLERS = {
    (ELIGIBLE_WORKERS.resource, ELIGIBLE_WORKERS.name): eligible,
    (TRIAL.resource, TRIAL.name): trial,
    (RE_EVALUATION.resource, RE_EVALUATION.name): re_evaluation,
}
