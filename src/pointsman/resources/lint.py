"""Warnings (ours): what is allowed in a task queue or a workflow, and yet unwise."""

from __future__ import annotations

from pointsman.resources.configuration import ACCOUNT_SID, TASK_QUEUE, WORKFLOW, WORKSPACE_SID
from pointsman.resources.declare import Field, Operation, Parameter, Resource
from pointsman.resources.types import Link, SidOf, Warnings

CHECKED = {"configuration": WORKFLOW, "target_workers": TASK_QUEUE}  # what can be checked, and of which resource it is

_WARNINGS = Field("warnings", Warnings(), "What is unwise, in the order of the document; mostly there is nothing.")
_URL = Field("url", Link(), "Where this is.")
_WORKSPACE = "/v1/Workspaces/{WorkspaceSid}"


def _of(resource: Resource, name: str, prefix: str) -> Operation:
    return Operation(
        resource=f"{resource.name}_warnings",
        name="fetch",
        method="GET",
        path=f"{_WORKSPACE}/{resource.path}/{{{name}}}/Warnings",
        status=200,
        doc="Say what is unwise in it, as things are now.",
        fields=(
            ACCOUNT_SID,
            WORKSPACE_SID,
            Field(f"{resource.name}_sid", SidOf(prefix), "What it is about."),
            _WARNINGS,
            _URL,
        ),
        ours=True,
    )


def _parameter(name: str) -> Parameter:
    field = next(each for each in CHECKED[name].fields if each.name == name)
    return field.parameter("")._replace(doc=f"{field.doc} Either this or the other.")


LINT_OPERATIONS = (
    _of(TASK_QUEUE, "TaskQueueSid", "WQ"),
    _of(WORKFLOW, "WorkflowSid", "WW"),
    Operation(
        resource="warnings",
        name="create",
        method="POST",
        path=f"{_WORKSPACE}/Warnings",
        status=200,
        doc="Say what would be unwise in a configuration or an expression; nothing is made of it.",
        form=tuple(_parameter(name) for name in CHECKED),
        reads=True,
        fields=(ACCOUNT_SID, WORKSPACE_SID, _WARNINGS, _URL),
        ours=True,
    ),
)
