"""What is asked, by whom, through which door; and the reply to it. A door (REST, a socket, the console) reads its own
protocol, makes a `Call` of it, and shows the `Reply` in its own way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from pointsman.core.engine.view import View
from pointsman.core.limits import Limits
from pointsman.core.record import Origin
from pointsman.core.types import AccountSid, Role, Sid, WorkspaceSid
from pointsman.ports import Account, EventSender, Router, Store
from pointsman.resources import Resource
from pointsman.resources.statistics import REACH_DAYS
from pointsman.wire.bodies import Body, render
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs, read_pairs


class Services(NamedTuple):
    """What operations work with."""

    router: Router
    store: Store
    version: str
    limits: Limits
    sender: EventSender
    scans: asyncio.Semaphore  # held by lists that have to look at more than a few rows, or show many
    metrics: Callable[[AccountSid], Awaitable[bytes]]  # what `/metrics` shows to an account
    statistics_days: int = REACH_DAYS  # how far they go back: no further than events are kept


class Reply(NamedTuple):
    status: int  # of HTTP: every door tells success and failure by it
    body: Any = None
    etag: str | None = None


class Caller(NamedTuple):
    """Who asks: an account, by its auth token or by one of its API keys. With `worker` it is a worker that one of these
    has let in, to do its own work and nothing else (`operations.desks`)."""

    account: Account
    api_key: Sid | None
    role: Role = Role.FULL
    worker: Sid | None = None


class Call(NamedTuple):
    """One operation, asked for. `names` are those in its path; `query` and `form` have TaskRouter's spellings.

    `show` makes the body of an entity; a door whose clients know other shapes brings its own.
    """

    services: Services
    caller: Caller
    origin: Origin
    base: str  # scheme, host and port that the client used: what URLs in answers begin with
    path: str  # as it was received
    names: Mapping[str, str]
    query_string: bytes = b""
    form: Pairs = ()
    body: bytes = b""  # of the operations that take JSON
    if_match: str | None = None
    show: Callable[[Resource, View, Any, str], Body] = render

    @property
    def account(self) -> Account:
        return self.caller.account

    @property
    def router(self) -> Router:
        return self.services.router

    @property
    def workspace(self) -> WorkspaceSid:
        return workspace_in(self.names)

    def sid(self, name: str) -> str:
        """What the path has by this name."""
        return self.names[name]

    @property
    def query(self) -> Pairs:
        """Raises: `Invalid`."""
        return read_pairs(self.query_string)


def workspace_in(names: Mapping[str, str]) -> WorkspaceSid:
    """The workspace that a path names. Only of paths that name one."""
    return WorkspaceSid(names.get("WorkspaceSid") or names["Sid"])


class Refused(Exception):
    """An answer that ends the request at once. `headers` are for doors that have such."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.message)
        self.problem, self.headers = problem, headers or {}
