"""A worker's desk (ours): what it has before it, to whom it can hand a task on, and links that let a worker in.

A link has its rights from who made it: it is signed with that credential, of which the server keeps the hash, and
nothing of it is stored. So it ends with its time, and at once with the API key or auth token. Who comes by it may do
what this one worker does, and nothing else: `check` and `check_call` say what that is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import NamedTuple

from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.ids import is_sid
from pointsman.core.types import RESERVATION_ENGAGED, Millis, Sid, Task, Worker, Workspace, WorkspaceSid
from pointsman.operations.call import Call, Caller, Refused, Reply
from pointsman.operations.directory import Directory
from pointsman.operations.lists import answer_list
from pointsman.ports import Router, UnknownWorkspace
from pointsman.resources import TASK, TRANSFER, WORKER, WORKER_RESERVATION, Operation
from pointsman.resources.desk import (
    DESK,
    DESK_LINK,
    KIND,
    LINK_HOURS_DEFAULT,
    LINK_PARAMETERS,
    TARGET_LIST,
    TARGETS,
)
from pointsman.wire import errors
from pointsman.wire.desk import desk_body, link_body, target_body
from pointsman.wire.forms import Pairs, read_query

PAGE = "/console/desk/"  # below it stands the worker's SID
_SIGNATURE_BYTES = 16
_TIME = struct.Struct(">I")


# --- what there is ------------------------------------------------------------------------------------------------


async def fetch_desk(call: Call) -> Reply:
    def ask(view: View) -> Reply:
        return Reply(200, desk_body(view, view.find(Worker, call.sid("WorkerSid")), call.base))

    return await call.router.read(call.workspace, ask)


async def list_targets(call: Call) -> Reply:
    kind = read_query((KIND,), call.query).get(KIND.name)
    if kind is None:
        raise Invalid("Missing required parameter Kind: expected worker or queue")
    await call.router.read(call.workspace, lambda view: view.find(Worker, call.sid("WorkerSid")))
    return await answer_list(TARGETS[kind], call, target_body)


# --- links --------------------------------------------------------------------------------------------------------


class Link(NamedTuple):
    """`signer` is the API key that made it; None: the account itself."""

    workspace: WorkspaceSid
    worker: Sid
    ends_s: int  # since 1970
    signer: Sid | None

    def signed(self, secret_hash: str) -> str:
        """As it stands in an address: all but the worker, whose SID the address has anyway."""
        named = bytes.fromhex(self.signer[2:]) if self.signer else b""
        body = bytes.fromhex(self.workspace[2:]) + _TIME.pack(self.ends_s) + named
        return base64.urlsafe_b64encode(body + _mac(secret_hash, self.worker, body)).decode().rstrip("=")


def _mac(secret_hash: str, worker: Sid, body: bytes) -> bytes:
    text = b"desk." + worker.encode() + body
    return hmac.new(secret_hash.encode(), text, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _read(key: str, worker: Sid) -> Link | None:
    try:
        raw = base64.b64decode(key + "=" * (-len(key) % 4), b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) not in (36, 52) or not is_sid(worker, "WK"):
        return None
    signer = f"SK{raw[20:36].hex()}" if len(raw) == 52 else None
    return Link(WorkspaceSid(f"WS{raw[:16].hex()}"), worker, _TIME.unpack(raw[16:20])[0], signer)


class Entry(NamedTuple):
    """What a link opens."""

    link: Link
    caller: Caller
    form_secret: str  # what forms of the session that it opens are signed with


async def enter(
    directory: Directory, router: Router, key: str, worker: Sid, now_s: Callable[[], float] = time.time
) -> Entry | None:
    """Who has this key in the address of a worker's desk; None, if it is none, or has ended."""
    link = _read(key, worker)
    if link is None or link.ends_s <= now_s():
        return None
    try:
        account = router.account_of(link.workspace)
    except UnknownWorkspace:
        return None
    user = link.signer or account
    caller = await directory.holder(user)
    if caller is None or caller.account.sid != account:
        return None
    for each in await directory.hashes_of(user):
        if hmac.compare_digest(link.signed(each), key):
            secret = hmac.new(each.encode(), f"desk form.{worker}.{key}".encode(), hashlib.sha256)
            return Entry(link, caller._replace(worker=worker), secret.hexdigest())
    return None


