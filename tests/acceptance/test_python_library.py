"""Every operation of the official Python library, in each of its ways, against a real server.

The library's own resource tree says what there is: an operation or a parameter that no case of `cases` uses fails
here by name, and so does a case for what the library does not have.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.base.instance_context import InstanceContext
from twilio.base.list_resource import ListResource
from twilio.base.page import Page as LibraryPage
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.acceptance.cases import CHAPTERS
from tests.acceptance.cases.words import WORDS
from tests.acceptance.conftest import Pointsman
from tests.acceptance.shapes import SHAPES
from tests.acceptance.suite import (
    DELETES_REGARDLESS,
    LISTING,
    Answer,
    Operations,
    Outcome,
    Page,
    Refusal,
    Row,
    not_passed,
    not_tried,
    play,
)

pytestmark = [
    pytest.mark.acceptance,
    # The library's asynchronous client hands aiohttp the credentials in a form that aiohttp will give up.
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]

NAVIGATION = frozenset({"get"})  # the same as calling the list
SUFFIXES = ("_with_http_info_async", "_with_http_info", "_async")  # the longest first


class Way(NamedTuple):
    """How operations are called."""

    suffix: str = ""
    instances: bool = False  # on the objects that were fetched, rather than on contexts that just know a sid

    @property
    def awaits(self) -> bool:
        return self.suffix.endswith("_async")


WAYS = {
    "plain": Way(),
    "instances": Way(instances=True),
    "with HTTP information": Way("_with_http_info"),
    "asynchronous": Way("_async"),
    "asynchronous with HTTP information": Way("_with_http_info_async"),
}


# --- the resource tree --------------------------------------------------------------------------------------------


def is_resource(value: object) -> bool:
    return isinstance(value, (ListResource, InstanceContext))


def walk(resource: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every list and context below, by path. No request is sent: a context just knows its sids."""
    yield path.removeprefix("workspaces()."), resource
    for name in public_names(resource):
        if is_resource(child := getattr(resource, name)):
            yield from walk(child, f"{path}.{name}")
    if callable(resource):
        sids = ["XX" + "0" * 32] * len(inspect.signature(resource).parameters)
        yield from walk(resource(*sids), f"{path}()")


def public_names(resource: Any) -> list[str]:
    return [name for name in dir(resource) if not name.startswith("_")]


def methods(resource: Any) -> dict[str, tuple[str, str]]:
    """The operations of a list or a context: (operation, suffix) by the method's name."""
    found: dict[str, tuple[str, str]] = {}
    for name in public_names(resource):
        if name not in NAVIGATION and not is_resource(method := getattr(resource, name)) and callable(method):
            suffix = next((each for each in SUFFIXES if name.endswith(each)), "")
            found[name] = (name.removesuffix(suffix), suffix)
    return found


def operations(root: Any, way: Way) -> dict[tuple[str, str], str]:
    """The methods of a way, by (path, operation). `get_page` has no form with HTTP information."""
    page_suffix = "_async" if way.awaits else ""
    return {
        (path, operation): method
        for path, resource in walk(root, "workspaces")
        for method, (operation, suffix) in methods(resource).items()
        if suffix == (page_suffix if operation == "get_page" else way.suffix)
    }


def parameters(resource: Any, method: str) -> frozenset[str]:
    return frozenset(name.rstrip("_") for name in inspect.signature(getattr(resource, method)).parameters)  # from_


# --- calling ------------------------------------------------------------------------------------------------------


