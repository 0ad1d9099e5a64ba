"""What a client of the current worker SDK asks for: one POST names a resource, a method, parameters and a token. It is
answered by the declared operation that it means (`operations`), shown in the SDK's shapes (`wire.sockets`).

Sources: the worker SDK, its requests, roles and lists [sdk][sdk-test]; the rights of the roles are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from pointsman.bridge.tokens import Grant, Role
from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid
from pointsman.core.ids import is_sid
from pointsman.core.record import Origin
from pointsman.core.types import SID_PREFIX, Entity, Reservation, Task, Worker
from pointsman.operations import Call, Caller, Operations, Refused
from pointsman.ports import Account
from pointsman.resources import RESOURCES, Operation, Resource
from pointsman.wire import errors, sockets
from pointsman.wire.bodies import Body, encode
from pointsman.wire.forms import Pairs

VERSIONS = ("v1", "v2")
URL_LENGTH_MAX = 1_024
SHOWN_MAX = 64
ANY, OWN = "any", "own"
_WORKER: dict[tuple[str, str], str] = {  # (resource, operation): of which worker
    ("activity", "list"): ANY,
    ("worker", "fetch"): OWN,
    ("worker", "update"): OWN,
    ("worker_channel", "list"): OWN,
    ("worker_reservation", "list"): OWN,
    ("worker_reservation", "fetch"): OWN,
    ("worker_reservation", "update"): OWN,
    ("transfer", "create"): OWN,
    ("transfer", "fetch"): OWN,
    ("transfer", "update"): OWN,
    ("task", "create"): ANY,
    ("task", "fetch"): ANY,
    ("task", "update"): ANY,
}
_SUPERVISOR = _WORKER | {
    ("worker", "fetch"): ANY,
    ("worker", "update"): ANY,
    ("task_reservation", "update"): ANY,
}
_ADMIN = _SUPERVISOR | {
    ("worker", "list"): ANY,
    ("task_queue", "fetch"): ANY,
    ("task_queue", "list"): ANY,
}
RIGHTS = {Role.WORKER: _WORKER, Role.SUPERVISOR: _SUPERVISOR, Role.ADMIN: _ADMIN}

ALIASES = {"WorkerChannels": "Channels"}  # of paths
OF_API_1 = frozenset({"Reservations"})  # declared for v1 alone, asked for in v2
RENAMED = {"TaskChannelUniqueName": "TaskChannel", "TaskChannelSid": "TaskChannel"}  # of a new task
PARTICIPANTS: dict[str, tuple[type[Reservation] | type[Task], str]] = {  # what it is about, and what names that
    "WorkerParticipant": (Reservation, "ReservationSid"),
    "CustomerParticipant": (Task, "TaskSid"),
    "HoldWorkerParticipant": (Task, "TaskSid"),
    "KickWorkerParticipant": (Task, "TaskSid"),
}
NO_TELEPHONE = "It needs a telephone service, and none is connected to this server."
_BY_NAME = {resource.name: resource for resource in RESOURCES}


class Asked(NamedTuple):
    """The body of a POST, and what its headers add."""

    url: str
    method: str
    params: Mapping[str, Any]
    token: str
    version: str = "v1"
    if_match: str | None = None


class Answer(NamedTuple):
    """A payload, and what the connection of the client has to know of it."""

    payload: Body
    operation: Operation
    listed: tuple[str, ...] = ()  # the sids that a list has shown
    worker_version: int | None = None  # of the client's own worker, which it was shown


class _Sent(msgspec.Struct):
    """Unknown keys are left alone."""

    url: str
    token: str
    method: str = "GET"
    params: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(_Sent).decode


def read(body: bytes, headers: Mapping[str, str]) -> Asked:
    """The body is JSON, whatever its type says it is [sdk]. Raises: `Invalid`."""
    try:
        sent = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        raise Invalid(
            f"The body is not what a worker's client sends: {problem}; expected JSON with url, method, params and token"
        ) from None
    version = headers.get("apiversion", "v1")
    if version not in VERSIONS:
        raise Invalid(f"Invalid apiVersion header {version[:SHOWN_MAX]!r}: expected {' or '.join(VERSIONS)}")
    if sent.method not in ("GET", "POST"):
        raise Invalid(f"Invalid method {sent.method[:SHOWN_MAX]!r}: expected GET or POST")
    if len(sent.url) > URL_LENGTH_MAX:
        raise Invalid(f"The url is longer than {URL_LENGTH_MAX} characters")
    return Asked(sent.url, sent.method, sent.params or {}, sent.token, version, headers.get("if-match"))


class Requests:
    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def answer(self, asked: Asked, grant: Grant, account: Account, base: str, address: str | None) -> Answer:
        """Raises: whatever `problem_of` knows how to tell."""
        path = path_of(asked)
        segments = path.split("/")
        if segments[-1] in PARTICIPANTS:
            await self._refuse_participant(path, asked, grant)
        operation, names = self._operations.find(asked.method, path)
        own = names.get("WorkerSid") or (names.get("Sid") if operation.resource == "worker" else None)
        _check_right(operation, names, own, asked, grant)
        pairs = _pairs(asked.params, operation)
        call = Call(
            self._operations.services,
            Caller(account, grant.api_key, grant.key_role),
            _origin(grant, address),
            base,
            path,
            names,
            urlencode(_paged(pairs, operation)).encode() if asked.method == "GET" else b"",
            pairs if asked.method == "POST" else (),
            if_match=_if_match(asked, own, grant),
            show=shown_flat if operation.name == "update" else shown,
        )
        reply = await self._operations.perform(operation, call)
        if operation.key is not None:
            payload = _page(reply.body, operation.key, sorted="Ordering" in asked.params)
            return Answer(payload, operation, tuple(each["sid"] for each in payload["contents"]))
        is_own = operation.resource == "worker" and own == grant.worker
        return Answer(reply.body, operation, worker_version=reply.body["version"] if is_own else None)

    async def _refuse_participant(self, path: str, asked: Asked, grant: Grant) -> None:
        """Raises, always: `NotFound`, `Invalid`, `Refused` (403, 404)."""
        head, _, last = path.rpartition("/")
        operation, names = self._operations.find("GET", head.replace("/v2/", "/v1/", 1))
        if operation.resource != "worker" or asked.method != "POST":
            raise Refused(errors.not_found(path))
        _check_right(operation, names, names["Sid"], asked, grant)
        kind, parameter = PARTICIPANTS[last]
        sid = str(asked.params.get(parameter, ""))

        def look(view: View) -> None:
            view.state.find(Worker, names["Sid"])
            found: Reservation | Task = view.find(kind, sid)
            if isinstance(found, Reservation) and view.state.workers[found.worker].sid != names["Sid"]:
                raise Invalid(f"{parameter} {sid} is not one of worker {names['Sid']}")

        if not is_sid(sid):
            raise Invalid(f"Invalid {parameter} {sid[:SHOWN_MAX]!r}: expected {SID_PREFIX[kind]} and 32 digits")
        await self._operations.services.router.read(grant.workspace, look, [sid])
        raise Invalid(f"Unable to update the participant of {sid}. {NO_TELEPHONE}")


# --- reading ------------------------------------------------------------------------------------------------------


def path_of(asked: Asked) -> str:
    """The path of the API that a client means: it leaves out the version, and has names of its own."""
    segments = asked.url.strip("/").split("/")
    renamed = [ALIASES.get(segment, segment) for segment in segments]
    version = "v1" if OF_API_1.intersection(renamed) else asked.version
    return f"/{version}/{'/'.join(renamed)}"


def _check_right(operation: Operation, names: Mapping[str, str], own: str | None, asked: Asked, grant: Grant) -> None:
    """Raises: `Refused` (403, 404)."""
    if "WorkspaceSid" not in names or names["WorkspaceSid"] != grant.workspace:
        raise Refused(errors.forbidden(f"The access token is for workspace {grant.workspace} alone"))
    of = RIGHTS[grant.role].get((operation.resource, operation.name))
    if of is None:
        raise Refused(
            errors.forbidden(f"An access token of role {grant.role} can't {operation.name} {operation.resource}")
        )
    if of == OWN and own != grant.worker:
        raise Refused(
            errors.forbidden(f"An access token of role {grant.role} is for its own worker, {grant.worker}, alone")
        )
    if operation.resource == "task_reservation" and str(asked.params.get("Instruction", "")).lower() != "supervise":
        raise Refused(errors.forbidden("A supervisor's token can only supervise other workers' reservations"))


def _pairs(params: Mapping[str, Any], operation: Operation) -> Pairs:
    """Parameters keep their JSON types [sdk]: they become the texts that a form would have."""
    found: list[tuple[str, str]] = []
    for name, value in params.items():
        if operation.resource == "task" and operation.name == "create":
            name = RENAMED.get(name, name)
        if value is None:
            continue
        if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
            found += [(name, _text(each)) for each in value]
        else:
            found.append((name, _text(value)))
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()


def _paged(pairs: Pairs, operation: Operation) -> Pairs:
    """`AfterSid` and `NextToken` are places in a list, as a page token is. Raises: `Invalid`."""
    found: list[tuple[str, str]] = []
    for name, text in pairs:
        if name == "AfterSid" and text:
            prefix = SID_PREFIX[_BY_NAME[operation.resource].kind]
            if not is_sid(text, prefix):
                raise Invalid(f"Invalid AfterSid {text[:SHOWN_MAX]!r}: expected {prefix} and 32 hexadecimal digits")
            found.append(("PageToken", f"PA{text}"))
        elif name == "NextToken" and text:
            found.append(("PageToken", text))
        else:
            found.append((name, text))
    return found


def _if_match(asked: Asked, own: str | None, grant: Grant) -> str | None:
    """Of another worker a client says its own worker's version, a flaw of it; of instructions it says none [sdk]."""
    of_other = own is not None and own != grant.worker
    return None if of_other or "Instruction" in asked.params else asked.if_match