async def _create_link(directory: Directory, call: Call) -> Reply:
    hours = read_query(LINK_PARAMETERS, call.form).get("hours", LINK_HOURS_DEFAULT)
    worker = call.sid("WorkerSid")

    def ask(view: View) -> tuple[Workspace, Millis]:
        view.find(Worker, worker)  # or there is nobody to make a link for
        return view.state.workspace, view.now_ms

    workspace, now_ms = await call.router.read(call.workspace, ask)
    caller = call.caller
    link = Link(call.workspace, worker, now_ms // 1000 + hours * 3_600, caller.api_key)
    first, *_ = await directory.hashes_of(caller.api_key or caller.account.sid)
    url = f"{call.base}{PAGE}{worker}?key={link.signed(first)}"
    return Reply(201, link_body(workspace, worker, url, Millis(link.ends_s * 1000)))


Handler = Callable[[Call], Awaitable[Reply]]


def handlers(directory: Directory) -> dict[tuple[str, str], Handler]:
    return {
        (DESK.resource, DESK.name): fetch_desk,
        (TARGET_LIST.resource, TARGET_LIST.name): list_targets,
        (DESK_LINK.resource, DESK_LINK.name): partial(_create_link, directory),
    }


# --- what a worker may --------------------------------------------------------------------------------------------

# Each with the parameters that it may send: in the form, or in the query of what is read.
_PAGING = frozenset({"Page", "PageSize", "PageToken"})
_MAY: Mapping[tuple[str, str], frozenset[str]] = {
    (DESK.resource, DESK.name): frozenset(),
    (TARGET_LIST.resource, TARGET_LIST.name): _PAGING | {"Kind", "FriendlyNameContains", "Available"},
    (WORKER.name, "update"): frozenset({"ActivitySid", "RejectPendingReservations"}),
    (WORKER_RESERVATION.name, "update"): frozenset({"ReservationStatus"}),
    (TASK.name, "update"): frozenset({"AssignmentStatus", "Reason"}),
    (TRANSFER.name, "create"): frozenset({"TaskSid", "ReservationSid", "To", "Mode"}),
    (TRANSFER.name, "update"): frozenset({"TaskSid", "TransferStatus"}),
    ("event", "list"): _PAGING | {"WorkerSid", "Minutes"},
}
_TASK_MOVES = frozenset({"wrapping", "completed"})
_ONLY = "A worker may move itself between activities, answer its offers, and wrap up, complete or hand on its tasks"


def _refused(what: str) -> Refused:
    return Refused(errors.forbidden(f"{_ONLY}: {what}"))


def check(operation: Operation, worker: Sid, names: Mapping[str, str]) -> None:
    """Whether a worker may ask this at all. Raises: `Refused` (403)."""
    if (operation.resource, operation.name) not in _MAY:
        raise _refused("this is none of that")
    named = names.get("WorkerSid") or (names["Sid"] if operation.resource == WORKER.name else worker)
    if named != worker:
        raise _refused("this is another worker's")


async def check_call(operation: Operation, worker: Sid, call: Call) -> None:
    """Whether a worker may ask it so. Raises: `Refused` (403), `Invalid`."""
    sent: Pairs = call.form if operation.changes else call.query
    may = _MAY[operation.resource, operation.name]
    for name, value in sent:
        if name not in may:
            raise _refused(f"it may not send {name}")
        if name == "WorkerSid" and value != worker:
            raise _refused("this is another worker's")
        if name == "AssignmentStatus" and value not in _TASK_MOVES:
            raise _refused(f"a task can't be set to {value}")
    if operation.resource == "event" and "WorkerSid" not in dict(sent):
        raise _refused("events are shown by WorkerSid")
    if operation.resource == TASK.name:
        await call.router.read(call.workspace, lambda view: _check_holds(view, worker, call.sid("Sid")))


def _check_holds(view: View, worker: Sid, task: Sid) -> None:
    """Whether the worker has this task. Raises: `Refused` (403)."""
    try:
        held = view.state.live_of(view.state.find(Worker, worker))
        number = view.state.find(Task, task).no
    except NotFound:
        raise _refused(f"it does not have {task}") from None
    if not any(each.task == number and each.status in RESERVATION_ENGAGED for each in held):
        raise _refused(f"it does not have {task}")
