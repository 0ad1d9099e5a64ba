"""How a resource is declared: once, here, for the form reader, the JSON bodies, the list filters, the routes, the
served description, the reference and the command line."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from pointsman.core.types import Entity, No
from pointsman.resources.types import FieldType

if TYPE_CHECKING:
    from pointsman.core.engine.view import View


class Parameter(NamedTuple):
    """What a request may carry, in its query, its form or its JSON body.

    `many` takes several values: as repeated keys, and in a query also with commas.
    """

    name: str
    type: FieldType
    doc: str = ""
    required: bool = False
    many: bool = False


class Field(NamedTuple):
    """A field of the body, a parameter of requests, or both.

    `on` names the operations that take it ("create update"), `required` those that insist. `value` reads it from an
    entity; a parameter that is never shown has none. `null` says that it may be null.
    """

    name: str
    type: FieldType
    doc: str = ""
    value: Callable[[View, Any], Any] | None = None
    on: str = ""
    required: str = ""
    null: bool = False
    many: bool = False

    def parameter(self, operation: str) -> Parameter:
        return Parameter(self.name, self.type, self.doc, operation in self.required.split(), self.many)


class Filter(NamedTuple):
    """A query parameter of a list. `keeps` says whether an entity stays; the value has been read by `type`.

    `many` takes several values; then `keeps` gets a tuple. `among` names the few entities among which all are that it
    keeps, where that is known without looking at each (None: it is not, for this value). `ended` says whether it may
    keep entities that have ended; `holding`, which value in which field of these it looks for (None: it keeps them
    all). `costly` filters evaluate an expression for each entity: they have a rate limit of their own.
    """

    name: str
    type: FieldType
    keeps: Callable[[View, Any, Any], bool]
    doc: str = ""
    many: bool = False
    among: Callable[[View, Any], Collection[No] | None] | None = None
    ended: Callable[[Any], bool] | None = None
    holding: Callable[[View, Any], tuple[str, No | str] | None] | None = None
    costly: bool = False

    def parameter(self) -> Parameter:
        return Parameter(self.name, self.type, self.doc, many=self.many)


class Order(NamedTuple):
    """A name that a list's `Ordering` knows, and the field of the entity by whose number it sorts; 0 is the default of
    one that has any."""

    name: str
    field: str


class Resource(NamedTuple):
    name: str  # snake_case, singular: "task_queue"
    key: str  # of the list in a page: "task_queues"
    path: str  # its segment: "TaskQueues"
    kind: type[Entity]
    fields: tuple[Field, ...]
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()  # the first is the order of a list without `Ordering`
    exclusive: frozenset[str] = frozenset()  # orders of which one request may name only one
    parent: str | None = "workspace"  # whose path it stands under
    operations: str = "create fetch list update delete"
    extensions: tuple[Field, ...] = ()  # fields of ours that the answers to changes may have besides
    versioned: bool = False  # has an ETag and honours If-Match
    version: str = "v1"  # of the API
    doc: str = ""

    def __hash__(self) -> int:
        """Not of all that it says: what is remembered by resource is asked for with each request."""
        return hash(self.name)

    def parameters(self, operation: str) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if operation in field.on.split())


class Operation(NamedTuple):
    """One thing that a client can ask for: a method on a path, what may be sent, and what comes back."""

    resource: str  # "task"
    name: str  # "create"
    method: str
    path: str  # with the parameters' names: "/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}"
    status: int  # of success
    doc: str
    query: tuple[Parameter, ...] = ()
    form: tuple[Parameter, ...] = ()
    json: tuple[Parameter, ...] = ()  # the body is a JSON object of these, instead of a form
    fields: tuple[Field, ...] = ()  # of the answer, or of a row of the list; none: the answer has no body
    extensions: tuple[Field, ...] = ()  # fields of ours that the answer has besides, but not always
    key: str | None = None  # of the rows, if the answer is a page
    uri_page: bool = False  # that page is one of the 2010 API, with `next_page_uri` beside the rows
    etag: bool = False
    if_match: bool = False
    costly: frozenset[str] = frozenset()  # query parameters with a rate limit of their own
    ours: bool = False  # TaskRouter has no such thing
    reads: bool = False  # a POST that changes nothing
    stream: bool = False  # the answer is a line of JSON for each, or server-sent events, and may go on for ever

    @property
    def changes(self) -> bool:
        """Whether it needs more than to be allowed to look."""
        return self.method != "GET" and not self.reads


def workspace_path(view: View) -> str:
    return f"/v1/Workspaces/{view.state.workspace.sid}"
