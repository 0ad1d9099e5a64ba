"""What would be, asked of a real server: nothing changes, and what was told comes true."""

from __future__ import annotations

import json

import pytest

from pointsman.resources.what_if import WHAT_IF_OPERATIONS
from tests.acceptance.conftest import Pointsman
from tests.acceptance.scene import Scene, Sink

pytestmark = pytest.mark.acceptance


def test_what_would_be(server: Pointsman) -> None:
    with Sink().open() as sink:
        scene = Scene(server, sink, "WhatIf")
        all_, spanish = scene.queue("All"), scene.queue("Spanish", TargetWorkers='languages HAS "es"')
        flow = scene.workflow(default=all_)
        scene.worker("Alice", scene.unavailable, Attributes='{"languages":["es"]}')
        scene.worker("Bob", scene.unavailable)
        task = scene.task(Attributes='{"language":"es"}')

        eligible = scene.post("/EligibleWorkers", TargetWorkers='languages HAS "es"')
        assert (eligible["eligible_count"], eligible["workers_count"], eligible["available_count"]) == (1, 2, 0)
        assert [each["worker_name"] for each in eligible["workers"]] == ["Alice"]

        target = {"queue": spanish, "timeout": 30}
        filters = [{"filter_friendly_name": "es", "expression": "language == 'es'", "targets": [target]}]
        rules = json.dumps({"task_routing": {"filters": filters, "default_filter": {"queue": all_}}})
        trial = scene.post("/Trial", Configuration=rules, Attributes='{"language":"es"}')
        (leg,) = trial["legs"]
        assert (leg["filter_name"], leg["target"]["task_queue_sid"], leg["leaves_after_s"]) == ("es", spanish, 30)
        assert leg["workers"]["reasons"][0]["examples"][0]["worker_name"] == "Bob"
        assert trial["outcome"] == "canceled"

        moves = scene.post(f"/Workflows/{flow}/ReEvaluation", Configuration=rules)
        assert (moves["waiting_count"], moves["move_count"], moves["complete"]) == (1, 1, True)
        assert moves["moves"][0]["to_task_queue_sid"] == spanish
        assert scene.get(f"/Tasks/{task}")["task_queue_sid"] == all_
        for operation, answer in zip(WHAT_IF_OPERATIONS, (eligible, trial, moves), strict=True):
            assert list(answer) == [field.name for field in operation.fields]


def test_what_can_not_be_asked(server: Pointsman) -> None:
    with Sink().open() as sink:
        scene = Scene(server, sink, "NotAsked")
        flow = scene.workflow(default=scene.queue("All"))
        elsewhere = json.dumps({"task_routing": {"default_filter": {"queue": f"WQ{1:032x}"}}})
        good = json.dumps({"task_routing": {}})
        for path, form, says in (
            ("/EligibleWorkers", {"TargetWorkers": "a == "}, "column 5"),
            ("/Trial", {}, "Missing required parameter Configuration"),
            ("/Trial", {"Configuration": "{"}, "Invalid Configuration"),
            ("/Trial", {"Configuration": elsewhere}, "which does not exist"),
            ("/Trial", {"Configuration": good, "Attributes": "[]"}, "Invalid Attributes"),
            ("/Trial", {"Configuration": good, "TaskChannel": "fax"}, "TaskChannel fax does not exist"),
            (f"/Workflows/{flow}/ReEvaluation", {"Configuration": '{"a":1}'}, "task_routing"),
        ):
            answer = scene.ask("POST", path, **(form or {"Other": "1"}))
            assert answer.status == 400 and says in answer.json["message"], (path, answer.body)
        missing = scene.ask("POST", f"/Workflows/WW{1:032x}/ReEvaluation", Configuration=good)
        assert missing.status == 404
