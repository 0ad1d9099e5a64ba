"""Figures of now over a large workspace: how long each request for them takes, and that it is no longer with a long
backlog than with a short one. The state is built in this process, by the engine's own commands; an answer is computed
and written as JSON as a server does it."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import msgspec

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.ids import CountingIds
from pointsman.core.types import AccountSid, Millis, TaskQueue, WorkspaceSid
from pointsman.resources.statistics import REPORTS
from pointsman.stats import Level, real_time
from pointsman.wire.statistics import Asked, bulk_body, report_body
from tests.benchmarks.options import whole

START_MS = 1_700_000_000_000
IN_BULK = 50
IDS = CountingIds()
REPORT = {report.operation.resource: report for report in REPORTS}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=whole(), default=15_000, help="how many [15000]")
    parser.add_argument("--queues", type=whole(), default=500, help="how many [500]")
    parser.add_argument(
        "--tasks",
        type=whole(),
        nargs="+",
        default=[2_000, 20_000, 500_000],
        help="how many that wait [2000 20000 500000]",
    )
    parser.add_argument("--repeats", type=whole(), default=50, help="of each request; the median is told [50]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    place = _Place(options.workers, options.queues)
    found: dict[str, Any] = {}
    for tasks in sorted(options.tasks):
        began = time.perf_counter()
        place.wait_for(tasks)
        print(f"{tasks} tasks wait (made in {time.perf_counter() - began:.0f} s)", flush=True)
        found[str(tasks)] = {}
        for name, ask in place.requests():
            took_ms = _median_ms(ask, options.repeats)
            print(f"  {name:<32} {took_ms:8.3f} ms", flush=True)
            found[str(tasks)][name] = took_ms
    return found


def _median_ms(ask: Callable[[], object], repeats: int) -> float:
    times = []
    ask()  # the warm-up
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


class _Place:
    """A workspace with nobody available, so that all tasks wait, in all of its queues."""

    def __init__(self, workers: int, queues: int) -> None:
        self.state, self.now_ms = State(), START_MS
        self._do(
            cmd.CreateWorkspace(
                sid=WorkspaceSid("WS" + "0" * 32),
                account_sid=AccountSid("AC" + "0" * 32),
                values={"friendly_name": "Large"},
            )
        )
        self.queues = [self._queue(number) for number in range(queues)]
        filters = [
            {"expression": f"number == {number}", "targets": [{"queue": queue.sid}]}
            for number, queue in enumerate(self.queues)
        ]
        rules = {"task_routing": {"filters": filters}}
        self._do(cmd.CreateWorkflow(values={"friendly_name": "all", "configuration": json.dumps(rules)}))
        for number in range(workers):
            attributes = json.dumps({"skills": [number % 50, number % 7], "level": number % 10})
            self._do(cmd.CreateWorker(values={"friendly_name": f"worker {number}", "attributes": attributes}))

    def wait_for(self, tasks: int) -> None:
        """Until so many wait."""
        for number in range(len(self.state.tasks), tasks):
            values = {"attributes": json.dumps({"number": number % len(self.queues)}), "priority": number % 9}
            self._do(cmd.CreateTask(values=values))

    def requests(self) -> list[tuple[str, Callable[[], object]]]:
        (workflow,) = self.state.workflows
        queue = self.queues[0].no
        return [
            ("of the workspace", lambda: self._told("workspace_real_time_statistics", None)),
            ("of the workflow", lambda: self._told("workflow_real_time_statistics", workflow)),
            ("of a queue", lambda: self._told("task_queue_real_time_statistics", queue)),
            ("of all workers", lambda: self._told("workers_real_time_statistics", None)),
            (f"of {IN_BULK} queues in bulk", self._in_bulk),
        ]

    def _told(self, resource: str, subject: int | None) -> bytes:
        report = REPORT[resource]
        now = real_time(self.state, report.level, subject, None, Millis(self.now_ms))
        names = ("account_sid", "workspace_sid", "workflow_sid", "task_queue_sid")
        return msgspec.json.encode(report_body(report, Asked(dict.fromkeys(names, ""), now=now), ""))

    def _in_bulk(self) -> bytes:
        figures = {
            queue.sid: real_time(self.state, Level.TASK_QUEUE_IN_BULK, queue.no, None, Millis(self.now_ms))
            for queue in self.queues[:IN_BULK]
        }
        return msgspec.json.encode(bulk_body(Asked({"account_sid": "", "workspace_sid": ""}), figures, ""))

    def _queue(self, number: int) -> TaskQueue:
        expression = f"skills HAS {number % 50} AND level >= {number % 10}"
        events = self._do(
            cmd.CreateTaskQueue(values={"friendly_name": f"queue {number}", "target_workers": expression})
        )
        return next(event.queue for event in events if isinstance(event, ev.TaskQueueCreated))

    def _do(self, command: cmd.Command) -> list[ev.Event]:
        self.now_ms += 1
        events = step(self.state, command, Millis(self.now_ms), IDS).events
        self.state.forget()
        return events
