"""What can be asked of a workspace. Values are typed and checked by the declarations in `resources`; whether they fit
the workspace's present state is decided in `engine.decide`."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.core.types import AccountSid, Leg, Sid, WorkspaceSid

Values = dict[str, Any]  # parameters by their snake_case names; one that is absent was not sent


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command names entities by sid. `if_version` is the version that the caller's `If-Match` demands."""


class CreateWorkspace(Command, frozen=True, kw_only=True):
    sid: WorkspaceSid
    account_sid: AccountSid
    values: Values


class UpdateWorkspace(Command, frozen=True, kw_only=True):
    values: Values


class DeleteWorkspace(Command, frozen=True, kw_only=True):
    pass


class CreateActivity(Command, frozen=True, kw_only=True):
    values: Values


class UpdateActivity(Command, frozen=True, kw_only=True):
    activity: Sid
    values: Values


class DeleteActivity(Command, frozen=True, kw_only=True):
    activity: Sid


class CreateTaskChannel(Command, frozen=True, kw_only=True):
    values: Values


class UpdateTaskChannel(Command, frozen=True, kw_only=True):
    channel: Sid  # or its unique name
    values: Values


class DeleteTaskChannel(Command, frozen=True, kw_only=True):
    channel: Sid  # or its unique name


class CreateWorker(Command, frozen=True, kw_only=True):
    values: Values


class UpdateWorker(Command, frozen=True, kw_only=True):
    worker: Sid
    values: Values
    if_version: int | None = None


class DeleteWorker(Command, frozen=True, kw_only=True):
    worker: Sid
    if_version: int | None = None


class UpdateWorkerChannel(Command, frozen=True, kw_only=True):
    worker: Sid
    channel: Sid  # of the worker channel, or the task channel's sid or unique name
    values: Values


class CreateTaskQueue(Command, frozen=True, kw_only=True):
    values: Values


class UpdateTaskQueue(Command, frozen=True, kw_only=True):
    queue: Sid
    values: Values


class DeleteTaskQueue(Command, frozen=True, kw_only=True):
    queue: Sid


class CreateWorkflow(Command, frozen=True, kw_only=True):
    values: Values


class UpdateWorkflow(Command, frozen=True, kw_only=True):
    workflow: Sid
    values: Values


class DeleteWorkflow(Command, frozen=True, kw_only=True):
    workflow: Sid


class CreateTask(Command, frozen=True, kw_only=True):
    values: Values


class UpdateTask(Command, frozen=True, kw_only=True):
    task: Sid
    values: Values
    if_version: int | None = None


class DeleteTask(Command, frozen=True, kw_only=True):
    task: Sid
    if_version: int | None = None


class UpdateReservation(Command, frozen=True, kw_only=True):
    """`task` or `worker` is the parent that the path named: the reservation must be one of its own."""

    reservation: Sid
    values: Values
    task: Sid | None = None
    worker: Sid | None = None
    if_version: int | None = None


class StartTransfer(Command, frozen=True, kw_only=True):
    """`worker` is the one who has the task, and hands it on."""

    worker: Sid
    values: Values


class UpdateTransfer(Command, frozen=True, kw_only=True):
    worker: Sid
    transfer: Sid
    values: Values


class FailAssignment(Command, frozen=True, kw_only=True):
    """Both assignment callback URLs failed: cancel the reservation and offer the task again after a pause."""

    reservation: Sid


class NoticeLeg(Command, frozen=True, kw_only=True):
    """A voice driver tells what has become of the worker's leg of a reservation's call. `reason_code` says why it
    failed, such as 45303: nobody answered."""

    reservation: Sid
    leg: Leg
    reason_code: int = 0


class Tick(Command, frozen=True, kw_only=True):
    """Time has passed: act on every deadline that is due, and go on with long work."""
