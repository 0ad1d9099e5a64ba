"""What a request or a socket is told of its surroundings: its client's address, and the base of its URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.requests import HTTPConnection
from starlette.types import Scope

from pointsman.front.proxies import Networks, Peer, read_networks, read_public_url, see


class Front(NamedTuple):
    """The settings."""

    public_url: str | None = None
    trusted_proxies: Networks = ()


FRONT_DEFAULT = Front()


def read_front(settings: Mapping[str, Any]) -> Front:
    """Raises: `ValueError`, with a sentence that names the setting."""
    return Front(read_public_url(settings["public_url"]), read_networks(settings["trusted_proxies"]))


def place(scope: Scope, front: Front) -> None:
    """Write down who asks and under which address, as the connection or a trusted proxy says. Raises: `BadHost`."""
    client = scope.get("client")
    peer = Peer(scope["scheme"], client[0] if client else None, scope.get("server"))
    seen = see(scope["headers"], scope["http_version"], peer, front.public_url, front.trusted_proxies)
    scope["scheme"], scope["pointsman.base"] = seen.scheme, seen.base
    if seen.client is not None:
        scope["client"] = (seen.client, scope["client"][1] if scope["client"][0] == seen.client else 0)


def base_of(connection: HTTPConnection) -> str:
    """Scheme, host and port that the client used: what URLs in answers begin with."""
    return str(connection.scope["pointsman.base"])
