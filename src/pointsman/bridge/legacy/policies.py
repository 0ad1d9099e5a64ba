"""What a capability token allows: policies for methods on URLs, which may have wildcards.

Only what follows `/v1/` in a URL counts: tokens name the public hosts, and a page may name any other [inferred].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pointsman.core.ids import is_sid
from pointsman.wire.forms import Pairs

ONE, DEEPER = "*", "**"  # exactly one segment of a path; one or more of them [docs]
_RANK = {ONE: 1, DEEPER: 0}
_LITERAL = 2
Path = tuple[str, ...]


class Demand(NamedTuple):
    """What a filter demands of one parameter: that it is there, that it has this value wherever it is, or both."""

    required: bool
    value: str | None = None


Filter = Mapping[str, Demand]
NO_FILTER: Filter = MappingProxyType({})


class Policy(NamedTuple):
    path: Path
    method: str
    allow: bool
    query_filter: Filter = NO_FILTER
    post_filter: Filter = NO_FILTER


def canonical(url: str) -> Path:
    """The segments of a URL behind `/v1/`, without query and trailing slashes; none, if there is no `/v1/`.

    Raises: `ValueError`, for what is no URL.
    """
    segments = unquote(urlsplit(url).path).rstrip("/").split("/")
    return tuple(segments[segments.index("v1") + 1 :]) if "v1" in segments else ()


def allows(policies: Iterable[Policy], method: str, path: Path, query: Pairs = (), form: Pairs = ()) -> bool:
    """Whether the most specific of the policies that match allows it; if none does, it is denied [docs]. Of two that
    are as specific, the one that denies decides [ours]."""
    matching = [each for each in policies if _matches(each, method, path, query, form)]
    return bool(matching) and max(matching, key=_specificity).allow


def _specificity(policy: Policy) -> tuple[int, list[int], bool, bool]:
    """A longer path first, then a literal before `*` before `**`, then one with filters [docs]."""
    ranks = [_RANK.get(segment, _LITERAL) for segment in policy.path]
    return len(policy.path), ranks, bool(policy.query_filter or policy.post_filter), not policy.allow


def _matches(policy: Policy, method: str, path: Path, query: Pairs, form: Pairs) -> bool:
    if policy.method != method or not _reaches(policy.path, method, path):
        return False
    return _fits(policy.query_filter, query) and (method != "POST" or _fits(policy.post_filter, form))


def _reaches(pattern: Path, method: str, path: Path) -> bool:
    """GET on `X/**` reaches the collection X too: a worker's default token has no other policy for its reservations,
    and the SDK lists them [inferred]."""
    if covers(pattern, path):
        return True
    is_collection = bool(path) and not is_sid(path[-1])
    return method == "GET" and pattern[-1:] == (DEEPER,) and is_collection and covers(pattern[:-1], path)


def covers(pattern: Path, path: Path) -> bool:
    """Whether the pattern stands for the path."""
    taken = {0}  # how many segments of the path its beginning may stand for
    for segment in pattern:
        if segment == DEEPER:
            taken = set(range(min(taken) + 1, len(path) + 1))
        else:
            taken = {count + 1 for count in taken if count < len(path) and segment in (ONE, path[count])}
        if not taken:
            return False
    return len(path) in taken


def _fits(demands: Filter, sent: Pairs) -> bool:
    """A filter that demands something allows no other parameter [docs]."""
    if not demands:
        return True
    names = {name for name, _ in sent}
    if names - demands.keys() or any(demand.required and name not in names for name, demand in demands.items()):
        return False
    return all(demands[name].value in (None, text) for name, text in sent)
