"""A running server beside the published samples and the recorded bodies: same keys, same types, same null-ness.

`table` says which request has which body as its counterpart, `differences` what may differ and why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from pointsman.wire import errors
from pointsman.wire.spelling import pascal
from tests.acceptance.conftest import Pointsman
from tests.conformance import table
from tests.conformance.differences import COVERED_ELSEWHERE, DIFFERENCES, OUT_OF_SCOPE, Difference, ends_in, named
from tests.conformance.shapes import Finding, compare, compare_errors
from tests.conformance.stage import Answer, Stage
from tests.conformance.table import Row
from tests.spec import ABSENT, SPEC

pytestmark = pytest.mark.acceptance
if not SPEC.is_dir():
    pytest.skip(ABSENT, allow_module_level=True)

UNPROVOKED = {  # no request to a server as it starts makes them
    "samples/errors/500.internal.json": errors.INTERNAL,
    "samples/errors/429.too_many_requests.json": errors.TOO_MANY,
}
# The parameters of a callback that the resource has as fields of its own.
BASIC = (
    "Sid",
    "EventType",
    "EventDescription",
    "AccountSid",
    "ResourceType",
    "ResourceSid",
    "Timestamp",
    "TimestampMs",
)
CALLBACKS = {f"recorded/webhooks/{name}.json": query for name, query in table.OLD_CALLBACKS.items()}
FIELD_SETS = f"recorded/webhooks/{table.FIELD_SETS}.json"


def _rows(folder: str, rows: Mapping[str, Row], prefix: str = "") -> dict[str, Row]:
    return {f"{folder}/{prefix}{name}.json": row for name, row in rows.items()}


STATISTICS: dict[str, Row] = {
    **_rows("samples", table.STATISTICS),
    **_rows("samples/observed", table.OBSERVED),
    **_rows("samples/legacy", table.LEGACY_STATISTICS),
    **_rows("recorded/statistics", table.RECORDED_STATISTICS),
}
ROWS: dict[str, Row] = {
    **_rows("samples", table.SAMPLES),
    **_rows("samples/paging", table.PAGING),
    **_rows("samples/errors", table.ERRORS),
    **_rows("samples/legacy", table.LEGACY),
    **_rows("recorded/rest", table.REST),
    **_rows("recorded/rest-captured-outputs", table.CAPTURED, "api-snippets-"),
    **_rows("recorded/errors", table.RECORDED_ERRORS),
    **_rows("recorded/events-log", table.EVENTS_LOG),
    **STATISTICS,
    **table.WITHOUT_BODY,
}
COMPARED = [*ROWS, *CALLBACKS, FIELD_SETS, *UNPROVOKED]


# --- what the files say -------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """An exchange as the file has it; None, where it does not say."""

    status: int | None
    body: Any
    request: Any = None


@cache
def _index() -> dict[str, Any]:
    """The entries of the samples' own index, by file or, where there is no body, by operation."""
    entries = json.loads((SPEC / "samples/index.json").read_text())
    return {f"samples/{entry['file']}" if entry["file"] else entry["operation"]: entry for entry in entries}


@cache
def _told(file: str) -> Told:
    if file in table.WITHOUT_BODY:
        return Told(_index()[file]["status"], None)
    content = json.loads((SPEC / file).read_text())
    if file.startswith("recorded/"):
        return Told(content["response"].get("status"), content["response"]["body"], content["request"])
    return Told(_index()[file].get("status"), content)


def _files() -> list[str]:
    names = [str(path.relative_to(SPEC)) for folder in ("samples", "recorded") for path in (SPEC / folder).rglob("*.*")]
    return sorted(name for name in names if name not in ("samples/index.json", "recorded/README.md"))


# --- what the server answers --------------------------------------------------------------------------------------


