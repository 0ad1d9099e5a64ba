"""Where a request came from and what address its client used: from the connection, or from what a trusted proxy says.

`X-Forwarded-*` counts only if the peer is trusted. Of several values the last counts: it is the nearest proxy's own.
`X-Forwarded-For` is read from its end up to the first address that is not trusted: what stands before it, anybody may
have written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

PORT_MAX = 65_535
HOST_LENGTH_MAX = 255
_HOST = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?\.?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_PORT = re.compile(r":[0-9]+$")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_DEFAULT_PORTS = {"http": "80", "https": "443"}

Networks = tuple[IPv4Network | IPv6Network, ...]
Headers = Iterable[tuple[bytes, bytes]]


class Peer(NamedTuple):
    """The two ends of a connection, as the server sees them."""

    scheme: str
    client: str | None
    server: tuple[str, int] | None


class Seen(NamedTuple):
    """What the client used, and its own address."""

    scheme: str
    base: str  # scheme, host and port, without a slash at the end
    client: str | None


class BadHost(Exception):
    """The client does not say, or not clearly, which host it means."""


def read_public_url(text: str | None) -> str | None:
    """The setting: the base of every URL in answers. Raises: `ValueError`."""
    if not text:
        return None
    expected = f"public_url {text!r}: expected an absolute URL such as https://router.example.com, without a query"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(expected) from None
    prefix = parts.path.rstrip("/")
    rest = text[len(f"{parts.scheme}://{parts.netloc}") :]
    if parts.scheme not in _DEFAULT_PORTS or not is_host(parts.netloc) or rest.rstrip("/") != prefix:
        raise ValueError(expected)
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(expected)
    return f"{parts.scheme}://{parts.netloc}{prefix}"


def read_networks(text: str | None) -> Networks:
    """The setting: whose `X-Forwarded-*` is believed. Raises: `ValueError`."""
    try:
        return tuple(ip_network(word.strip()) for word in (text or "").split(",") if word.strip())
    except ValueError as problem:
        raise ValueError(
            f"trusted_proxies {text!r}: {problem}; expected addresses and networks such as 10.0.0.0/8, ::1"
        ) from None


def is_host(text: str) -> bool:
    """Whether this is `host` or `host:port`, safe to stand in a URL."""
    return len(text) <= HOST_LENGTH_MAX and _is_host(text)


@lru_cache(maxsize=1_024)
def _is_host(text: str) -> bool:
    match = _HOST.fullmatch(text)
    if match is None or (match[2] and not 0 < int(match[2]) <= PORT_MAX):
        return False
    return not match[1].startswith("[") or _address(match[1][1:-1]) is not None


def see(headers: Headers, version: str, peer: Peer, public_url: str | None, trusted: Networks) -> Seen:
    """Raises: `BadHost`, with a sentence for the client."""
    believed = bool(trusted) and peer.client is not None and is_trusted(trusted, peer.client)
    hosts: list[str] = []
    forwarded: dict[bytes, list[str]] = {}
    for name, value in headers:
        if name == b"host":
            hosts.append(value.decode("latin-1"))
        elif believed and name.startswith(b"x-forwarded-"):
            forwarded.setdefault(name, []).extend(word.strip() for word in value.decode("latin-1").split(","))
    own = _own_host(hosts, version, peer)
    if not believed:
        return Seen(peer.scheme, public_url or f"{peer.scheme}://{own}", peer.client)
    scheme = _forwarded_scheme(forwarded.get(b"x-forwarded-proto", ()), peer.scheme)
    host = _forwarded_host(forwarded, scheme, own)
    client = _forwarded_client(forwarded.get(b"x-forwarded-for", ()), peer.client or "", trusted)
    return Seen(scheme, public_url or f"{scheme}://{host}", client)


def _own_host(hosts: Sequence[str], version: str, peer: Peer) -> str:
    """The `Host` header; only HTTP/1.0 may be without."""
    if len(hosts) == 1 and is_host(hosts[0]):
        return hosts[0]
    if hosts:
        raise BadHost("The Host header is not valid: expected one, with a host and perhaps a port")
    if version != "1.0":
        raise BadHost("The Host header is missing")
    host, port = peer.server or ("localhost", 0)
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host


def _forwarded_scheme(words: Sequence[str], scheme: str) -> str:
    word = words[-1].lower() if words else ""
    return word if word in _DEFAULT_PORTS else scheme


def _forwarded_host(forwarded: dict[bytes, list[str]], scheme: str, own: str) -> str:
    """The forwarded host, else our own; with the forwarded port, if it has none of its own."""
    hosts, ports = forwarded.get(b"x-forwarded-host", ()), forwarded.get(b"x-forwarded-port", ())
    host, port = hosts[-1] if hosts and is_host(hosts[-1]) else own, ports[-1] if ports else ""
    if _PORT.search(host) or port == _DEFAULT_PORTS[scheme] or not is_host(f"{host}:{port}"):
        return host
    return f"{host}:{port}"


def _forwarded_client(hops: Sequence[str], peer: str, trusted: Networks) -> str:
    """The last hop that is not trusted; of those that all are, the first; what can't be read ends the way."""
    nearest = peer
    for hop in reversed(hops):
        address = _without_port(hop)
        if address is None:
            break
        nearest = address
        if not is_trusted(trusted, address):
            break
    return nearest


@lru_cache(maxsize=4_096)
def is_trusted(trusted: Networks, text: str) -> bool:
    address = _address(text)
    return address is not None and any(address.version == network.version and address in network for network in trusted)


def _without_port(hop: str) -> str | None:
    """`192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1` or `[2001:db8::1]:5000`, as an address alone."""
    text = hop.strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    address = _address(text)
    return None if address is None else str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if "%" in text:  # a zone can be any text
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
