"""Every operation of the official Node library, in both of its ways, against a real server: the cases are those of the
Python library. `node/walk.js` holds the library; it tells its resource tree and does what it is told."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.cases import CHAPTERS
from tests.acceptance.conftest import Pointsman, clean_environment
from tests.acceptance.shapes import SHAPES
from tests.acceptance.suite import LISTING, Answer, Operations, Outcome, Page, Refusal, Row, not_passed, not_tried, play

NODE = Path(__file__).parent / "node"
pytestmark = pytest.mark.acceptance
if shutil.which("node") is None or not (NODE / "node_modules" / "twilio").is_dir():
    pytest.skip(
        "Node or its packages are not installed (scripts/test installs them where there is npm)",
        allow_module_level=True,
    )

WAYS = {"plain": "", "with HTTP information": "WithHttpInfo"}
TO_NODE = {"delete": "remove", "stream": "each", "get_page": "getPage"}
FROM_NODE = {theirs: ours for ours, theirs in TO_NODE.items()}
STOP_S = 10.0


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", name)


class NodeLibrary:
    """The library, used in one way, in a process of its own."""

    def __init__(self, server: Pointsman, suffix: str) -> None:
        self.base, self.account = server.url, server.account
        self.faults: frozenset[str] = frozenset()
        self._suffix = suffix
        self._process = subprocess.Popen(
            ["node", "walk.js"],
            cwd=NODE,
            env=clean_environment()
            | {"POINTSMAN_URL": server.url, "TWILIO_ACCOUNT_SID": server.account, "TWILIO_AUTH_TOKEN": server.token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.found: Operations = {
            (path_from(line["path"]), operation): frozenset(snake(name) for name in line["parameters"])
            for line in self._tree()
            if (operation := self._operation(line["operation"])) is not None
        }

    def _tree(self) -> list[dict[str, Any]]:
        """Up to an empty line of it."""
        return list(iter(self._receive, {}))

    def _operation(self, method: str) -> str | None:
        """What a method does, if it belongs to this way."""
        name = method.removesuffix("WithHttpInfo")
        if method != name + self._suffix:
            return None
        return FROM_NODE.get(name, name)

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "walk.js ended"
        return dict(json.loads(line, object_hook=dates_from))

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it ended by itself
            self._process.stdin.close()
        self._process.wait(STOP_S)
        self._process.stdout.close()

    def call(self, path: str, sids: Sequence[str], operation: str, parameters: Mapping[str, Any]) -> Answer:
        assert self._process.stdin is not None
        wanted = {
            "path": path_to(path),
            "sids": sids,
            "operation": TO_NODE.get(operation, operation) + self._suffix,
            "parameters": {camel(name): value for name, value in parameters.items()},
        }
        self._process.stdin.write(json.dumps(wanted, default=date_to) + "\n")
        self._process.stdin.flush()
        told = self._receive()
        if "error" in told:
            error = told["error"]
            if "status" not in error:
                raise LookupError(f"{wanted['operation']} on {wanted['path']}: {error['message']}")
            raise Refusal(error["status"], error.get("code"), error["message"])
        return Answer(self._value(told["value"]), told.get("status"), told.get("headers"))

    def _value(self, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        if isinstance(value, list):
            return [row_of(each) for each in value]
        if "rows" in value:
            return Page([row_of(each) for each in value["rows"]], value.get("next"), value.get("previous"))
        return row_of(value)


def path_to(path: str) -> str:
    return camel(path if path.startswith("workspaces") else f"workspaces().{path}")


def path_from(path: str) -> str:
    return snake(path.removeprefix("workspaces()."))


def date_to(value: datetime) -> dict[str, str]:
    return {"$date": value.isoformat()}


def dates_from(value: dict[str, Any]) -> Any:
    """A text that is no time, such as `Invalid Date`, is one that the library could not read."""
    return datetime.fromisoformat(value["$date"]).astimezone(UTC) if value.keys() == {"$date"} else value


def row_of(value: Mapping[str, Any]) -> Row:
    return Row({snake(name): each for name, each in value.items()})


@pytest.fixture(scope="module", params=WAYS)
def outcome(request: pytest.FixtureRequest, server: Pointsman) -> Iterator[Outcome]:
    library = NodeLibrary(server, WAYS[request.param])
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
    assert not_tried(outcome) == []


def test_the_library_has_the_operations_of_the_api(outcome: Outcome) -> None:
    found = {(path, "list" if operation in LISTING else operation) for path, operation in outcome.place.library.found}
    found -= {each for each in found if each[1] == "get_page"}
    assert (len(found), len({path for path, _ in found})) == (61, 37)