class Asker:
    """Makes each request of the table once."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._answers: dict[str, Answer] = {}

    def path(self, row: Row) -> str:
        """With its query, as it goes over the wire."""
        return self._fill(row.path) + (f"?{self._fill(row.query)}" if row.query else "")

    def ask(self, row: Row) -> Answer:
        key = repr(row)
        if key not in self._answers:
            form = {name: self._fill(value) for name, value in row.form.items()} if row.form is not None else None
            body = (
                {name: [self._fill(each) for each in value] for name, value in row.body.items()} if row.body else None
            )
            self._answers[key] = self.stage.ask(row.method, self.path(row), form, body=body, headers=row.headers)
        return self._answers[key]

    def _fill(self, template: str) -> str:
        return template.format_map(self.stage.names)


def _differences(asker: Asker, file: str) -> Iterator[Finding]:
    row, told = ROWS[file], _told(file)
    answer = asker.ask(row)
    status = told.status or (201 if _creates(asker, row) else 200)
    if answer.status != status:
        yield Finding("HTTP status", str(status), f"{answer.status} {answer.body}")
    elif isinstance(told.body, dict) and "message" in told.body:
        yield from compare_errors(told.body, answer.body)
    else:
        yield from compare(told.body, answer.body)
        yield from _wrong_urls(asker, row, answer.body)


def _creates(asker: Asker, row: Row) -> bool:
    """A POST to a collection; paths to instances have one segment more."""
    return row.method == "POST" and urlsplit(asker.path(row)).path.count("/") % 2 == 0


def _wrong_urls(asker: Asker, row: Row, body: Any) -> Iterator[Finding]:
    """URLs have the host that was asked, and a list's own holds what was sent, spelled as it was."""
    for url in re.findall(r'"(https?:[^"]*/v1/[^"]*)"', json.dumps(body)):
        if not url.startswith(asker.stage.base):
            yield Finding("URL", asker.stage.base, url)
    if isinstance(body, dict) and "meta" in body and "PageSize" not in asker.path(row):
        sent = asker.stage.base + asker.path(row) + ("&" if row.query else "?") + "PageSize=50&Page=0"
        if body["meta"]["url"] != sent:
            yield Finding("meta.url", sent, body["meta"]["url"])


def _callback_differences(asker: Asker, file: str) -> Iterator[Finding]:
    """The names of parameters alone: in these files values are cut, and their order is not the service's."""
    content = json.loads((SPEC / file).read_text())
    if file == FIELD_SETS:
        for name, parameters in content["parameters"].items():
            ours = _parameters(asker, table.FIELD_SET_EVENTS[name])
            yield from compare(dict.fromkeys(parameters, ""), dict.fromkeys(ours, ""), name)
    else:
        ours = _parameters(asker, CALLBACKS[file])
        yield from compare(dict.fromkeys(content["body"], ""), dict.fromkeys(ours, ""))


def _parameters(asker: Asker, query: str) -> list[str]:
    """Of the callback of the newest such event: it has what the resource has, in another spelling."""
    event = asker.ask(table.get("{home}/Events", query)).body["events"][0]
    return [*BASIC, *(pascal(name) for name in event["event_data"])]


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder: Path = tmp_path_factory.mktemp("samples")
    server = Pointsman(folder)
    server.start()
    try:
        yield Asker(Stage(server))
    finally:
        server.close()


@pytest.fixture(scope="module")
def found(asker: Asker) -> dict[str, list[Finding]]:
    """The differences of every file. All rows are asked, in the order of the table, whichever test wants one."""
    found = {file: list(_differences(asker, file)) for file in ROWS}
    found |= {file: list(_callback_differences(asker, file)) for file in [*CALLBACKS, FIELD_SETS]}
    for file, problem in UNPROVOKED.items():
        found[file] = list(compare_errors(_told(file).body, problem.body()))
    return found


