"""What the conformance suites of the official libraries share: the call of an operation, and the look at its result.

The cases are in `cases`, what a result must look like in `shapes.py`; `test_python_library.py` and
`test_node_library.py` bring the libraries. Names are snake_case here, and a path is written as a program of the
library would go: `workers().reservations` is the list below one worker. `workspaces().` in front is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

Operations = Mapping[tuple[str, str], frozenset[str]]  # (path, operation): its parameters
LISTING = ("list", "stream", "page")  # three ways to ask for the same rows
PAGING = frozenset({"limit", "page_size"})
HEADER = frozenset({"if_match"})  # sent as a header
COUNTED = {  # these say what is counted in the rows, not which rows there are
    ("task_queues.statistics", name)
    for name in ("start_date", "end_date", "minutes", "task_channel", "split_by_wait_time")
}
VOLATILE = frozenset({"date_updated", "links"})  # the links follow from the shape


class Row(dict[str, Any]):
    """A typed result: the attributes of the library's object, by name."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def key(self) -> str:
        """What tells it from others; the statistics of a queue have no sid of their own."""
        return str(self.get("sid") or self.get("task_queue_sid"))


class Page(NamedTuple):
    rows: list[Row]
    next_url: str | None
    previous_url: str | None


class Answer(NamedTuple):
    """A row, rows, a page, or whether something was deleted; status and headers where the library tells them."""

    value: Any
    status: int | None = None
    headers: Mapping[str, str] | None = None  # by lower-case name


DELETES_REGARDLESS = "it takes if_match for a deletion, and does not send it"


class Refusal(Exception):
    """The library raised its own error for a refused request."""

    def __init__(self, status: int, code: int | None, message: str) -> None:
        super().__init__(f"{status}/{code}: {message}")
        self.status, self.code, self.message = status, code, message


class Library(Protocol):
    """An official library, used in one of its ways (plainly, asynchronously, with the HTTP information, ...)."""

    base: str  # of the server
    account: str
    faults: frozenset[str]  # of the library's own, of those that are named here
    found: Operations  # every operation of the resource tree that this way has

    def call(self, path: str, sids: Sequence[str], operation: str, parameters: Mapping[str, Any]) -> Answer:
        """Raises: `Refusal`."""


class Like(NamedTuple):
    """A value that can't be said beforehand. `holds` is asked with the value, the row and the place."""

    what: str
    holds: Callable[[Any, Row, Place], bool]


class Shape(NamedTuple):
    """What a typed result has: every attribute, with its value or what it is like."""

    fields: Mapping[str, Any]
    etag: bool = False  # answers carry one, also those of lists
    volatile: frozenset[str] = frozenset()  # what may differ from one look to the next, besides VOLATILE


