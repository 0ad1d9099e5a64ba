"""Every operation of the API, made from the declarations: the routes, the served description and the reference pages
come from this list. Paths and the names in them are those of the published description [oai]."""

from __future__ import annotations

from pointsman.resources.accounts import ACCOUNT_OPERATIONS
from pointsman.resources.configuration import ACTIVITY, TASK_CHANNEL, TASK_QUEUE, WORKFLOW, WORKSPACE
from pointsman.resources.declare import Operation, Parameter, Resource
from pointsman.resources.desk import DESK_OPERATIONS
from pointsman.resources.explanation import EXPLANATION_OPERATIONS
from pointsman.resources.lint import LINT_OPERATIONS
from pointsman.resources.log import LOG_OPERATIONS
from pointsman.resources.paging import PAGING, ordering
from pointsman.resources.reservations import TASK_RESERVATION, WORKER_RESERVATION
from pointsman.resources.statistics import STATISTICS_OPERATIONS
from pointsman.resources.tasks import TASK
from pointsman.resources.transfers import TRANSFER
from pointsman.resources.what_if import WHAT_IF_OPERATIONS
from pointsman.resources.workers import WORKER, WORKER_CHANNEL

RESOURCES: tuple[Resource, ...] = (
    WORKSPACE,
    ACTIVITY,
    TASK_CHANNEL,
    WORKER,
    WORKER_CHANNEL,
    WORKER_RESERVATION,
    TASK_QUEUE,
    WORKFLOW,
    TASK,
    TASK_RESERVATION,
    TRANSFER,
)
_METHODS = {"create": "POST", "fetch": "GET", "list": "GET", "update": "POST", "delete": "DELETE"}
_STATUS = {"create": 201, "delete": 204}
_PARENTS = {
    None: "",
    "workspace": "/Workspaces/{WorkspaceSid}",
    "worker": "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}",
    "task": "/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}",
}
_DOCS = {"create": "Create one.", "fetch": "Read one.", "list": "Read a page of them.", "update": "Change one."}
_DOCS["delete"] = "Remove one."


def operations_of(resource: Resource) -> tuple[Operation, ...]:
    """The operations of a resource that is an entity."""
    return tuple(_operation(resource, name) for name in resource.operations.split())


def _operation(resource: Resource, name: str) -> Operation:
    collection = f"/{resource.version}{_PARENTS[resource.parent]}/{resource.path}"
    query: tuple[Parameter, ...] = ()
    if name == "list":
        own = (*(each.parameter() for each in resource.filters), *((ordering(resource),) if resource.orders else ()))
        query = (*own, *PAGING)
    return Operation(
        resource=resource.name,
        name=name,
        method=_METHODS[name],
        path=collection if name in ("create", "list") else f"{collection}/{{Sid}}",
        status=_STATUS.get(name, 200),
        doc=_DOCS[name],
        query=query,
        form=tuple(field.parameter(name) for field in resource.parameters(name)),
        fields=() if name == "delete" else tuple(field for field in resource.fields if field.value),
        extensions=resource.extensions if name in ("create", "update") else (),
        key=resource.key if name == "list" else None,
        etag=resource.versioned and name != "delete",
        if_match=resource.versioned and name in ("update", "delete"),
        costly=frozenset(each.name for each in resource.filters if each.costly) if name == "list" else frozenset(),
    )


OPERATIONS: tuple[Operation, ...] = (
    *(operation for resource in RESOURCES for operation in operations_of(resource)),
    *EXPLANATION_OPERATIONS,
    *DESK_OPERATIONS,
    *LINT_OPERATIONS,
    *WHAT_IF_OPERATIONS,
    *LOG_OPERATIONS,
    *ACCOUNT_OPERATIONS,
    *STATISTICS_OPERATIONS,
)
