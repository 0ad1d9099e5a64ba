"""The declarations of every resource: fields, parameters, checks and documentation, each said once."""

from pointsman.resources.configuration import ACTIVITY, TASK_CHANNEL, TASK_QUEUE, WORKFLOW, WORKSPACE
from pointsman.resources.declare import Field, Filter, Resource
from pointsman.resources.work import TASK, TASK_RESERVATION, WORKER, WORKER_CHANNEL, WORKER_RESERVATION

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
)

__all__ = [
    "ACTIVITY",
    "RESOURCES",
    "TASK",
    "TASK_CHANNEL",
    "TASK_QUEUE",
    "TASK_RESERVATION",
    "WORKER",
    "WORKER_CHANNEL",
    "WORKER_RESERVATION",
    "WORKFLOW",
    "WORKSPACE",
    "Field",
    "Filter",
    "Resource",
]
