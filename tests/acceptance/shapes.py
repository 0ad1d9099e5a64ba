"""What the typed results of the official libraries look like: each attribute, with its type or its value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.cases.words import ORDERS, RESERVATION_STATUSES, TASK_STATUSES
from tests.acceptance.suite import Like, Place, Row, Shape


def sid(prefix: str) -> Like:
    pattern = re.compile(rf"{prefix}[0-9a-f]{{32}}")
    return Like(f"a sid {prefix}…", lambda value, row, at: isinstance(value, str) and bool(pattern.fullmatch(value)))


def of(kind: type) -> Like:
    return Like(f"of the type {kind.__name__}", lambda value, row, at: type(value) is kind)


def one_of(words: tuple[str, ...]) -> Like:
    return Like(f"one of {', '.join(words)}", lambda value, row, at: type(value) is str and value in words)


def maybe(other: Like) -> Like:
    return Like(f"{other.what}, or nothing", lambda value, row, at: value is None or other.holds(value, row, at))


def is_time_of_now(value: Any, row: Row, at: Place) -> bool:
    """The libraries make a time only of the very form that they read; anything else they leave a text."""
    return type(value) is datetime and value.microsecond == 0 and abs(datetime.now(UTC) - value) < timedelta(hours=1)


def path(template: str) -> Like:
    """An absolute URL below the workspace, with values of the row in it."""
    return Like(f"…/{template}", lambda value, row, at: value == absolute(template, row, at))


def links(**templates: str) -> Like:
    """Exactly these, each below the workspace; without what it leads to, a link is null."""

    def holds(value: Any, row: Row, at: Place) -> bool:
        return bool(value == {name: absolute(template, row, at) for name, template in templates.items()})

    return Like(f"links to {templates}", holds)


def absolute(template: str, row: Row, at: Place) -> str | None:
    needed = re.findall(r"\{(\w+)\}", template)
    if any(row.get(name) is None for name in needed):
        return None
    workspace = f"{at.library.base}/v1/Workspaces/{row.get('workspace_sid', row.get('sid'))}"
    return f"{workspace}/{template.format(**row)}".rstrip("/")


def is_json_object(value: Any, row: Row, at: Place) -> bool:
    return isinstance(value, str) and isinstance(json.loads(value), dict)


TIME = Like("a time of now", is_time_of_now)
MOMENT = of(datetime)
TEXT, FLAG, WHOLE, OBJECT = of(str), of(bool), of(int), of(dict)
JSON = Like("a JSON object as text", is_json_object)
ACCOUNT = Like("the account", lambda value, row, at: bool(value == at.library.account))
WORKSPACE = Like("the workspace", lambda value, row, at: bool(value == at.workspace))
FIGURE = Like("a figure", lambda value, row, at: True)  # figures have tests of their own
OWN: dict[str, Any] = {"account_sid": ACCOUNT, "workspace_sid": WORKSPACE}
DATES = {"date_created": TIME, "date_updated": TIME}


def figures(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), FIGURE)


RESERVATIONS = """reservations_created reservations_accepted reservations_rejected reservations_timed_out
    reservations_canceled reservations_rescinded"""
ENDS = "tasks_canceled tasks_completed tasks_deleted tasks_moved"
WAITS = "avg_task_acceptance_time split_by_wait_time wait_duration_until_accepted wait_duration_until_canceled"
WAITING = "longest_task_waiting_age longest_task_waiting_sid tasks_by_priority tasks_by_status total_tasks"
INTERVAL: dict[str, Any] = {"start_time": MOMENT, "end_time": MOMENT}
CUMULATIVE = Like(
    "figures and the interval that they count, or nothing",
    lambda value, row, at: value is None or {"start_time", "end_time"} <= value.keys(),
)
BOTH = {"cumulative": CUMULATIVE, "realtime": maybe(OBJECT)}


def reservation(view: str) -> Shape:
    return Shape(
        OWN
        | DATES
        | {
            "sid": sid("WR"),
            "reservation_status": one_of(RESERVATION_STATUSES),
            "task_sid": sid("WT"),
            "worker_name": TEXT,
            "worker_sid": sid("WK"),
            "url": path(view + "/Reservations/{sid}"),
            "links": links(task="Tasks/{task_sid}", worker="Workers/{worker_sid}", workspace=""),
        },
        etag=True,
    )


SHAPES: Mapping[str, Shape] = {
    "workspaces": Shape(
        DATES
        | {
            "account_sid": ACCOUNT,
            "sid": sid("WS"),
            "friendly_name": TEXT,
            "default_activity_name": TEXT,
            "default_activity_sid": sid("WA"),
            "timeout_activity_name": TEXT,
            "timeout_activity_sid": sid("WA"),
            "event_callback_url": TEXT,
            "events_filter": maybe(TEXT),
            "multi_task_enabled": FLAG,
            "prioritize_queue_order": one_of(ORDERS),
            "url": path(""),
            "links": links(
                activities="Activities",
                statistics="Statistics",
                real_time_statistics="RealTimeStatistics",
                cumulative_statistics="CumulativeStatistics",
                task_queues="TaskQueues",
                tasks="Tasks",
                workers="Workers",
                workflows="Workflows",
                task_channels="TaskChannels",
                events="Events",
            ),
        }
    ),
    "activities": Shape(
        OWN
        | DATES
        | {
            "sid": sid("WA"),
            "available": FLAG,
            "friendly_name": TEXT,
            "url": path("Activities/{sid}"),
            "links": links(workspace=""),
        }
    ),
    "task_channels": Shape(
        OWN
        | DATES
        | {
            "sid": sid("TC"),
            "friendly_name": TEXT,
            "unique_name": TEXT,
            "channel_optimized_routing": FLAG,
            "url": path("TaskChannels/{sid}"),
            "links": links(workspace=""),
        }
    ),
    "task_queues": Shape(
        OWN
        | DATES
        | {
            "sid": sid("WQ"),
            "friendly_name": TEXT,
            "target_workers": maybe(TEXT),
            "max_reserved_workers": WHOLE,
            "task_order": one_of(ORDERS),
            "assignment_activity_sid": maybe(sid("WA")),
            "assignment_activity_name": maybe(TEXT),
            "reservation_activity_sid": maybe(sid("WA")),
            "reservation_activity_name": maybe(TEXT),
            "url": path("TaskQueues/{sid}"),
            "links": links(
                assignment_activity="Activities/{assignment_activity_sid}",
                reservation_activity="Activities/{reservation_activity_sid}",
                workspace="",
                statistics="TaskQueues/{sid}/Statistics",
                real_time_statistics="TaskQueues/{sid}/RealTimeStatistics",
                cumulative_statistics="TaskQueues/{sid}/CumulativeStatistics",
                list_statistics="TaskQueues/Statistics",
                bulk_real_time_statistics="TaskQueues/RealTimeStatistics",
            ),
        }
    ),
    "workflows": Shape(
        OWN
        | DATES
        | {
            "sid": sid("WW"),
            "friendly_name": TEXT,
            "configuration": JSON,
            "document_content_type": None,
            "assignment_callback_url": maybe(TEXT),
            "fallback_assignment_callback_url": maybe(TEXT),
            "task_reservation_timeout": WHOLE,
            "url": path("Workflows/{sid}"),
            "links": links(
                statistics="Workflows/{sid}/Statistics",
                real_time_statistics="Workflows/{sid}/RealTimeStatistics",
                cumulative_statistics="Workflows/{sid}/CumulativeStatistics",
            ),
        }
    ),
    "workers": Shape(
        OWN
        | DATES
        | {
            "sid": sid("WK"),
            "friendly_name": TEXT,
            "activity_sid": sid("WA"),
            "activity_name": TEXT,
            "attributes": JSON,
            "available": FLAG,
            "date_status_changed": TIME,
            "url": path("Workers/{sid}"),
            "links": links(
                channels="Workers/{sid}/Channels",
                activity="Activities/{activity_sid}",
                workspace="",
                statistics="Workers/Statistics",
                real_time_statistics="Workers/RealTimeStatistics",
                cumulative_statistics="Workers/CumulativeStatistics",
                worker_statistics="Workers/{sid}/Statistics",
                worker_channels="Workers/{sid}/Channels",
                reservations="Workers/{sid}/Reservations",
            ),
        },
        etag=True,
    ),
    "workers().worker_channels": Shape(
        OWN
        | DATES
        | {
            "sid": sid("WC"),
            "assigned_tasks": WHOLE,
            "available": FLAG,
            "available_capacity_percentage": WHOLE,
            "configured_capacity": WHOLE,
            "task_channel_sid": sid("TC"),
            "task_channel_unique_name": TEXT,
            "worker_sid": sid("WK"),
            "url": path("Workers/{worker_sid}/Channels/{sid}"),
        }
    ),
    "tasks": Shape(
        OWN
        | DATES
        | {
            "sid": sid("WT"),
            "age": WHOLE,
            "assignment_status": one_of(TASK_STATUSES),
            "attributes": JSON,
            "addons": "{}",
            "ignore_capacity": FLAG,
            "priority": WHOLE,
            "reason": maybe(TEXT),
            "routing_target": maybe(TEXT),
            "task_channel_sid": sid("TC"),
            "task_channel_unique_name": TEXT,
            "task_queue_entered_date": maybe(TIME),
            "task_queue_friendly_name": maybe(TEXT),
            "task_queue_sid": maybe(sid("WQ")),
            "timeout": WHOLE,
            "virtual_start_time": MOMENT,
            "workflow_friendly_name": maybe(TEXT),
            "workflow_sid": maybe(sid("WW")),
            "url": path("Tasks/{sid}"),
            "links": links(
                task_queue="TaskQueues/{task_queue_sid}",
                workflow="Workflows/{workflow_sid}",
                workspace="",
                reservations="Tasks/{sid}/Reservations",
            ),
        },
        etag=True,
        volatile=frozenset({"age"}),
    ),
    "tasks().reservations": reservation("Tasks/{task_sid}"),
    "workers().reservations": reservation("Workers/{worker_sid}"),
    "events": Shape(
        OWN
        | {
            "sid": sid("EV"),
            "actor_sid": maybe(TEXT),
            "actor_type": maybe(TEXT),
            "actor_url": maybe(TEXT),
            "description": TEXT,
            "event_data": Like(
                "texts by name",
                lambda value, row, at: type(value) is dict and all(isinstance(each, str) for each in value.values()),
            ),
            "event_date": TIME,
            "event_date_ms": Like(
                "the milliseconds of its date",
                lambda value, row, at: type(value) is int and value // 1000 == row["event_date"].timestamp(),
            ),
            "event_type": TEXT,
            "resource_sid": TEXT,
            "resource_type": TEXT,
            "resource_url": TEXT,
            "source": TEXT,
            "source_ip_address": maybe(TEXT),
            "url": path("Events/{sid}"),
        },
    ),
    # --- statistics -----------------------------------------------------------------------------------------------
    "statistics": Shape(OWN | BOTH | {"url": path("Statistics")}),
    "cumulative_statistics": Shape(
        OWN
        | INTERVAL
        | figures(f"{RESERVATIONS} {ENDS} {WAITS} tasks_created tasks_timed_out_in_workflow")
        | {"url": path("CumulativeStatistics")}
    ),
    "real_time_statistics": Shape(
        OWN | figures(f"{WAITING} activity_statistics total_workers") | {"url": path("RealTimeStatistics")}
    ),
    "workflows().statistics": Shape(
        OWN | BOTH | {"workflow_sid": sid("WW"), "url": path("Workflows/{workflow_sid}/Statistics")}
    ),
    "workflows().cumulative_statistics": Shape(
        OWN
        | INTERVAL
        | figures(f"{RESERVATIONS} {ENDS} {WAITS} tasks_entered tasks_timed_out_in_workflow")
        | {"workflow_sid": sid("WW"), "url": path("Workflows/{workflow_sid}/CumulativeStatistics")}
    ),
    "workflows().real_time_statistics": Shape(
        OWN | figures(WAITING) | {"workflow_sid": sid("WW"), "url": path("Workflows/{workflow_sid}/RealTimeStatistics")}
    ),
    "task_queues().statistics": Shape(
        OWN | BOTH | {"task_queue_sid": sid("WQ"), "url": path("TaskQueues/{task_queue_sid}/Statistics")}
    ),
    "task_queues().cumulative_statistics": Shape(
        OWN
        | INTERVAL
        | figures(f"{RESERVATIONS} {ENDS} {WAITS} tasks_entered wait_duration_in_queue_until_accepted")
        | {"task_queue_sid": sid("WQ"), "url": path("TaskQueues/{task_queue_sid}/CumulativeStatistics")}
    ),
    "task_queues().real_time_statistics": Shape(
        OWN
        | figures(
            f"{WAITING} activity_statistics total_available_workers total_eligible_workers "
            "longest_relative_task_age_in_queue longest_relative_task_sid_in_queue"
        )
        | {"task_queue_sid": sid("WQ"), "url": path("TaskQueues/{task_queue_sid}/RealTimeStatistics")}
    ),
    "task_queues.statistics": Shape(OWN | BOTH | {"task_queue_sid": sid("WQ")}),
    "task_queues.bulk_real_time_statistics": Shape(
        OWN
        | {
            "task_queue_data": of(list),
            "task_queue_response_count": WHOLE,
            "url": path("TaskQueues/RealTimeStatistics"),
        }
    ),
    "workers.statistics": Shape(OWN | BOTH | {"url": path("Workers/Statistics")}),
    "workers.cumulative_statistics": Shape(
        OWN | INTERVAL | figures(f"{RESERVATIONS} activity_durations") | {"url": path("Workers/CumulativeStatistics")}
    ),
    "workers.real_time_statistics": Shape(
        OWN | figures("activity_statistics total_workers") | {"url": path("Workers/RealTimeStatistics")}
    ),
    "workers().statistics": Shape(
        OWN | {"cumulative": CUMULATIVE, "worker_sid": sid("WK"), "url": path("Workers/{worker_sid}/Statistics")}
    ),
}
