"""What is counted is what is shown, in a form that Prometheus reads."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from pointsman.core.types import WorkspaceSid
from pointsman.meters import SLOW_STEP_S, Meters, Spread, WorkspaceGauges
from pointsman.observe.metrics import Readings, exposition


def shown(meters: Meters, *workspaces: WorkspaceGauges) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    readings = Readings(
        version="1.2.3",
        meters=meters,
        workspaces=workspaces,
        connections={"plain": 3, "tls": 0},
        requests=8,
        streams=2,
        sockets=3,
        collections=5,
        collections_s=0.25,
        longest_collection_s=0.1,
    )
    text = exposition(readings).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_spread_counts_up_to_each_bound() -> None:
    spread = Spread((1, 2, 4))
    for value in (0.5, 1, 1.5, 4, 5, 100):
        spread.add(value)
    assert spread.counts == [2, 1, 1, 2]
    assert spread.total == 112


def test_commands_and_how_long_they_took() -> None:
    meters = Meters()
    meters.stepped("CreateTask", "done", 0.0002)
    meters.stepped("CreateTask", "refused", 0.0001)
    meters.stepped("UpdateWorkflow", "done", SLOW_STEP_S * 2)
    meters.batches.add(3)
    meters.commits_s.add(0.004)
    found = shown(meters)
    assert found["pointsman_commands_total", (("command", "CreateTask"), ("outcome", "done"))] == 1
    assert found["pointsman_commands_total", (("command", "CreateTask"), ("outcome", "refused"))] == 1
    assert found["pointsman_slow_steps_total", (("command", "UpdateWorkflow"),)] == 1
    assert found["pointsman_step_seconds_count", ()] == 3
    assert found["pointsman_step_seconds_bucket", (("le", "0.0001"),)] == 1
    assert found["pointsman_batch_commands_bucket", (("le", "2.0"),)] == 0
    assert found["pointsman_batch_commands_bucket", (("le", "4.0"),)] == 1
    assert found["pointsman_commit_seconds_sum", ()] == 0.004


def test_refusals_by_their_reason() -> None:
    meters = Meters()
    meters.refused.update({"requests": 3, "store": 1})
    found = shown(meters)
    assert found["pointsman_refusals_total", (("reason", "requests"),)] == 3
    assert found["pointsman_refusals_total", (("reason", "store"),)] == 1


def test_callbacks_by_the_class_of_their_answers() -> None:
    meters = Meters()
    for status in (200, 204, 404, None):
        meters.called_back(status, 0.1)
    found = shown(meters)
    outcomes = {labels[0][1]: value for (name, labels), value in found.items() if "callback_requests" in name}
    assert outcomes == {"2xx": 2, "4xx": 1, "none": 1}
    assert found["pointsman_callback_seconds_count", ()] == 4


def test_a_workspace_and_the_process() -> None:
    gauges = WorkspaceGauges(
        sid=WorkspaceSid("WS1"),
        commands_waiting=7,
        reads_waiting=1,
        store_available=False,
        tasks={"pending": 4},
        waiting={"WQ1": 4},
        oldest_wait_s=12.5,
        workers={"WA1": 9},
        events_untold=6,
        endpoint="parked",
    )
    found = shown(Meters(), gauges)
    mine = ("workspace", "WS1")
    assert found["pointsman_commands_waiting", (mine,)] == 7
    assert found["pointsman_store_available", (mine,)] == 0
    assert found["pointsman_tasks", (("status", "pending"), mine)] == 4
    assert found["pointsman_task_queue_waiting", (("task_queue", "WQ1"), mine)] == 4
    assert found["pointsman_oldest_wait_seconds", (mine,)] == 12.5
    assert found["pointsman_event_endpoint_open", (mine,)] == 0
    assert found["pointsman_connections", (("port", "plain"),)] == 3
    assert found["pointsman_requests_under_way", ()] == 8
    assert found["pointsman_info", (("version", "1.2.3"),)] == 1
    assert found["process_resident_memory_bytes", ()] > 0
