"""Everything in which our answers may differ from the samples and recordings, and why; and what is not compared.

What is compared of a body are keys, types, null-ness, and of texts their form (`shapes`). The values themselves, the
order of keys in bodies other than errors, the blanks between them and the headers are not.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from tests.conformance.shapes import ABSENT, NO_ROWS, ROWS, Finding


class Difference(NamedTuple):
    """Tolerated in `files`, at places that end in one of `at`, if both sides look like this. All are patterns.

    Each of `files` and of `at` must occur, or the record is out of date.
    """

    files: tuple[str, ...]
    at: tuple[str, ...]
    theirs: str
    ours: str
    reason: str

    def covers(self, file: str, finding: Finding) -> bool:
        return (
            any(named(file, pattern) for pattern in self.files)
            and any(ends_in(finding.at, place) for place in self.at)
            and fnmatchcase(finding.theirs, self.theirs)
            and fnmatchcase(finding.ours, self.ours)
        )


def named(file: str, pattern: str) -> bool:
    """A star stands for a part of one name, not for folders."""
    return PurePosixPath(file).match(pattern)


def ends_in(at: str, place: str) -> bool:
    return fnmatchcase(at, place) or fnmatchcase(at, f"*.{place}")


def legacy(*names: str) -> tuple[str, ...]:
    return tuple(f"samples/legacy/{name}.json" for name in names)


def captured(*names: str) -> tuple[str, ...]:
    return tuple(f"recorded/rest-captured-outputs/api-snippets-{name}.json" for name in names)


def callbacks(*names: str) -> tuple[str, ...]:
    return tuple(f"recorded/webhooks/{name}.json" for name in names)


EVENTS_LOG = "recorded/events-log/api-snippets-events.json"
STATISTICS_LINKS = ("links.statistics", "links.real_time_statistics", "links.cumulative_statistics")

# --- today's samples ----------------------------------------------------------------------------------------------

_SAMPLES = (
    Difference(
        ("samples/tasks.*.json", *legacy("tasks_*.py57", "workers_*.py57", "workspace.task.*")),
        ("attributes",),
        "JSON with blanks",
        "JSON",
        "Attributes come back without the blanks between their parts, as in all recordings since 2017.",
    ),
    Difference(
        ("samples/tasks.create.json", *legacy("workspace.task.create.py7")),
        ("task_queue_entered_date",),
        "null",
        "time",
        "A new task is in its queue by the time we answer; the recorded task.created of 2022 has the date too.",
    ),
    Difference(
        (
            *(f"samples/tasks.{operation}.json" for operation in ("create", "update", "list")),
            *legacy("workspace.task.create.*", "workspace.task.read_full.*"),
        ),
        ("reason",),
        "text",
        "null",
        "The samples give a reason even to tasks that wait; it is told when a task ends.",
    ),
    Difference(
        ("samples/task_queues.*.json", *legacy("workspace.task_queue.*")),
        ("target_workers",),
        "null",
        "text",
        "Null in the samples alone: the description's default and all recordings have an expression.",
    ),
    Difference(
        ("samples/workflows.*.json", *legacy("workflows_*.py57", "workspace.workflow.*")),
        ("configuration",),
        "text",
        "JSON",
        "The samples show a form of rules that was given up; all recordings have JSON.",
    ),
    Difference(
        (
            "samples/task_queues.create.json",
            "samples/task_queues.update.json",
            "samples/workflows.update.json",
            "recorded/rest/django*-post-workflows-201.json",
            *captured("workflows-instance-post"),
        ),
        ("pointsman",),
        ABSENT,
        "object",
        "Ours: warnings about what is unwise, such as a queue that matches no worker; without any it is left out.",
    ),
    Difference(
        ("samples/workflows.*.json", *legacy("workflows_*.py57", "workspace.workflow.*")),
        ("document_content_type",),
        "text",
        "null",
        "Null in all recordings.",
    ),
    Difference(
        ("samples/workflows.create.json", "samples/workflows.update.json"),
        ("fallback_assignment_callback_url",),
        "null",
        "text",
        "The sample of the request sends one; that of the answer shows another workflow.",
    ),
    Difference(
        ("samples/task_channels.list.empty.json", "samples/worker_channels.list.empty.json"),
        ("channels",),
        NO_ROWS,
        ROWS,
        "Five task channels are built in, and a worker has one of each: these lists are never empty.",
    ),
    Difference(
        (
            "samples/task_reservations.update.supervise.json",
            *captured("reservations-call", "reservations-dequeue", "reservations-redirect-redirect"),
        ),
        ("HTTP status",),
        "200",
        "400 *needs a telephone service*",
        "These instructions need a telephone service, and none is connected.",
    ),
    Difference(
        ("samples/events.list.json",),
        ("events",),
        ROWS,
        NO_ROWS,
        "The sample's row is not of the type that its own filter asks for; events.fetch has the same row.",
    ),
    Difference(
        ("samples/events.fetch.json", *legacy("*event*.py57", "workspace.event.*"), EVENTS_LOG),
        ("source_ip_address",),
        "text",
        "null",
        "What the engine does by itself was asked for from no address.",
    ),
    Difference(
        ("samples/events.fetch.json", *legacy("*event*.py57", "workspace.event.*"), EVENTS_LOG),
        ("event_data.worker_version", "event_data.worker_previous_activity_*"),
        ABSENT,
        "*",
        "Rows of 2015: since 2022 recorded events of workers have these too.",
    ),
)

# --- errors -------------------------------------------------------------------------------------------------------

_ERRORS = (
    Difference(
        ("samples/errors/400.queue_name_exists.json",),
        ("message",),
        "*AC….",
        "*AC…",
        "The recorded text has no full stop.",
    ),
    Difference(
        ("samples/errors/412.precondition_failed.json",),
        ("message",),
        "Precondition Failed",
        "Precondition Failed: *",
        "The sample's text is inferred; ours also says which version was wanted and which one there is.",
    ),
    Difference(
        (
            "recorded/errors/20404-empty-workspace-sid.json",
            "recorded/rest/rails2017-post-workspaces-missing-sid-taskqueues-404.json",
        ),
        ("message",),
        "The requested resource /Workspaces*",
        "The requested resource /v1/Workspaces*",
        "Seen with and without the version in front; ours is the path as it was received.",
    ),
    Difference(
        ("recorded/errors/cancel-task-not-pending.json",),
        ("code", "more_info"),
        "null",
        "*",
        "Of this error only the text was recorded.",
    ),
)

# --- older bodies -------------------------------------------------------------------------------------------------

_OLD = (
    Difference(
        (
            *legacy("*.py57", "workspace.activity.*", "workspace.task_channel.*"),
            *captured("taskchannels-*"),
        ),
        ("links",),
        ABSENT,
        "object",
        "Came later; today's samples have it.",
    ),
    Difference(
        (
            *legacy("workspaces_*.py57"),
            "recorded/rest/django2017-*-workspaces-20[01].json",
            *captured("workspaces-*"),
        ),
        (
            "url",
            "events_filter",
            "multi_task_enabled",
            "prioritize_queue_order",
            "links.task_channels",
            "links.task_queues",
            "links.events",
            *STATISTICS_LINKS,
        ),
        ABSENT,
        "*",
        "Came later; today's samples have it.",
    ),
    Difference(
        (
            *legacy("tasks_*.py57", "workspace.task.*"),
            "recorded/rest/mailroom2022-post-task-completed-200.json",
            *captured("tasks-instance-get", "tasks-list-post"),
        ),
        (
            "reason",
            "addons",
            "task_channel_sid",
            "task_channel_unique_name",
            "task_queue_friendly_name",
            "workflow_friendly_name",
            "task_queue_entered_date",
            "virtual_start_time",
            "ignore_capacity",
            "routing_target",
            "links.reservations",
        ),
        ABSENT,
        "*",
        "Came later; today's samples have it.",
    ),
    Difference(
        (*legacy("workspace.task_channel.*"), *captured("taskchannels-*")),
        ("channel_optimized_routing",),
        ABSENT,
        "boolean",
        "Came later; today's samples have it.",
    ),
    Difference(
        (
            *legacy("task_queues_*.py57", "workspace.task_queue.*"),
            "recorded/rest/django201[79]-post-taskqueues-201*.json",
            *captured("taskqueues-*"),
        ),
        ("max_reserved_workers", "task_order", "links.*_statistics", "links.statistics"),
        ABSENT,
        "*",
        "Came later; today's samples have it.",
    ),
    Difference(
        (
            "recorded/rest/django2017-post-workers-201*.json",
            *captured("workers-*", "tasks-list-get-example-2-example-2"),
        ),
        ("links.channels", "links.worker_channels", "links.reservations", "links.worker_statistics", *STATISTICS_LINKS),
        ABSENT,
        "*",
        "Came later; today's samples have it.",
    ),
    Difference(
        ("recorded/rest/django201[79]-post-workflows-201.json", *captured("workflows-*")),
        STATISTICS_LINKS,
        ABSENT,
        "*",
        "Came later; today's samples have it.",
    ),
    Difference(
        (*legacy("events_*.py57", "workspace.event.*"), EVENTS_LOG),
        ("event_date_ms", "workspace_sid", "event_data.worker_time_in_previous_activity_ms"),
        ABSENT,
        "*",
        "Came later; today's samples have it.",
    ),
    Difference(
        (EVENTS_LOG,),
        (
            "event_data.task_version",
            "event_data.task_date_created",
            "event_data.task_channel_*",
            "event_data.task_queue_entered_date",
            "event_data.task_queue_target_expression",
            "event_data.reservation_version",
        ),
        ABSENT,
        "*",
        "Events of reservations have these in the recordings of 2022.",
    ),
    Difference(
        (EVENTS_LOG,),
        ("event_data.worker_time_in_previous_activity",),
        "text",
        ABSENT,
        "In 2022 reservation.created had it no more.",
    ),
    Difference(
        (EVENTS_LOG,),
        ("resource_sid", "resource_url"),
        "*WT*",
        "*WR*",
        "In 2022 the resource of a reservation's events was the reservation, in 2015 the task.",
    ),
    Difference(
        legacy("workspace.*.py7"),
        ("operating_unit_sid", "default_operating_unit_sid"),
        "sid OU",
        ABSENT,
        "An organisational unit above the account; today's samples show it no more.",
    ),
    Difference(
        legacy("reservations_*.py57"),
        ("worker_activity_sid",),
        "sid WA",
        ABSENT,
        "Gone by 2015: the captured bodies have it no more.",
    ),
    Difference(
        legacy("workspace.worker.worker_channel.*"),
        ("links",),
        "object",
        ABSENT,
        "Today's samples of worker channels have no links.",
    ),
    Difference(
        legacy("workspaces_*.py57"),
        ("links.queues",),
        "*",
        ABSENT,
        "Called links.task_queues by 2015, in the captured bodies.",
    ),
    Difference(
        ("recorded/rest/django2017-post-taskqueues-201*.json",),
        ("links.task_queue_statistics", "links.task_queues_statistics"),
        "*",
        ABSENT,
        "Called links.statistics and links.list_statistics by 2019.",
    ),
    Difference(
        ("recorded/rest/django201[79]-post-workflows-201.json", *captured("workflows-*")),
        ("links.workspace",),
        "*",
        ABSENT,
        "Gone in today's samples, which have the links to statistics instead.",
    ),
    Difference(
        legacy("*_list.py57", "workspace.activity.*", "workspace.task_channel.*", "workspace.workflow.*"),
        ("meta.last_page_url",),
        "*",
        ABSENT,
        "Pages of 2017 and before told their last one.",
    ),
    Difference(
        legacy("events_list.py57"),
        ("meta.next_page_url",),
        "*PageToken=EN*",
        "null",
        "That page was followed by another one; tokens have another form now (paging/).",
    ),
    Difference(
        (*captured("*-list-get*"), EVENTS_LOG),
        ("meta.url", "meta.first_page_url"),
        "*PageSize=50",
        "*PageSize=50&Page=0",
        "Pages of 2014 and 2015 had no number.",
    ),
    Difference(
        legacy("workspace.worker.worker_channel.read_full.py610"),
        ("meta.url",),
        "*/Channels",
        "*/Channels[?]PageSize=50&Page=0",
        "A slip of that sample: its first_page_url has the page.",
    ),
    Difference(
        legacy("*.py57"),
        ("url", "meta.first_page_url", "links.*"),
        "URL */v1/Accounts/*",
        "URL /v1/*",
        "Paths had the account in them at first; those captured in 2015 have it no more.",
    ),
    Difference(
        legacy("*.py57"),
        ("date_*",),
        "text",
        "time",
        "Dates were of RFC 2822 at first; those captured in 2015 are of ISO 8601.",
    ),
    Difference(
        legacy("*.py57", "workspace.task.*.py610", "workspace.workflow.*"),
        ("sid", "workflow_sid", "url", "links.*"),
        "*WF*",
        "*WW*",
        "Older samples mask a workflow's sid so; recordings of the same years have WW.",
    ),
    Difference(
        legacy("workspace.worker.worker_channel.*", "task_queues_*.py57"),
        ("url", "reservation_activity_sid"),
        "*WR*",
        "*",
        "Slips of those samples: a reservation's sid in the place of a channel's and of an activity's.",
    ),
)

# --- callbacks ----------------------------------------------------------------------------------------------------

_CALLBACKS = (
    Difference(
        callbacks("*--2018"),
        ("TaskVersion", "TaskDateCreated", "TaskQueueEnteredDate", "WorkerVersion", "ReservationVersion"),
        ABSENT,
        "*",
        "Events of 2022 have these.",
    ),
    Difference(
        callbacks("reservation.accepted--2018"),
        ("WorkerPreviousActivity*", "WorkerTimeInPreviousActivity*"),
        ABSENT,
        "*",
        "In 2022 reservation.accepted had these.",
    ),
    Difference(
        callbacks("*--2018"),
        ("TaskAddons",),
        "*",
        ABSENT,
        "Not sent in 2022; there are no add-ons here.",
    ),
    Difference(
        callbacks("task-queue.created--2023-flex", "field-set-*"),
        ("OperatingUnitSid",),
        "*",
        ABSENT,
        "An organisational unit above the account, which a server of one's own does not have.",
    ),
    Difference(
        callbacks("field-set-*"),
        ("TaskIgnoreCapacity", "TaskVirtualStartTime", "WorkerChannelCapacity", "WorkerChannelConsumedCapacity"),
        "*",
        ABSENT,
        "Known by name from one application of 2024; no recording shows their form.",
    ),
)

# --- statistics ---------------------------------------------------------------------------------------------------

_STATISTICS = (
    Difference(
        ("samples/*_statistics.*.json", *legacy("*_statistics*")),
        ("*cumulative.avg_task_acceptance_time", "cumulative.activity_durations.avg"),
        "number",
        "integer",
        "Older answers had a fraction; recordings show whole numbers.",
    ),
    Difference(
        ("samples/observed/*", *legacy("*_statistics*")),
        ("longest_task_waiting_sid", "longest_relative_task_sid_in_queue"),
        "null",
        "sid WT",
        "Nothing waited there; here something does.",
    ),
    Difference(
        ("recorded/statistics/workspace-statistics-realtime-2023.json",),
        ("realtime.activity_statistics",),
        "text",
        "list",
        "The client that printed it cut the list to its length.",
    ),
    Difference(
        ("samples/*_statistics.*.json", *legacy("*_statistics*"), "recorded/statistics/*"),
        ("*",),
        ABSENT,
        "*",
        "The observed bodies of 2020 are fuller than these; ours have what any of them has.",
    ),
)

DIFFERENCES = (*_SAMPLES, *_ERRORS, *_OLD, *_CALLBACKS, *_STATISTICS)

# --- what is not compared here ------------------------------------------------------------------------------------

OUT_OF_SCOPE = {  # by pattern: why
    "recorded/event-bridge/*": "The worker SDK's sockets and bridge are not part of this version.",
    "recorded/conference-callbacks/*": "Conferences need a telephone service, and none can be connected yet.",
    "recorded/errors/conference-instruction-needs-enqueue.json": "An answer of the bridge, about a conference.",
}
COVERED_ELSEWHERE = {  # by pattern: the test, below `tests`
    "recorded/webhooks/*2023-v1*.json": "unit/wire/test_events.py",
    "recorded/webhook-sequences/*.json": "unit/wire/test_events.py",
    "recorded/assignment-callbacks/*.json": "unit/wire/test_callbacks.py",
}
