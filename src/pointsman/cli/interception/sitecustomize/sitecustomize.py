"""Leads Twilio's names to the local server, in a Python program that doesn't know it.

Python runs this file when it starts, since its folder is first on PYTHONPATH. It changes name look-ups:
`taskrouter.twilio.com`, port 443, is where `POINTSMAN_INTERCEPT_HOST` and `_PORT` say. aiohttp needs it,
since it heeds no proxy variables unless told to. It runs in the user's program, under the user's Python:
it imports nothing of ours, next to nothing before it is needed, and stays in the words of Python 3.7.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys

TYPE_CHECKING = False  # importing typing would slow every start
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

HOST = os.environ.get("POINTSMAN_INTERCEPT_HOST", "")
PORT = os.environ.get("POINTSMAN_INTERCEPT_PORT", "")
TLS_PORTS = (443, "443", "https", b"443", b"https")


def is_twilio(host: Any, port: Any) -> bool:
    """Say whether this look-up is for a TLS connection to Twilio."""
    name = host.decode("latin-1") if isinstance(host, bytes) else host
    if not isinstance(name, str) or port not in TLS_PORTS:
        return False
    name = name.lower().rstrip(".")
    return name == "twilio.com" or name.endswith(".twilio.com")


def redirect_sockets(socket: Any) -> None:
    """Change the look-up that blocking programs use, and asyncio's own event loop."""
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:
        if is_twilio(host, port):  # any family: the caller's wish was about the real host's addresses
            return look_up(HOST, int(PORT), 0, type, proto, 0)
        return look_up(host, port, family, type, proto, flags)

    socket.getaddrinfo = getaddrinfo


def redirect_resolvers(module: Any) -> None:
    """Change aiohttp's resolvers: with uvloop or aiodns they don't ask the socket module."""
    for name in ("ThreadedResolver", "AsyncResolver"):
        resolver = getattr(module, name, None)
        if resolver is not None:
            redirect_resolver(resolver)


def redirect_resolver(resolver: Any) -> None:
    """Let one class of resolvers know where Twilio is, and ask it for all other names."""
    resolve = resolver.resolve

    async def redirected(self: Any, host: str, port: int = 0, *args: Any, **kwargs: Any) -> Any:
        import asyncio
        import socket

        if not is_twilio(host, port):
            return await resolve(self, host, port, *args, **kwargs)
        loop = asyncio.get_event_loop()
        look_up, stream = socket.getaddrinfo, socket.SOCK_STREAM
        found = await loop.run_in_executor(None, look_up, HOST, int(PORT), 0, stream)
        return [
            {
                "hostname": host,
                "host": address[0],
                "port": address[1],
                "family": family,
                "proto": proto,
                "flags": 0,
            }
            for family, _type, proto, _name, address in found
        ]

    resolver.resolve = redirected


CHANGES: dict[str, Callable[[Any], None]] = {
    "socket": redirect_sockets,
    "aiohttp.resolver": redirect_resolvers,
}


class ChangingLoader:
    """Loads a module as its own loader would, changes it, and leaves no trace of itself."""

    def __init__(self, loader: Any, change: Callable[[Any], None]) -> None:
        self._loader, self._change = loader, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._change(module)


class WhenImported:
    """A finder that steps in when a module of `CHANGES` is imported: programs without it don't pay."""

    def __init__(self) -> None:
        self._waiting = dict(CHANGES)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        change = self._waiting.pop(fullname, None)  # once is enough, and the search below comes back here
        if change is None:
            return None
        spec = importlib.util.find_spec(fullname)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            loader: Any = ChangingLoader(spec.loader, change)
            spec.loader = loader
        return spec


def install() -> None:
    """Change what has been imported already, and wait for the rest."""
    for name in list(CHANGES):
        if name in sys.modules:
            CHANGES.pop(name)(sys.modules[name])
    finder: Any = WhenImported()
    sys.meta_path.insert(0, finder)


def run_next() -> None:
    """Run the `sitecustomize` that Python would have found without us."""
    here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 (pathlib would slow every start)
    others = [folder for folder in sys.path if os.path.realpath(folder) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if HOST and PORT.isdigit():
    install()
run_next()