class Place:
    """A workspace under test: it calls operations, compares what comes back, and remembers both.

    A difference is noted and the chapter goes on; what nothing can follow (a refusal that was not expected) raises.
    """

    def __init__(self, library: Library, shapes: Mapping[str, Shape]) -> None:
        self.library = library
        self.shapes = shapes
        self.workspace = ""  # the sid of the one that paths without "workspaces" are in
        self.the: Any = SimpleNamespace()  # what earlier chapters made, by name
        self.differences: list[str] = []
        self.called: dict[tuple[str, str], set[str]] = {}  # (path, operation): the parameters that were passed
        self.tried: set[tuple[str, str]] = set()  # (path, filter): those that were seen to matter
        self.known: dict[tuple[str, str], Row] = {}  # (shape, sid): as it was last seen

    # --- operations -----------------------------------------------------------------------------------------------

    def create(self, path: str, *sids: Row | str, gives: Mapping[str, Any] | None = None, **parameters: Any) -> Row:
        """A new one is like its shape, has what was set, and `gives` the rest that can be said."""
        status = 200 if path.endswith("real_time_statistics") else 201  # that one reads
        answer = self._ask(path, sids, "create", parameters, status)
        return self._compare(path, "create", answer.value, set_by(parameters) | dict(gives or {}))

    def fetch(self, path: str, *sids: Row | str, gives: Mapping[str, Any] | None = None, **parameters: Any) -> Row:
        """It is as it was seen last, but for what it `gives`."""
        answer = self._ask(path, sids, "fetch", parameters, 200)
        return self._compare(path, "fetch", answer.value, gives or {}, last=True)

    def update(self, path: str, *sids: Row | str, gives: Mapping[str, Any] | None = None, **parameters: Any) -> Row:
        """It is as it was seen last, but for what was set and what it `gives`."""
        answer = self._ask(path, sids, "update", parameters, 200)
        return self._compare(path, "update", answer.value, set_by(parameters) | dict(gives or {}), last=True)

    def delete(self, path: str, *sids: Row | str, **parameters: Any) -> None:
        answer = self._ask(path, sids, "delete", parameters, 204)
        if answer.value is not True:
            self.differs(path, "delete", f"the result is {answer.value!r}, expected True")

    def refuse(
        self, operation: str, path: str, *sids: Row | str, status: int, code: int, says: str = "", **parameters: Any
    ) -> None:
        """The library raises its error, with this status and code, and a message that has `says` in it."""
        try:
            answer = self._call(path, sids, operation, parameters)
        except Refusal as refusal:
            if (refusal.status, refusal.code) != (status, code) or says not in refusal.message:
                self.differs(path, operation, f"it was refused with {refusal}, expected {status}/{code}: …{says}…")
        else:
            self.differs(path, operation, f"it was not refused with {status}/{code} but gave {answer.value}")

    def list(
        self,
        path: str,
        *sids: Row | str,
        gives: Iterable[Row] | None = None,
        all_of_them: bool = False,
        **filters: Any,
    ) -> list[Row]:
        """These rows in this order, whether listed, streamed or by the page (`LISTING`).

        Each filter matters: without it there are other rows, so that one that is ignored is seen; `all_of_them` says
        that these can't drop any. A list without filters is also read a part at a time.
        """
        answer = self._ask(path, sids, "list", filters, 200)
        if answer.value is None:
            return []
        rows = [self._compare(path, "list", row, {}, last=True) for row in answer.value]
        keys = [row.key for row in rows]
        what = "list" + (f" with {', '.join(sorted(filters))}" if filters else "")
        if gives is not None and keys != (expected := [row.key for row in gives]):
            self.differs(path, what, f"the rows are {self._names(keys)}, expected {self._names(expected)}")
        elif not all_of_them:
            self._leave_out_each(path, sids, keys, filters)
        streamed = self._ask(path, sids, "stream", filters, 200).value or []
        page = self._ask(path, sids, "page", filters, 200).value or Page([], None, None)
        if [row.key for row in streamed] != keys:
            self.differs(path, what, "streaming gives other rows")
        if [row.key for row in page.rows] != (keys[: len(page.rows)] if page.next_url else keys):
            self.differs(path, what, "its first page has other rows")
        if not filters:
            self._read_in_parts(path, sids, keys)
        return rows

    def _leave_out_each(
        self, path: str, sids: Sequence[Row | str], keys: Sequence[str], filters: Mapping[str, Any]
    ) -> None:
        for name in filters:
            others = {other: value for other, value in filters.items() if other != name}
            if keys == [row.key for row in self._call(path, sids, "list", others).value]:
                self.differs(path, f"list with {sorted(filters)}", f"the rows are the same without {name}")
            self.tried.add((path, name))

    def _read_in_parts(self, path: str, sids: Sequence[Row | str], keys: Sequence[str]) -> None:
        """Limits, sizes, tokens and the addresses of pages, forth and back."""
        size = (len(keys) + 1) // 2
        if size == len(keys):
            return

        def read(operation: str, **parameters: Any) -> Any:
            return self._call(path, sids, operation, parameters).value

        first = read("page", page_size=size)
        token = parse_qs(urlsplit(first.next_url or "").query).get("PageToken", [""])[0]
        second = read("get_page", target_url=first.next_url)
        parts = {
            "list, limited": (read("list", limit=size), keys[:size]),
            "stream, limited": (read("stream", limit=size), keys[:size]),
            "list, by pages": (read("list", page_size=size), keys),
            "stream, by pages": (read("stream", page_size=size), keys),
            "the first page": (first.rows, keys[:size]),
            "the second page": (second.rows, keys[size:]),
            "the second page by its token": (
                read("page", page_size=size, page_number=1, page_token=token).rows,
                keys[size:],
            ),
            "back on the first page": (read("get_page", target_url=second.previous_url).rows, keys[:size]),
        }
        for what, (rows, expected) in parts.items():
            if [row.key for row in rows] != list(expected):
                self.differs(path, what, f"the rows are not those of the list: {self._names(r.key for r in rows)}")
        if first.previous_url is not None or second.next_url is not None:
            self.differs(path, "page", "there is a page before the first or after the last")

    # --- comparing ------------------------------------------------------------------------------------------------

    def _call(self, path: str, sids: Sequence[Row | str], operation: str, parameters: Mapping[str, Any]) -> Answer:
        self.called.setdefault((path, operation), set()).update(parameters)
        texts = [sid if isinstance(sid, str) else sid.key for sid in sids]
        if not path.startswith("workspaces"):
            texts.insert(0, self.workspace)
        return self.library.call(path, texts, operation, parameters)

    def _compare(
        self, path: str, operation: str, row: Row | None, expected: Mapping[str, Any], *, last: bool = False
    ) -> Row:
        """The row, after noting what of it is not as expected; an empty one if the operation was refused."""
        if row is None:
            return Row()
        name = path.removesuffix("()")
        shape = self.shapes[name]
        for missing in sorted(shape.fields.keys() - row.keys()):
            self.differs(path, operation, f"there is no {missing}")
        for unknown in sorted(row.keys() - shape.fields.keys()):
            self.differs(path, operation, f"{unknown} is in no shape")
        before = self.known.get((name, row.key), Row()) if last else Row()
        same = {field: value for field, value in before.items() if field not in shape.volatile | VOLATILE}
        said = {**same, **expected}
        for field, value in row.items():
            for wanted in (shape.fields.get(field, value), said.get(field, value)):
                if not self._is(value, wanted, row):
                    shown = wanted.what if isinstance(wanted, Like) else repr(wanted)
                    self.differs(path, operation, f"{field} is {value!r}, expected {shown}")
        if "sid" in row:
            self.known[(name, row.key)] = row
        return row

    def _is(self, value: Any, expected: Any, row: Row) -> bool:
        """Of the same type, too: `True` is not 1."""
        if isinstance(expected, Like):
            return expected.holds(value, row, self)
        return type(value) is type(expected) and bool(value == expected)

    def _ask(
        self, path: str, sids: Sequence[Row | str], operation: str, parameters: Mapping[str, Any], status: int
    ) -> Answer:
        """The answer, which must have this status and its headers where the library tells them; None if refused."""
        try:
            answer = self._call(path, sids, operation, parameters)
        except Refusal as refusal:
            self.differs(path, operation, f"with {sorted(parameters)} it was refused: {refusal}")
            return Answer(None)
        if answer.status is None or answer.headers is None:
            return answer
        if answer.status != status:
            self.differs(path, operation, f"the status is {answer.status}, expected {status}")
        if operation == "delete":
            return answer
        if not answer.headers.get("content-type", "").startswith("application/json"):
            self.differs(path, operation, f"the content type is {answer.headers.get('content-type')}")
        if self.shapes[path.removesuffix("()")].etag and not answer.headers.get("etag"):
            self.differs(path, operation, "there is no ETag")
        return answer

    def differs(self, path: str, operation: str, difference: str) -> None:
        text = f"{path} {operation}: {difference}"
        if text not in self.differences:
            self.differences.append(text)

    def _names(self, keys: Iterable[str]) -> Sequence[str]:
        """Rows by the names that the chapters gave them."""
        names = {row.key: name for name, row in vars(self.the).items() if isinstance(row, Row)}
        return [names.get(key, key) for key in keys]

    def recent(self, since: datetime) -> Like:
        """A time from then on."""
        return Like(f"a time since {since}", lambda value, row, at: type(value) is datetime and value >= since)

    # --- time -----------------------------------------------------------------------------------------------------

    def next_second(self) -> datetime:
        """Wait until a new second has begun, and say which: what was before it lies before it in whole seconds."""
        begun = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        while datetime.now(UTC) < begun:
            time.sleep(0.01)
        return begun


