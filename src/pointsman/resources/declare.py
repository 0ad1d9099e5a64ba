"""How a resource is declared: once, here, for the form reader, the JSON bodies, the list filters, the reference and
the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pointsman.core.engine.view import View
from pointsman.core.types import Entity
from pointsman.resources.types import FieldType


class Field(NamedTuple):
    """A field of the body, a parameter of requests, or both.

    `on` names the operations that take it ("create update"), `required` those that insist. `value` reads it from an
    entity; a parameter that is never shown has none.
    """

    name: str
    type: FieldType
    doc: str = ""
    value: Callable[[View, Any], Any] | None = None
    on: str = ""
    required: str = ""


class Filter(NamedTuple):
    """A query parameter of a list. `keeps` says whether an entity stays; the value has been read by `type`.

    `many` takes several values, as repeated keys or with commas; then `keeps` gets a tuple.
    """

    name: str
    type: FieldType
    keeps: Callable[[View, Any, Any], bool]
    doc: str = ""
    many: bool = False


class Resource(NamedTuple):
    name: str  # snake_case, singular: "task_queue"
    key: str  # of the list in a page: "task_queues"
    path: str  # its segment: "TaskQueues"
    kind: type[Entity]
    fields: tuple[Field, ...]
    filters: tuple[Filter, ...] = ()
    parent: str | None = "workspace"  # whose path it stands under
    operations: str = "create fetch list update delete"
    versioned: bool = False  # has an ETag and honours If-Match
    doc: str = ""

    def parameters(self, operation: str) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if operation in field.on.split())


def workspace_path(view: View) -> str:
    return f"/v1/Workspaces/{view.state.workspace.sid}"