# --- the tests ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", COMPARED)
def test_the_answer_is_like(found: dict[str, list[Finding]], file: str) -> None:
    """All but what `differences` tolerates."""
    left = [finding for finding in found[file] if not any(each.covers(file, finding) for each in DIFFERENCES)]
    assert not left, "\n".join(map(str, left))


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.reason[:60])
def test_a_tolerated_difference_still_occurs(found: dict[str, list[Finding]], difference: Difference) -> None:
    """For each pattern of files, and at each place."""
    hits = [(file, each) for file, findings in found.items() for each in findings if difference.covers(file, each)]
    matching = {pattern: [file for file in COMPARED if named(file, pattern)] for pattern in difference.files}
    for pattern, files in matching.items():
        assert files, f"{pattern} names nothing"
        assert any(file in files for file, _ in hits), f"no longer in {pattern}"
    for place in difference.at:
        assert any(ends_in(finding.at, place) for _, finding in hits), f"no longer at {place}"


@pytest.mark.parametrize("home", ["{home}", "{single}"])
def test_every_value_in_the_data_of_an_event_is_a_text(asker: Asker, home: str) -> None:
    """As in the recorded log: numbers and JSON too."""
    events = asker.ask(table.get(f"{home}/Events", "PageSize=1000")).body["events"]
    assert len({event["event_type"] for event in events}) > 5
    assert {type(value) for event in events for value in event["event_data"].values()} == {str}


def test_every_file_has_a_place() -> None:
    """A new sample or recording must be put into the table, or said to be out of scope."""
    elsewhere = [*OUT_OF_SCOPE, *COVERED_ELSEWHERE]
    files = [file for file in _files() if not file.startswith("samples/requests/")]
    homeless = [file for file in files if file not in COMPARED and not any(named(file, each) for each in elsewhere)]
    assert not homeless
    assert {*COMPARED} - {*files} == {*table.WITHOUT_BODY}
    for pattern in elsewhere:
        assert any(named(file, pattern) for file in files), f"{pattern} names nothing"
        assert not any(named(file, pattern) for file in COMPARED), f"{pattern} is in the table too"


@pytest.mark.parametrize(("pattern", "test"), COVERED_ELSEWHERE.items())
def test_what_is_covered_elsewhere_is(pattern: str, test: str) -> None:
    assert pattern.removeprefix("recorded/") in (Path(__file__).parents[1] / test).read_text()


@pytest.mark.parametrize("file", [file for file in ROWS if file in _index() and "path" in _index()[file]])
def test_a_row_asks_what_the_index_says(asker: Asker, file: str) -> None:
    row, entry = ROWS[file], _index()[file]
    template = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(entry["path"]))
    assert row.method == entry["method"]
    assert re.fullmatch(template, urlsplit(asker.path(row)).path)


@pytest.mark.parametrize("file", [file for file in _files() if file.startswith("samples/requests/")])
def test_a_row_sends_what_the_sample_of_its_request_sends(file: str) -> None:
    """The same parameters. Their values are made up in the samples (`attributes` for JSON), and real in the table."""
    row = ROWS[f"samples/{Path(file).name.removesuffix('.json').removesuffix('.query')}.json"]
    assert set(json.loads((SPEC / file).read_text())) <= _sent(row)


@pytest.mark.parametrize("file", [file for file in ROWS if file.startswith("recorded/") and _told(file).request])
def test_a_row_asks_what_was_recorded(asker: Asker, file: str) -> None:
    row, recorded = ROWS[file], _told(file).request
    theirs, ours = urlsplit(recorded["url"]), urlsplit(asker.path(row))
    assert row.method == recorded["method"]
    assert re.sub("[A-Z]{2}[0-9a-f]{32}", "…", theirs.path) == re.sub("[A-Z]{2}[0-9a-f]{32}", "…", ours.path)
    assert {name for name, _ in parse_qsl(theirs.query + "&" + (recorded["form"] or ""))} <= _sent(row)


def _sent(row: Row) -> set[str]:
    return {*(row.form or {}), *dict(parse_qsl(row.query))}
