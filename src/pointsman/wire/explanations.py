"""Explanations out: the body of a `core.explain` value, and of why a worker is in a queue or not."""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct

from pointsman.core.explain import Explanation
from pointsman.core.expression import Verdict
from pointsman.core.types import TaskQueue, Worker, Workspace
from pointsman.resources.explanation import EXPLANATION
from pointsman.wire.bodies import Body
from pointsman.wire.spelling import iso

_TIME = "_ms"


def body(explanation: Explanation, workspace: Workspace, base: str) -> Body:
    told = told_of(explanation)
    told |= told.pop("head")
    path = EXPLANATION.path.format(WorkspaceSid=workspace.sid, TaskSid=explanation.task_sid)
    told |= {"account_sid": workspace.account_sid, "workspace_sid": workspace.sid, "url": base + path}
    return {field.name: told[field.name] for field in EXPLANATION.fields}


def membership_body(workspace: Workspace, worker: Worker, queue: TaskQueue, verdict: Verdict, base: str) -> Body:
    return {
        "account_sid": workspace.account_sid,
        "workspace_sid": workspace.sid,
        "worker_sid": worker.sid,
        "task_queue_sid": queue.sid,
        "task_queue_name": queue.friendly_name,
        "target_workers": queue.target_workers,
        "matched": verdict.matched,
        "text": verdict.text,
        "because": told_of(verdict.because),
        "because_count": verdict.count,
        "task_queue_url": f"{base}/v1/Workspaces/{workspace.sid}/TaskQueues/{queue.sid}",
    }


def told_of(value: Any) -> Any:
    """Structs by the names of their fields; those that end in `_ms` are times, and lose that."""
    if isinstance(value, Struct):
        found: Body = {}
        for name in value.__struct_fields__:
            inner = getattr(value, name)
            if name.endswith(_TIME):
                found[name.removesuffix(_TIME)] = iso(inner)
            else:
                found[name] = told_of(inner)
        return found
    if isinstance(value, tuple):
        return [told_of(inner) for inner in value]
    return value.value if isinstance(value, Enum) else value