class JsonBody(dict[str, Any]):
    """The one body that is JSON is passed as an object that can be made a dict."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


class PythonLibrary:
    """The library, used in one way."""

    def __init__(self, server: Pointsman, way: Way) -> None:
        self.base, self.account = server.url, server.account
        self.way = way
        self.faults = frozenset({DELETES_REGARDLESS})
        self._runner = asyncio.Runner()
        self._http: Any = self._runner.run(_asynchronous_http()) if way.awaits else TwilioHttpClient()
        client = Client(server.account, server.token, http_client=self._http)
        client.taskrouter.base_url = server.url
        self._workspaces = client.taskrouter.v1.workspaces
        resources = dict(walk(self._workspaces, "workspaces"))
        self._methods = operations(self._workspaces, way)
        self.found: Operations = {
            (path, operation): parameters(resources[path], method)
            for (path, operation), method in self._methods.items()
        }

    def close(self) -> None:
        if self.way.awaits:
            self._runner.run(self._http.close())
        else:
            self._http.session.close()
        self._runner.close()

    def call(self, path: str, sids: Sequence[str], operation: str, parameters: Mapping[str, Any]) -> Answer:
        if (path, operation) not in self._methods:
            raise LookupError(f"the library has no {operation} on {path}")
        given = {("from_" if name == "from" else name): value for name, value in parameters.items()}
        if "body" in given:
            given["body"] = JsonBody(given["body"])
        try:
            result = self._call(getattr(self._resource(path, sids), self._methods[path, operation]), given)
        except TwilioRestException as problem:
            raise Refusal(problem.status, problem.code, problem.msg) from problem
        except TwilioException as problem:  # of a page; it holds the response
            raise Refusal(problem.args[1].status_code, None, problem.args[1].text) from problem
        return answer(result, listing=operation in ("list", "stream"))

    def _resource(self, path: str, sids: Sequence[str]) -> Any:
        """Follow the path: a `()` takes as many sids as the library asks for there."""
        left = list(sids)
        resource: Any = None
        for step in (path if path.startswith("workspaces") else f"workspaces().{path}").split("."):
            resource = getattr(resource, step.removesuffix("()")) if resource else self._workspaces
            if step.endswith("()"):
                count = len(inspect.signature(resource).parameters)
                resource = resource(*[left.pop(0) for _ in range(count)])
                if self.way.instances and count:
                    resource = resource.fetch()
        return resource

    def _call(self, method: Any, given: dict[str, Any]) -> Any:
        return self._runner.run(_awaited(method(**given))) if self.way.awaits else _read(method(**given))


async def _asynchronous_http() -> AsyncTwilioHttpClient:
    return AsyncTwilioHttpClient()


async def _awaited(result: Any) -> Any:
    """Rows that stream in are read here, while the loop runs."""
    result = await result
    if isinstance(result, tuple):
        rows, status, headers = result
        return [row async for row in rows], status, headers
    return [row async for row in result] if hasattr(result, "__aiter__") else result


def _read(result: Any) -> Any:
    return (list(result[0]), *result[1:]) if isinstance(result, tuple) else result


def answer(result: Any, *, listing: bool) -> Answer:
    if isinstance(result, tuple):  # of a stream with HTTP information
        rows, status, headers = result
        return Answer([row_of(each) for each in rows], status, lowered(headers))
    if hasattr(result, "status_code"):
        return answer(result.data, listing=listing)._replace(status=result.status_code, headers=lowered(result.headers))
    if isinstance(result, bool):
        return Answer(result)
    if isinstance(result, LibraryPage):
        return Answer(Page([row_of(each) for each in result], result.next_page_url, result.previous_page_url))
    return Answer([row_of(each) for each in result] if listing else row_of(result))


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def row_of(instance: Any) -> Row:
    return Row({name: value for name, value in vars(instance).items() if not name.startswith("_")})


# --- the suite ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=WAYS)
def outcome(request: pytest.FixtureRequest, server: Pointsman) -> Iterator[Outcome]:
    library = PythonLibrary(server, WAYS[request.param])
    yield play(library, SHAPES, CHAPTERS)
    library.close()


@pytest.mark.parametrize("chapter", [chapter.__name__ for chapter in CHAPTERS])
def test_the_typed_results_are_what_was_set(outcome: Outcome, chapter: str) -> None:
    assert not outcome.differences[chapter], "\n".join(outcome.differences[chapter])


def test_every_operation_of_the_library_has_a_case(outcome: Outcome) -> None:
    """And every case is for an operation of the library."""
    called, found = outcome.place.called.keys(), outcome.place.library.found.keys()
    assert {"without a case": sorted(found - called), "unknown": sorted(called - found)} == {
        "without a case": [],
        "unknown": [],
    }


def test_every_parameter_of_the_library_is_passed(outcome: Outcome) -> None:
    assert not_passed(outcome) == {}


def test_every_filter_of_a_list_is_seen_to_matter(outcome: Outcome) -> None:
    """[routing 1.6, oai + docs: task-queue]"""
    assert not_tried(outcome) == []


def test_the_library_has_the_operations_of_the_api() -> None:
    """61 on 37 paths; several ways to list are one. A path is of lists or of single ones."""
    root = Client("AC" + "0" * 32, "unused").taskrouter.v1.workspaces
    found = {(path, "list" if operation in LISTING else operation) for path, operation in operations(root, Way())}
    found -= {each for each in found if each[1] == "get_page"}
    assert (len(found), len({path for path, _ in found})) == (61, 37)


def test_the_words_of_the_library_are_those_of_the_cases() -> None:
    """Its enumerations stand in the classes of its results."""
    root = Client("AC" + "0" * 32, "unused").taskrouter.v1.workspaces
    modules = {inspect.getmodule(resource) for _, resource in walk(root, "workspaces")}
    found = {
        f"{name}.{inner.__name__}": tuple(word for key, word in vars(inner).items() if key.isupper())
        for module in modules
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if name.endswith("Instance")
        for inner in vars(kind).values()
        if inspect.isclass(inner)
    }
    assert {name: set(words) for name, words in found.items()} == {name: set(words) for name, words in WORDS.items()}
