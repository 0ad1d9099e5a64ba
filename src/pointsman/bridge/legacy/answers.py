"""What a page is answered: the REST API's own bodies in an envelope. Every success is 200; of a failure the page is
shown the reason phrase, and nothing else [sdk1]."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from pointsman.bridge.legacy import access
from pointsman.bridge.legacy.requests import Asked
from pointsman.bridge.legacy.tokens import Capability
from pointsman.core.record import Origin
from pointsman.operations import Call, Caller, Operations, Refused, Reply
from pointsman.operations.directory import Directory
from pointsman.ports import Account
from pointsman.resources import Operation
from pointsman.resources.desk import DESK_LINK
from pointsman.wire import errors
from pointsman.wire.bodies import encode
from pointsman.wire.errors import FAULT, Problem
from pointsman.wire.forms import Pairs
from pointsman.wire.spelling import pascal

FAULT_STATUS = 503  # to a 500 the SDK's code for trying again never calls back [sdk1]


class Answer(NamedTuple):
    status: int
    body: bytes
    reason: str | None = None
    headers: dict[str, str] = {}  # noqa: RUF012  # of a tuple, and never changed


class Answers:
    """Answers the requests of pages."""

    def __init__(self, operations: Operations, directory: Directory) -> None:
        self._operations, self._directory = operations, directory

    async def admit(self, token: str, account: str, channel: str) -> tuple[Account, Capability]:
        """Raises: `Refused` (401, 403), `StoreUnavailable`."""
        owner = await self._directory.account(account)
        found = access.capability(token, owner, channel, await self._operations.services.store.now_ms())
        assert owner is not None, "without an account there is no capability"
        return owner, found

    async def answer(self, asked: Asked, owner: Account, found: Capability, address: str | None) -> Answer:
        """To what was admitted. Raises: whatever `problem_of` knows how to tell."""
        access.check_channel(found, "POST")
        access.check_request(found, asked)
        reply = await self._perform(asked, owner, origin(found, address))
        return Answer(200, encode(_envelope(reply, asked.event_type)))

    async def _perform(self, asked: Asked, owner: Account, by: Origin) -> Reply:
        operation, names = self._operations.find(asked.method, asked.path)
        if operation.stream or operation.json:
            raise Refused(errors.not_found(asked.path))  # neither has a place in this protocol
        if operation == DESK_LINK:
            raise Refused(errors.forbidden("A capability token can't make a link, which would be good for longer"))
        call = Call(
            self._operations.services,
            Caller(owner, None),
            by,
            asked.base,
            asked.path,
            names,
            urlencode(asked.query).encode(),
            _split(operation, asked.form),
        )
        return await self._operations.perform(operation, call)


def origin(found: Capability, address: str | None) -> Origin:
    """Who asks with a token: the worker whose channel it is for; else the account, which made the token."""
    if found.channel.startswith("WK"):
        return Origin(actor=found.channel, kind="worker", address=address)
    return Origin(kind="account", unusual_source="sdk", address=address)


def refusal(problem: Problem, headers: dict[str, str] | None = None) -> Answer:
    status = FAULT_STATUS if problem.status == FAULT.status else problem.status
    return Answer(status, encode(problem.body()), problem.message, headers or {})


def _envelope(reply: Reply, event_type: str | None) -> dict[str, Any]:
    """Whatever stands as `event_type` in an answer the SDK emits as an event: so only what the request had."""
    body: dict[str, Any] = {} if event_type is None else {"event_type": event_type}
    return body if reply.body is None else body | {"payload": reply.body}


def _split(operation: Operation, form: Pairs) -> Pairs:
    """Where a parameter may have several values, the page has them with commas in one text [sdk1]."""
    many = {pascal(each.name) for each in operation.form if each.many}
    pairs: list[tuple[str, str]] = []
    for name, text in form:
        words = text.split(",") if name in many else [text]
        pairs += [(name, word.strip() if name in many else word) for word in words]
    return pairs