def _origin(grant: Grant, address: str | None) -> Origin:
    if grant.worker:
        return Origin(actor=grant.worker, kind="worker", address=address)
    return Origin(actor=grant.api_key, kind="api_key", unusual_source="sdk", address=address)


# --- showing ------------------------------------------------------------------------------------------------------


def shown(resource: Resource, view: View, entity: Entity, base: str) -> Body:
    """As lists and single requests show it: a reservation with its task."""
    if isinstance(entity, Reservation):
        return sockets.reservation_with_task(view, entity)
    return sockets.SHAPES[type(entity)](view, entity)


def shown_flat(resource: Resource, view: View, entity: Entity, base: str) -> Body:
    """As the answer to a change shows it: there, a transfer in a reservation would break a client [sdk]."""
    return sockets.SHAPES[type(entity)](view, entity)


def _page(page: Body, key: str, *, sorted: bool) -> Body:
    """A list as the SDK goes through it: by the last sid, or, in an order of its own, by a token."""
    following = page["meta"]["next_page_url"]
    token = dict(_query_of(following)).get("PageToken") if following else None
    return {
        "contents": page[key],
        "total": len(page[key]),
        "page": page["meta"]["page"],
        "after_sid": token[2:] if token and not sorted else None,
        "before_sid": None,
        "meta": {"list_key": "contents", "next_token": token if sorted else None},
    }


def _query_of(url: str) -> Pairs:
    return parse_qsl(urlsplit(url).query)
