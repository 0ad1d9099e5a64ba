"""Warnings of a real server: beside the answer to a change, on request, and on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.acceptance.conftest import Command, Pointsman, clean_environment
from tests.acceptance.raw import FORM, Raw

pytestmark = pytest.mark.acceptance
SKILS = 'No current worker has "skils": did you mean "skills"?'
NOWHERE = "http://127.0.0.1:9"


class Place:
    """A workspace with a worker, her queue and a workflow that leads to it."""

    def __init__(self, server: Pointsman) -> None:
        self.server, self.raw = server, Raw(server)
        client = Client(server.account, server.token)
        client.taskrouter.base_url = server.url
        self.sid = client.taskrouter.v1.workspaces.create(friendly_name="Desk").sid
        self.api = client.taskrouter.v1.workspaces(self.sid)
        self.api.workers.create(friendly_name="Alice", attributes='{"skills":["sales"],"level":3}')
        self.queue = self.api.task_queues.create(friendly_name="sales", target_workers='skills HAS "sales"')
        self.workflow = self.api.workflows.create(friendly_name="all", configuration=self.rules())

    def rules(self, *filters: Any) -> str:
        return json.dumps({"task_routing": {"filters": filters, "default_filter": {"queue": self.queue.sid}}})

    def hidden(self) -> str:
        """Rules whose second filter is never reached."""
        kept = {"expression": "1==1", "targets": [{"queue": self.queue.sid}]}
        return self.rules(kept, {"expression": "1==1", "targets": [{"queue": self.queue.sid}]})

    def ask(self, method: str, path: str, **form: str) -> Any:
        body = urlencode(form).encode() if method == "POST" else None
        return self.raw.ask(method, f"/v1/Workspaces/{self.sid}{path}", body, FORM)

    def file(self, text: str) -> str:
        """A new file with this text."""
        name = f"rules{len(list(self.server.folder.glob('rules*')))}.json"
        (self.server.folder / name).write_text(text)
        return name


@pytest.fixture
def place(pointsman: Pointsman) -> Place:
    return Place(pointsman)


def told(result: Command, code: int) -> list[str]:
    """The lines that it printed, and no traceback."""
    assert result.returncode == code, result
    assert "Traceback" not in result.stderr
    return result.stdout.splitlines()


# --- by HTTP ------------------------------------------------------------------------------------------------------


def test_a_change_is_made_and_its_answer_warns(place: Place) -> None:
    """The library passes over what it does not know."""
    made = place.api.task_queues.create(friendly_name="typo", target_workers='skils HAS "sales"')
    assert (made.friendly_name, made.target_workers) == ("typo", 'skils HAS "sales"')
    assert place.api.task_queues(made.sid).update(max_reserved_workers=2).max_reserved_workers == 2
    workflow = place.api.workflows.create(friendly_name="hidden", configuration=place.hidden())
    assert json.loads(workflow.configuration) == json.loads(place.hidden())

    answer = place.ask("POST", f"/TaskQueues/{made.sid}", MaxReservedWorkers="3")
    assert answer.status == 200
    assert [each["rule"] for each in answer.json["pointsman"]["warnings"]] == [
        "unknown_attribute",
        "queue_without_workers",
    ]
    assert answer.json["pointsman"]["warnings"][0] == {
        "rule": "unknown_attribute",
        "where": "target_workers",
        "message": SKILS,
    }
    answer = place.ask("POST", f"/Workflows/{workflow.sid}", TaskReservationTimeout="7")
    assert [each["where"] for each in answer.json["pointsman"]["warnings"]] == ["filters[1]"]
    assert "pointsman" not in place.ask("GET", f"/TaskQueues/{made.sid}").json


def test_without_a_warning_the_answer_is_as_it_ever_was(place: Place) -> None:
    created = place.ask("POST", "/TaskQueues", FriendlyName="all", TargetWorkers="1==1")
    assert created.status == 201
    fetched = place.ask("GET", f"/TaskQueues/{created.json['sid']}")
    assert created.json == fetched.json
    answer = place.ask("POST", f"/Workflows/{place.workflow.sid}", Configuration=place.rules())
    assert answer.json == place.ask("GET", f"/Workflows/{place.workflow.sid}").json


def test_warnings_on_request_are_of_now(place: Place) -> None:
    typo = place.api.task_queues.create(friendly_name="typo", target_workers='skils HAS "sales"').sid
    found = place.ask("GET", f"/TaskQueues/{typo}/Warnings").json
    assert found["task_queue_sid"] == typo
    assert found["warnings"][0]["message"] == SKILS
    assert found["url"] == f"{place.server.url}/v1/Workspaces/{place.sid}/TaskQueues/{typo}/Warnings"
    place.api.workers.create(friendly_name="Bob", attributes='{"skils":["sales"]}')
    assert place.ask("GET", f"/TaskQueues/{typo}/Warnings").json["warnings"] == []
    found = place.ask("GET", f"/Workflows/{place.workflow.sid}/Warnings").json
    assert (found["workflow_sid"], found["warnings"]) == (place.workflow.sid, [])
    for path in (f"/TaskQueues/WQ{0:032x}/Warnings", f"/Workflows/{typo}/Warnings"):
        assert place.ask("GET", path).status == 404


def test_a_dry_run_makes_nothing(place: Place) -> None:
    before = [len(place.api.workflows.list()), len(place.api.task_queues.list()), len(place.api.events.list())]
    found = place.ask("POST", "/Warnings", Configuration=place.hidden())
    assert (found.status, [each["where"] for each in found.json["warnings"]]) == (200, ["filters[1]"])
    found = place.ask("POST", "/Warnings", TargetWorkers='skils HAS "x"')
    assert found.json["warnings"][0]["message"] == SKILS
    assert place.ask("POST", "/Warnings", TargetWorkers="").json["warnings"][0]["rule"] == "queue_without_workers"
    for form, said in (
        ({}, "Expected either Configuration or TargetWorkers in the post body"),
        ({"Configuration": ""}, "Expected either"),
        ({"Configuration": place.rules(), "TargetWorkers": "1==1"}, "Expected either"),
        ({"Configuration": "{}"}, 'the object "task_routing"'),
        ({"TargetWorkers": "a-b == 1"}, "TargetWorkers is not a valid expression: column 2: found '-'"),
    ):
        refused = place.ask("POST", "/Warnings", **form)
        assert (refused.status, refused.json["code"]) == (400, 20001)
        assert said in refused.json["message"]
    after = [len(place.api.workflows.list()), len(place.api.task_queues.list()), len(place.api.events.list())]
    assert after == before


def test_a_refused_change_stays_refused(place: Place) -> None:
    with pytest.raises(TwilioRestException, match="Queue named sales already exists"):
        place.api.task_queues.create(friendly_name="sales", target_workers='skils HAS "x"')


def test_very_large_configurations_are_warned_of_as_well(place: Place) -> None:
    """In a thread: others are answered meanwhile. And what is too much is said."""
    many = [{"expression": f"x{n} == {n}", "targets": [{"queue": place.queue.sid, "timeout": 5}]} for n in range(2_000)]
    place.api.tasks.create(attributes='{"y":1}')
    answer = place.ask("POST", f"/Workflows/{place.workflow.sid}", Configuration=place.rules(*many))
    assert answer.status == 200
    warnings = answer.json["pointsman"]["warnings"]
    assert len(warnings) == 101
    assert warnings[-1]["rule"] == "lint_incomplete"


# --- by command ---------------------------------------------------------------------------------------------------


def test_a_file_is_compared_with_the_workspace(place: Place) -> None:
    name = place.file(place.hidden())
    (line,) = told(place.server.command("lint", name), 1)
    assert line.startswith("filters[1]: This filter is never reached, since filters[0] takes every task before")
    assert line.endswith(" [unreachable_filter]")
    (row,) = json.loads("\n".join(told(place.server.command("lint", name, "--json"), 1)))
    assert (row["rule"], row["where"]) == ("unreachable_filter", "filters[1]")
    assert told(place.server.command("lint", place.file(place.rules())), 0) == []
    target = {"queue": place.queue.sid, "order_by": "worker.levl"}
    named = place.file(place.rules({"expression": "1==1", "targets": [target]}))
    (line,) = told(place.server.command("lint", named), 1)
    assert 'No current worker has "worker.levl": did you mean "worker.level"?' in line


def test_a_workflow_or_a_queue_by_its_sid(place: Place) -> None:
    assert told(place.server.command("lint", place.workflow.sid), 0) == []
    typo = place.api.task_queues.create(friendly_name="typo", target_workers='skils HAS "sales"').sid
    first, _ = told(place.server.command("lint", typo), 1)
    assert first == f"target_workers: {SKILS} [unknown_attribute]"
    assert json.loads("\n".join(told(place.server.command("lint", place.queue.sid, "--json"), 0))) == []


def test_without_a_server_the_structure_alone_counts(place: Place) -> None:
    name = place.file(place.hidden())
    offline = place.server.command("lint", name, "--offline")
    assert (len(told(offline, 1)), offline.stderr) == (1, "")
    for arguments in (("--url", NOWHERE), ("--data", "elsewhere")):
        result = place.server.command("lint", name, *arguments)
        assert len(told(result, 1)) == 1
        assert "so the structure alone was checked, not against workers, tasks and queues" in result.stderr


def test_the_standard_input_is_a_file(place: Place) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pointsman", "lint", "-"],
        cwd=place.server.folder,
        env=clean_environment(),
        input=place.hidden(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (result.returncode, result.stdout.count("\n")) == (1, 1)


def test_what_can_not_be_checked_has_exit_code_2(place: Place) -> None:
    folder: Path = place.server.folder
    (folder / "bytes.json").write_bytes(b"\xff\xfe{}")
    grammar = place.rules({"expression": "a-b == 1", "targets": [{"queue": place.queue.sid}]})
    for arguments, said in (
        (("nosuch.json",), "Can't read nosuch.json: No such file or directory"),
        ((".",), "Can't read .: Is a directory"),
        (("bytes.json",), "Can't read bytes.json: it is not UTF-8"),
        ((place.file("{"),), ".json is no configuration: expected a JSON object"),
        ((place.file("[1]"),), ".json is no configuration: expected a JSON object"),
        ((place.file("[" * 100_000),), ".json is no configuration"),
        ((place.file("{}"),), 'Configuration must be a JSON object with the object "task_routing"'),
        ((place.file("{}"), "--offline"), 'Configuration must be a JSON object with the object "task_routing"'),
        ((place.file(grammar),), "filters[0].expression: column 2: found '-'"),
        ((place.file(grammar), "--offline"), "filters[0].expression: column 2: found '-'"),
        (("WW" + "0" * 32,), "There is no workflow"),
        (("WQ" + "0" * 32,), "There is no task queue"),
        ((place.queue.sid, "--url", NOWHERE), "No server answers"),
        ((place.queue.sid, "--data", "elsewhere"), "No server runs on the data folder elsewhere"),
        ((place.file(place.rules()), "--workspace", "Nowhere"), "There is no workspace named 'Nowhere'"),
    ):
        result = place.server.command("lint", *arguments)
        assert told(result, 2) == [], arguments
        assert result.stderr.startswith("pointsman: ") and result.stderr.count("\n") == 1, result.stderr
        assert said in result.stderr, result.stderr
