"""Resources out: the JSON body of an entity, by its declaration."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from pointsman.core.types import Entity
from pointsman.resources import Resource
from pointsman.resources.types import EpochSeconds, Link, Links, MailDate, Timestamp
from pointsman.wire.spelling import iso, rfc2822

if TYPE_CHECKING:
    from pointsman.core.engine.view import View

Body = dict[str, Any]
encode = msgspec.json.Encoder().encode  # compact; slashes stay as they are
_Speller = Callable[[Any, str], Any]


def render(resource: Resource, view: View, entity: Entity, base: str) -> Body:
    """The body of `entity`; `base` is the scheme and host by which the client reached us."""
    return {
        name: value(view, entity) if spell is None else spell(value(view, entity), base)
        for name, value, spell in _columns(resource)
    }


def etag(entity: Any) -> str:
    """The version, as JSON: clients parse it as such [clients]."""
    return f'"{entity.version}"'


@cache
def _columns(resource: Resource) -> list[tuple[str, Callable[[View, Any], Any], _Speller | None]]:
    """By name: where the value comes from, and how it is spelled if it is not as it is."""
    return [(field.name, field.value, _speller(field.type)) for field in resource.fields if field.value]


def speller(kind: object) -> _Speller:
    """How values of a type are spelled."""
    return _speller(kind) or (lambda value, base: value)


def _speller(kind: object) -> _Speller | None:
    if isinstance(kind, Timestamp):
        return lambda value, base: iso(value)
    if isinstance(kind, MailDate):
        return lambda value, base: rfc2822(value)
    if isinstance(kind, EpochSeconds):
        return lambda value, base: value // 1000
    if isinstance(kind, Link):
        return absolute
    if isinstance(kind, Links):
        return lambda value, base: {name: None if path is None else base + path for name, path in value.items()}
    return None


def absolute(path: str | None, base: str) -> str | None:
    return None if path is None else base + path
