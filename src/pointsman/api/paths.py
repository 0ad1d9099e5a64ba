"""Which endpoint answers a path: a tree of segments.

A router of patterns tries one after the other, and hands a request on through layers that have nothing to do here;
that took a fifth of the time of a request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]


class _Segment:
    __slots__ = ("endpoint", "literal", "named")

    def __init__(self) -> None:
        self.endpoint: Endpoint | None = None
        self.literal: dict[str, _Segment] = {}
        self.named: dict[tuple[str, str], _Segment] = {}  # (name, what must follow it in the segment)


class Paths:
    """`/Workers/Statistics` comes before `/Workers/{Sid}`: it is not a worker of that name."""

    def __init__(self) -> None:
        self._root = _Segment()

    def add(self, path: str, endpoint: Endpoint) -> None:
        """A segment of the path is a literal, a `{Name}`, or a name with something behind it, as in `{Sid}.json`."""
        at = self._root
        for segment in path.split("/"):
            if segment.startswith("{"):
                name, _, rest = segment[1:].partition("}")
                at = at.named.setdefault((name, rest), _Segment())
            else:
                at = at.literal.setdefault(segment, _Segment())
        at.endpoint = endpoint

    def find(self, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The endpoint, and what the path says by name."""
        names: dict[str, str] = {}
        endpoint = _find(self._root, path.split("/"), 0, names)
        return None if endpoint is None else (endpoint, names)


def _find(at: _Segment, segments: list[str], index: int, names: dict[str, str]) -> Endpoint | None:
    if index == len(segments):
        return at.endpoint
    segment = segments[index]
    literal = at.literal.get(segment)
    if literal is not None and (found := _find(literal, segments, index + 1, names)) is not None:
        return found
    for (name, rest), following in at.named.items():
        if segment and segment.endswith(rest) and len(segment) > len(rest):
            found = _find(following, segments, index + 1, names)
            if found is not None:
                names[name] = segment.removesuffix(rest)
                return found
    return None
