"""What a path leads to: a tree of segments.

A router of patterns tries one after the other, and hands a request on through layers that have nothing to do here;
that took a fifth of the time of a request. Most paths are found without the tree, by their shape: which of their
segments are literals of any path, and which.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class _Segment(Generic[T]):
    __slots__ = ("end", "literal", "named")

    def __init__(self) -> None:
        self.end: T | None = None
        self.literal: dict[str, _Segment[T]] = {}
        self.named: dict[tuple[str, str], _Segment[T]] = {}  # (name, what must follow it in the segment)


class Paths(Generic[T]):
    """`/Workers/Statistics` comes before `/Workers/{Sid}`: it is not a worker of that name."""

    def __init__(self) -> None:
        self._root: _Segment[T] = _Segment()
        self._literals: set[str] = set()
        # What it leads to, and where which name stands; None, where only the tree can tell.
        self._shapes: dict[tuple[str | None, ...], tuple[T, list[tuple[str, int]]] | None] = {}

    def add(self, path: str, end: T) -> None:
        """A segment of the path is a literal, a `{Name}`, or a name with something behind it, as in `{Sid}.json`."""
        at, shape, names, is_plain = self._root, list[str | None](), list[tuple[str, int]](), True
        for index, segment in enumerate(path.split("/")):
            if segment.startswith("{"):
                name, _, rest = segment[1:].partition("}")
                at = at.named.setdefault((name, rest), _Segment())
                shape.append(None)
                names.append((name, index))
                is_plain = is_plain and not rest
            else:
                at = at.literal.setdefault(segment, _Segment())
                shape.append(segment)
                self._literals.add(segment)
        at.end = end
        plain = (end, names) if is_plain and tuple(shape) not in self._shapes else None
        self._shapes[tuple(shape)] = plain

    def find(self, path: str) -> tuple[T, dict[str, str]] | None:
        """What it leads to, and what the path says by name."""
        segments, literals = path.split("/"), self._literals
        known = self._shapes.get(tuple([segment if segment in literals else None for segment in segments]))
        if known is not None:
            return known[0], {name: segments[index] for name, index in known[1]}
        names: dict[str, str] = {}
        end = _find(self._root, segments, names)
        return None if end is None else (end, names)


def _find(at: _Segment[T], segments: list[str], names: dict[str, str]) -> T | None:
    """Where a segment may be a literal or a name, the literal is tried first."""
    for index, segment in enumerate(segments):
        literal = at.literal.get(segment)
        if literal is None:
            return _find_named(at, segments[index:], names)
        if at.named:
            end = _find(literal, segments[index + 1 :], names)
            return end if end is not None else _find_named(at, segments[index:], names)
        at = literal
    return at.end


def _find_named(at: _Segment[T], segments: list[str], names: dict[str, str]) -> T | None:
    segment, *rest = segments
    for (name, ending), following in at.named.items():
        if segment.endswith(ending) and len(segment) > len(ending):
            end = _find(following, rest, names)
            if end is not None:
                names[name] = segment.removesuffix(ending)
                return end
    return None
