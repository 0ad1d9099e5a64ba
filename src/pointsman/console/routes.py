"""How pages are declared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.responses import Response

from pointsman.console.visit import Region, Visit

Handler = Callable[[Visit], Awaitable[Response]]


class Route(NamedTuple):
    """A path below `/console`, where `{name}` is a segment of that name, and what answers it. `{workspace}` is a
    workspace, which must be the account's. A region of the page is asked for at the same path. One that is `for_worker`
    has a `{worker}` too, who may come by a link to its desk; no other page is open to such."""

    path: str
    get: Handler | None = None
    post: Handler | None = None
    regions: tuple[Region, ...] = ()
    for_worker: bool = False


class Nav(NamedTuple):
    """An entry of the navigation: of a workspace, or of the account. `path` is the part below the workspace's own
    address, or below the console's. `key` is pressed after `g`."""

    label: str
    path: str
    key: str
    in_workspace: bool = True


class Section(NamedTuple):
    """Pages that belong together."""

    routes: tuple[Route, ...]
    nav: Nav | None = None
