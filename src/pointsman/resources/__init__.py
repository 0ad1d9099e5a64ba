"""The declarations of every resource: fields, parameters, checks and documentation, each said once."""

from pointsman.resources.configuration import ACTIVITY, TASK_CHANNEL, TASK_QUEUE, WORKFLOW, WORKSPACE
from pointsman.resources.declare import Field, Filter, Operation, Order, Parameter, Resource
from pointsman.resources.operations import OPERATIONS, RESOURCES
from pointsman.resources.reservations import TASK_RESERVATION, WORKER_RESERVATION
from pointsman.resources.tasks import TASK
from pointsman.resources.transfers import TRANSFER
from pointsman.resources.workers import WORKER, WORKER_CHANNEL

__all__ = [
    "ACTIVITY",
    "OPERATIONS",
    "RESOURCES",
    "TASK",
    "TASK_CHANNEL",
    "TASK_QUEUE",
    "TASK_RESERVATION",
    "TRANSFER",
    "WORKER",
    "WORKER_CHANNEL",
    "WORKER_RESERVATION",
    "WORKFLOW",
    "WORKSPACE",
    "Field",
    "Filter",
    "Operation",
    "Order",
    "Parameter",
    "Resource",
]