def set_by(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What a result must show of the parameters that were passed: those that it has a field for."""
    return {name: value for name, value in parameters.items() if name not in HEADER}


class Outcome(NamedTuple):
    """How the chapters went in one way of a library."""

    place: Place
    differences: Mapping[str, Sequence[str]]  # by the chapter's name


def play(library: Library, shapes: Mapping[str, Shape], chapters: Sequence[Callable[[Place], None]]) -> Outcome:
    """All chapters, in order: each builds on those before it."""
    place = Place(library, shapes)
    differences: dict[str, list[str]] = {}
    for chapter in chapters:
        place.differences = differences[chapter.__name__] = []
        try:
            chapter(place)
        except Exception as problem:  # told by the test of the chapter
            place.differences.append(f"the chapter ended early: {type(problem).__name__}: {problem}")
    return Outcome(place, differences)


def not_passed(outcome: Outcome) -> dict[str, list[str]]:
    """The parameters of the library that no case passes, by operation."""
    found, called = outcome.place.library.found, outcome.place.called
    missing = {each: sorted(parameters - called.get(each, set())) for each, parameters in sorted(found.items())}
    return {" ".join(each): names for each, names in missing.items() if names}


def not_tried(outcome: Outcome) -> list[str]:
    """The filters of lists that no case shows to matter."""
    return [
        f"{path} {name}"
        for (path, operation), parameters in sorted(outcome.place.library.found.items())
        for name in sorted(parameters - PAGING)
        if operation == "list" and (path, name) not in outcome.place.tried | COUNTED
    ]
