"""`/metrics`: what the server counts, in the text form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from pointsman.meters import SLOW_STEP_S, Meters, Spread, WorkspaceGauges

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Readings(NamedTuple):
    """What was read at one moment."""

    version: str
    meters: Meters
    workspaces: Sequence[WorkspaceGauges]
    connections: Mapping[str, int]  # by the name of the port
    requests: int  # under way
    streams: int
    sockets: int  # of workers
    collections: int  # of garbage
    collections_s: float
    longest_collection_s: float


def exposition(readings: Readings) -> bytes:
    """The whole text. It takes a while for thousands of task queues: not in the event loop."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Collected(readings))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _work(self._readings.meters)
        yield from _workspaces(self._readings.workspaces)
        yield from _process(self._readings)


def _work(meters: Meters) -> Iterator[Metric]:
    kinds = ("command", "outcome")
    yield _counts("commands", "Commands, by kind and what came of them.", kinds, meters.commands.items())
    yield _spread("step_seconds", "How long the engine took for a command.", meters.steps_s)
    slow = [((kind,), count) for kind, count in meters.slow_steps.items()]
    yield _counts("slow_steps", f"Steps of more than {SLOW_STEP_S * 1_000:g} ms.", ("command",), slow)
    yield _spread("batch_commands", "How many commands were committed together.", meters.batches)
    yield _spread("commit_seconds", "How long a commit took, until it was durable.", meters.commits_s)
    refused = [((reason,), count) for reason, count in meters.refused.items()]
    yield _counts("refusals", "What was refused with 503, by reason.", ("reason",), refused)
    called = [((outcome,), count) for outcome, count in meters.callbacks.items()]
    yield _counts("callback_requests", "Requests to applications, by what they answered.", ("outcome",), called)
    yield _spread("callback_seconds", "How long applications took to answer.", meters.callbacks_s)


def _workspaces(workspaces: Sequence[WorkspaceGauges]) -> Iterator[Metric]:
    def gauge(name: str, text: str, *more: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"pointsman_{name}", text, labels=("workspace", *more))

    commands = gauge("commands_waiting", "Commands that have not been carried out yet.")
    reads = gauge("reads_waiting", "Reads that wait for a commit.")
    available = gauge("store_available", "1, or 0 while the database can't be used.")
    tasks = gauge("tasks", "Live tasks, by assignment status.", "status")
    waiting = gauge("task_queue_waiting", "Tasks that wait or are reserved, in each task queue.", "task_queue")
    oldest = gauge("oldest_wait_seconds", "How long the oldest task has waited that waits or is reserved.")
    workers = gauge("workers", "Workers in each activity.", "activity")
    untold = gauge("events_untold", "Events that the event callback URL has still to be told of.")
    endpoint = gauge("event_endpoint_open", "1, or 0 while the event callback URL fails or is parked.")
    for each in workspaces:
        sid = (each.sid,)
        commands.add_metric(sid, each.commands_waiting)
        reads.add_metric(sid, each.reads_waiting)
        available.add_metric(sid, each.store_available)
        oldest.add_metric(sid, each.oldest_wait_s)
        untold.add_metric(sid, each.events_untold)
        if each.endpoint != "none":
            endpoint.add_metric(sid, each.endpoint == "open")
        for family, counts in ((tasks, each.tasks), (waiting, each.waiting), (workers, each.workers)):
            for name, count in counts.items():
                family.add_metric((*sid, name), count)
    yield from (commands, reads, available, tasks, waiting, oldest, workers, untold, endpoint)


def _process(readings: Readings) -> Iterator[Metric]:
    version = GaugeMetricFamily("pointsman_info", "1; the version is in the label.", labels=("version",))
    version.add_metric((readings.version,), 1)
    yield version
    connections = GaugeMetricFamily("pointsman_connections", "Open connections of each port.", labels=("port",))
    for port, count in readings.connections.items():
        connections.add_metric((port,), count)
    yield connections
    yield GaugeMetricFamily("pointsman_requests_under_way", "Requests that are not answered yet.", readings.requests)
    yield GaugeMetricFamily("pointsman_event_streams", "Event streams that are open.", readings.streams)
    yield GaugeMetricFamily("pointsman_worker_sockets", "Sockets of workers' pages that are open.", readings.sockets)
    yield CounterMetricFamily("pointsman_garbage_collections", "Collections of garbage.", readings.collections)
    yield CounterMetricFamily(
        "pointsman_garbage_collection_seconds", "How long they took, all together.", readings.collections_s
    )
    yield GaugeMetricFamily(
        "pointsman_garbage_collection_longest_seconds", "How long the longest took.", readings.longest_collection_s
    )


def _counts(
    name: str, text: str, labels: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"pointsman_{name}", text, labels=labels)
    for values, count in counts:
        family.add_metric(values, count)
    return family


def _spread(name: str, text: str, spread: Spread) -> HistogramMetricFamily:
    buckets, reached = [], 0
    for bound, count in zip((*spread.bounds, float("inf")), spread.counts, strict=True):
        reached += count
        buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), reached))
    return HistogramMetricFamily(f"pointsman_{name}", text, buckets=buckets, sum_value=spread.total)
