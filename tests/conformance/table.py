"""Which request to our server has the counterpart of each sample and recorded body as its answer.

Paths, queries and forms are templates over the names of `stage.Stage`. A query is spelled as it goes over the wire.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Row(NamedTuple):
    method: str
    path: str
    query: str = ""
    form: dict[str, str] | None = None
    body: Any = None  # of the one request that sends JSON
    headers: dict[str, str] | None = None


def get(path: str, query: str = "", **headers: str) -> Row:
    return Row("GET", path, query, headers=headers)


def post(path: str, /, **form: str) -> Row:
    return Row("POST", path, form=form)


def delete(path: str) -> Row:
    return Row("DELETE", path)


TASK = "{home}/Tasks"
ALICE = "{home}/Workers/{alice}"
QUEUE_ACTIVITIES = {"AssignmentActivitySid": "{lunch}", "ReservationActivitySid": "{lunch}"}
IGNORED_BY_US = {"OperatingUnitSid": "OU" + "a" * 32}  # undocumented; old requests have it
CALLBACKS = {"AssignmentCallbackUrl": "{nowhere}", "FallbackAssignmentCallbackUrl": "{nowhere}"}
EVERY_TASK_FILTER = (
    "TaskQueueSid={{{queue}}}&RoutingTarget={{carol}}&TaskQueueName={queue}&WorkflowName=waiting"
    "&WorkflowSid={{waiting}}&AssignmentStatus={status}&Priority=1"
)
EVERY_WORKER_FILTER = (
    "Available=true&TargetWorkersExpression=team+%3D%3D+%22crew%22&TaskQueueName=crew&ActivityName=Available"
    "&ActivitySid={{home_available}}&TaskQueueSid={{crew}}&FriendlyName={name}"
)
EVERY_EVENT_FILTER = (
    "TaskQueueSid={{crew}}&StartDate={start}&EndDate={end}&WorkerSid={{alice}}&EventType=reservation.created"
    "&TaskSid={{offered}}&WorkflowSid={{inbound}}&ReservationSid={{offered_offer}}"
)
STATED_WINDOW = "EndDate={today}&StartDate={yesterday}"
SPLIT = STATED_WINDOW + "&SplitByWaitTime=5%2C10"
WINDOW_AND_MINUTES = "EndDate={today}&Minutes=1&StartDate={yesterday}"

# Of `samples/`, by file; the statistics follow below.
SAMPLES = {
    "activities.create": post("{home}/Activities", FriendlyName="New Activity", Available="true"),
    "activities.fetch": get("{home}/Activities/{lunch}"),
    "activities.list": get("{home}/Activities", "Available=true&FriendlyName=desk"),
    "activities.list.empty": get("{home}/Activities", "Available=true&FriendlyName=none"),
    "activities.update": post("{home}/Activities/{lunch}", FriendlyName="Lunch"),
    "events.fetch": get("{single}/Events/{moved_event}"),
    "events.list": get("{home}/Events", EVERY_EVENT_FILTER.format(start="{yesterday}", end="{tomorrow}")),
    "events.list.empty": get("{home}/Events", EVERY_EVENT_FILTER.format(start="{yesterday}", end="{yesterday}")),
    "task_channels.create": post(
        "{home}/TaskChannels", FriendlyName="Outbound Voice", UniqueName="ovoice", RequiredAttention="0"
    ),
    "task_channels.fetch": get("{home}/TaskChannels/{default_channel}"),
    "task_channels.fetch.by_unique_name": get("{home}/TaskChannels/default"),
    "task_channels.list": get("{home}/TaskChannels"),
    "task_channels.list.empty": get("{home}/TaskChannels"),
    "task_channels.update": post(
        "{home}/TaskChannels/{spoken}", FriendlyName="Outbound Voice", ChannelOptimizedRouting="true"
    ),
    "task_channels.update.by_unique_name": post(
        "{home}/TaskChannels/spoken", FriendlyName="Outbound Voice", ChannelOptimizedRouting="true"
    ),
    "task_queues.create": post(
        "{home}/TaskQueues",
        FriendlyName="new",
        MaxReservedWorkers="1",
        TargetWorkers="1==2",
        **QUEUE_ACTIVITIES,
        **IGNORED_BY_US,
    ),
    "task_queues.fetch": get("{home}/TaskQueues/{nobody}"),
    "task_queues.list": get(
        "{home}/TaskQueues", "EvaluateWorkerAttributes=%7B%22team%22%3A%22nobody%22%7D&FriendlyName=nobody"
    ),
    "task_queues.list.empty": get("{home}/TaskQueues", "EvaluateWorkerAttributes=%7B%7D&FriendlyName=none"),
    "task_queues.update": post(
        "{home}/TaskQueues/{nobody}",
        FriendlyName="nobody",
        MaxReservedWorkers="1",
        TargetWorkers='team == "nobody"',
        **QUEUE_ACTIVITIES,
        **IGNORED_BY_US,
    ),
    "task_reservations.fetch": get(TASK + "/{assigned}/Reservations/{assigned_offer}"),
    "task_reservations.list": get(TASK + "/{assigned}/Reservations"),
    "task_reservations.list.empty": get(TASK + "/{pending}/Reservations"),
    "task_reservations.update": post(TASK + "/{by_task}/Reservations/{by_task_offer}", ReservationStatus="accepted"),
    "task_reservations.update.supervise": post(
        TASK + "/{assigned}/Reservations/{assigned_offer}",
        Instruction="supervise",
        SupervisorMode="monitor",
        Supervisor="{bob}",
    ),
    "tasks.create": post(
        TASK,
        Attributes='{{"body": "attributes"}}',
        Priority="1",
        Timeout="1",
        WorkflowSid="{waiting}",
        TaskChannel="spoken",
        VirtualStartTime="2014-05-14T18:50:02Z",
        IgnoreCapacity="false",
        RoutingTarget="{carol}",
        TaskQueueSid="{nobody}",
        RequiredAttention="0",
    ),
    "tasks.fetch": get(TASK + "/{canceled}"),
    "tasks.list": get(TASK, EVERY_TASK_FILTER.format(queue="nobody", status="pending%2Creserved")),
    "tasks.list.empty": get(TASK, EVERY_TASK_FILTER.format(queue="idle", status="pending")),
    "tasks.list.assignment_status_multiple": get(
        TASK, EVERY_TASK_FILTER.format(queue="idle", status="pending&AssignmentStatus=reserved")
    ),
    "tasks.update": post(
        TASK + "/{changing}",
        AssignmentStatus="pending",
        Attributes='{{"body": "hello"}}',
        Priority="1",
        Reason="reason",
        VirtualStartTime="2023-08-02T12:34:56Z",
        RequiredAttention="0",
    ),
    "worker_channels.fetch": get(ALICE + "/Channels/{alice_channel}"),
    "worker_channels.list": get(ALICE + "/Channels"),
    "worker_channels.list.empty": get(ALICE + "/Channels"),
    "worker_channels.update": post("{home}/Workers/{carol}/Channels/default", Capacity="3"),
    "worker_reservations.fetch": get(ALICE + "/Reservations/{assigned_offer}"),
    "worker_reservations.list": get(ALICE + "/Reservations"),
    "worker_reservations.list.empty": get("{home}/Workers/{carol}/Reservations"),
    "worker_reservations.update": post(ALICE + "/Reservations/{by_worker_offer}", ReservationStatus="accepted"),
    "workers.create": post(
        "{home}/Workers",
        ActivitySid="{home_offline}",
        Attributes="{{}}",
        FriendlyName="NewWorker",
        Concurrency="5",
        **IGNORED_BY_US,
    ),
    "workers.fetch": get(ALICE),
    "workers.list": get("{home}/Workers", EVERY_WORKER_FILTER.format(name="alice")),
    "workers.list.empty": get("{home}/Workers", EVERY_WORKER_FILTER.format(name="none")),
    "workers.update": post(
        "{home}/Workers/{carol}",
        ActivitySid="{lunch}",
        Attributes="{{}}",
        FriendlyName="carol",
        Concurrency="5",
        **IGNORED_BY_US,
    ),
    "workflows.create": post(
        "{home}/Workflows",
        Configuration="{inbound_rules}",
        FriendlyName="new",
        TaskReservationTimeout="1",
        **CALLBACKS,
    ),
    "workflows.fetch": get("{home}/Workflows/{waiting}"),
    "workflows.list": get("{home}/Workflows", "FriendlyName=waiting"),
    "workflows.list.empty": get("{home}/Workflows", "FriendlyName=none"),
    "workflows.update": post(
        "{home}/Workflows/{waiting}",
        Configuration="{waiting_rules}",
        FriendlyName="waiting",
        TaskReservationTimeout="1",
        ReEvaluateTasks="false",
        **CALLBACKS,
    ),
    "workspaces.create": post("/v1/Workspaces", EventCallbackUrl="{nowhere}", FriendlyName="new", Template="FIFO"),
    "workspaces.fetch": get("{home}"),
    "workspaces.list": get("/v1/Workspaces", "FriendlyName=home"),
    "workspaces.list.empty": get("/v1/Workspaces", "FriendlyName=none"),
    "workspaces.update": post(
        "{spare}",
        DefaultActivitySid="{spare_available}",
        EventCallbackUrl="{nowhere}",
        FriendlyName="spare",
        TimeoutActivitySid="{spare_unavailable}",
        DefaultAttentionProfileSid="WP" + "a" * 32,
        AttentionRoutingEnabled="false",
    ),
}

STATISTICS = {
    "task_queue_cumulative_statistics.fetch": get("{home}/TaskQueues/{crew}/CumulativeStatistics", SPLIT),
    "task_queue_real_time_statistics.fetch": get("{home}/TaskQueues/{crew}/RealTimeStatistics", "TaskChannel=default"),
    "task_queue_statistics.fetch": get("{home}/TaskQueues/{crew}/Statistics", WINDOW_AND_MINUTES),
    "task_queues_bulk_real_time_statistics.create": Row(
        "POST", "{home}/TaskQueues/RealTimeStatistics", body={"queueSids": ["{crew}", "{nobody}"]}
    ),
    "task_queues_statistics.list": get(
        "{home}/TaskQueues/Statistics", "FriendlyName=crew&StartDate={yesterday}&EndDate={today}&Minutes=1"
    ),
    "task_queues_statistics.list.empty": get(
        "{home}/TaskQueues/Statistics", "FriendlyName=none&StartDate={yesterday}&EndDate={today}&Minutes=1"
    ),
    "worker_instance_statistics.fetch": get(ALICE + "/Statistics", WINDOW_AND_MINUTES),
    "workers_cumulative_statistics.fetch": get("{home}/Workers/CumulativeStatistics", STATED_WINDOW),
    "workers_real_time_statistics.fetch": get("{home}/Workers/RealTimeStatistics", "TaskChannel=default"),
    "workers_statistics.fetch": get("{home}/Workers/Statistics", WINDOW_AND_MINUTES),
    "workflow_cumulative_statistics.fetch": get("{home}/Workflows/{inbound}/CumulativeStatistics", SPLIT),
    "workflow_real_time_statistics.fetch": get("{home}/Workflows/{inbound}/RealTimeStatistics", "TaskChannel=default"),
    "workflow_statistics.fetch": get("{home}/Workflows/{inbound}/Statistics", WINDOW_AND_MINUTES),
    "workspace_cumulative_statistics.fetch": get("{home}/CumulativeStatistics", SPLIT),
    "workspace_real_time_statistics.fetch": get("{home}/RealTimeStatistics", "TaskChannel=default"),
    "workspace_statistics.fetch": get("{home}/Statistics", WINDOW_AND_MINUTES),
}

# Rows of `samples/index.json` without a body, by operation.
WITHOUT_BODY = {
    "DeleteActivity": delete("{home}/Activities/{doomed_activity}"),
    "DeleteTask": delete(TASK + "/{doomed_task}"),
    "DeleteTaskChannel": delete("{home}/TaskChannels/{doomed_channel}"),
    "DeleteTaskQueue": delete("{home}/TaskQueues/{doomed_queue}"),
    "DeleteWorker": delete("{home}/Workers/{doomed_worker}"),
    "DeleteWorkflow": delete("{home}/Workflows/{doomed_workflow}"),
    "DeleteWorkspace": delete("{doomed}"),
}

PAGING = {f"workers.page{page}": get(f"{{page_{page}}}") for page in range(3)}

UNKNOWN = "WT" + "0" * 31 + "9"
ERRORS = {
    "400.cancel_wrong_state": post(TASK + "/{assigned}", AssignmentStatus="canceled"),
    "400.complete_wrong_state": post(TASK + "/{pending}", AssignmentStatus="completed"),
    "400.missing_parameter": post("{home}/Activities", Available="true"),
    "400.queue_name_exists": post("{support}/TaskQueues", FriendlyName="Support"),
    "400.reservation_not_pending": post(
        TASK + "/{assigned}/Reservations/{assigned_offer}", Instruction="conference", To="client:ana", From="+15550100"
    ),
    "400.wrap_wrong_state": post(TASK + "/{pending}", AssignmentStatus="wrapping"),
    "401.unauthenticated": get("/v1/Workspaces", Authorization="Basic QUM6eA=="),
    "404.not_found": get(f"{TASK}/{UNKNOWN}"),
    "412.precondition_failed": Row("POST", TASK + "/{pending}", form={"Priority": "1"}, headers={"If-Match": '"9"'}),
}

# Statistics bodies of 2020; the one of a queue was asked for without a split.
OBSERVED = {name: row for name, row in STATISTICS.items() if name.endswith(".fetch")}
OBSERVED["task_queue_cumulative_statistics.fetch"] = get("{home}/TaskQueues/{crew}/CumulativeStatistics", STATED_WINDOW)

# Bodies of the tests of older libraries; the last part of a name is the library's version.
LEGACY = {
    "activities_instance.py57": SAMPLES["activities.fetch"],
    "activities_list.py57": get("{home}/Activities"),
    "events_instance.py57": SAMPLES["events.fetch"],
    "events_list.py57": get("{single}/Events"),
    "reservations_instance.py57": SAMPLES["task_reservations.fetch"],
    "reservations_list.py57": SAMPLES["task_reservations.list"],
    "task_queues_instance.py57": SAMPLES["task_queues.fetch"],
    "task_queues_list.py57": get("{single}/TaskQueues"),
    "tasks_instance.py57": SAMPLES["tasks.fetch"],
    "tasks_list.py57": get(TASK),
    "workers_instance.py57": SAMPLES["workers.fetch"],
    "workers_list.py57": get("{home}/Workers"),
    "workflows_instance.py57": SAMPLES["workflows.fetch"],
    "workflows_list.py57": get("{support}/Workflows"),
    "workspaces_instance.py57": SAMPLES["workspaces.fetch"],
    "workspaces_list.py57": get("/v1/Workspaces"),
    "workspace.read_full.py610": get("/v1/Workspaces"),
    "workspace.activity.fetch.py610": SAMPLES["activities.fetch"],
    "workspace.activity.read_full.py610": get("{home}/Activities"),
    "workspace.event.fetch.py610": SAMPLES["events.fetch"],
    "workspace.event.read_full.py610": get("{single}/Events"),
    "workspace.task.create.py610": SAMPLES["tasks.create"],
    "workspace.task.fetch.py610": SAMPLES["tasks.fetch"],
    "workspace.task.read_full.py610": get(TASK),
    "workspace.task_channel.fetch.py610": SAMPLES["task_channels.fetch"],
    "workspace.task_channel.read_full.py610": SAMPLES["task_channels.list"],
    "workspace.task_queue.fetch.py610": SAMPLES["task_queues.fetch"],
    "workspace.task_queue.read_full.py610": get("{single}/TaskQueues"),
    "workspace.worker.read_full.py610": get("{home}/Workers"),
    "workspace.worker.worker_channel.fetch.py610": SAMPLES["worker_channels.fetch"],
    "workspace.worker.worker_channel.read_full.py610": SAMPLES["worker_channels.list"],
    "workspace.worker.worker_channel.update.py610": SAMPLES["worker_channels.update"],
    "workspace.workflow.fetch.py610": SAMPLES["workflows.fetch"],
    "workspace.workflow.read_full.py610": get("{support}/Workflows"),
    "workspace.fetch.py7": SAMPLES["workspaces.fetch"],
    "workspace.read_full.py7": SAMPLES["workspaces.list"],
    "workspace.task.create.py7": SAMPLES["tasks.create"],
    "workspace.task.fetch.py7": SAMPLES["tasks.fetch"],
    "workspace.task.read_full.py7": get(
        TASK,
        "TaskQueueSid={nobody}&Priority=1&TaskQueueName=nobody&WorkflowName=waiting&WorkflowSid={waiting}"
        "&AssignmentStatus=pending%2Creserved",
    ),
    "workspace.task_queue.fetch.py7": SAMPLES["task_queues.fetch"],
    "workspace.task_queue.read_full.py7": SAMPLES["task_queues.list"],
    "workspace.worker.create.py7": SAMPLES["workers.create"],
    "workspace.worker.fetch.py7": SAMPLES["workers.fetch"],
    "workspace.worker.read_full.py7": SAMPLES["workers.list"],
    "workspace.worker.update.py7": SAMPLES["workers.update"],
}
LEGACY_STATISTICS = {
    "task_queues_statistics_instance.py57": STATISTICS["task_queue_statistics.fetch"],
    "task_queues_statistics_list.py57": get("{home}/TaskQueues/Statistics"),
    "workers_statistics_instance.py57": STATISTICS["worker_instance_statistics.fetch"],
    "workers_statistics_list.py57": STATISTICS["workers_statistics.fetch"],
    "workflows_statistics_instance.py57": STATISTICS["workflow_statistics.fetch"],
    "workspaces_statistics_instance.py57": STATISTICS["workspace_statistics.fetch"],
    "workspace.task_queue.task_queue_cumulative_statistics.fetch.py610": STATISTICS[
        "task_queue_cumulative_statistics.fetch"
    ],
    "workspace.task_queue.task_queue_real_time_statistics.fetch.py610": STATISTICS[
        "task_queue_real_time_statistics.fetch"
    ],
    "workspace.task_queue.task_queue_statistics.fetch.py610": STATISTICS["task_queue_statistics.fetch"],
    "workspace.task_queue.task_queues_statistics.read_full.py610": get("{home}/TaskQueues/Statistics"),
    "workspace.workflow.workflow_real_time_statistics.fetch.py610": STATISTICS["workflow_real_time_statistics.fetch"],
    "workspace.workflow.workflow_statistics.fetch.py610": STATISTICS["workflow_statistics.fetch"],
    "workspace.workspace_real_time_statistics.fetch.py610": STATISTICS["workspace_real_time_statistics.fetch"],
    "workspace.workspace_statistics.fetch.py610": STATISTICS["workspace_statistics.fetch"],
}


def _exchanges(year: str, activity: str, reserved: dict[str, str]) -> dict[str, Row]:
    """The requests that an application made to set up its workspace, recorded in 2017 and again in 2019."""
    home, django = f"{{{year}}}", f"django{year[1:]}"
    queue = {"AssignmentActivitySid": activity, **reserved}
    worker = {"Attributes": '{{"contact_uri": "+15005550006", "products": ["ProgrammableSMS"]}}'}
    worker |= {"ActivitySid": f"{{{year}_idle}}"} if reserved else {}
    return {
        f"{django}-get-workspaces-200": get("/v1/Workspaces", "FriendlyName=Twilio+Workspace"),
        f"{django}-delete-workspaces-instance-204": delete(f"{{gone_{year}}}"),
        f"{django}-post-workspaces-201": post(
            "/v1/Workspaces", FriendlyName="Twilio Workspace", EventCallbackUrl="{nowhere}"
        ),
        f"{django}-get-activities-200": get(f"{home}/Activities"),
        f"{django}-post-workers-201": post(f"{home}/Workers", FriendlyName="Alice", **worker),
        f"{django}-post-taskqueues-201": post(
            f"{home}/TaskQueues", FriendlyName="Default", TargetWorkers="1==1", **queue
        ),
        f"{django}-post-workflows-201": post(
            f"{home}/Workflows",
            FriendlyName="Sales",
            Configuration=f"{{{year}_rules}}",
            TaskReservationTimeout="15",
            **CALLBACKS,
        ),
    }


IN_2017 = _exchanges("y2017", "{y2017_busy}", {"ReservationActivitySid": "{y2017_reserved}"})
REST = {
    **IN_2017,
    "django2017-post-workers-201-2": IN_2017["django2017-post-workers-201"],
    "django2017-post-taskqueues-201-2": IN_2017["django2017-post-taskqueues-201"],
    "django2017-post-taskqueues-201-3": IN_2017["django2017-post-taskqueues-201"],
    **_exchanges("y2019", "{y2019_unavailable}", {}),
    "go2018-post-activities-201": post("{home}/Activities", FriendlyName="twilio-go-activity-client-testing"),
    "mailroom2022-post-task-completed-200": post(TASK + "/{resolved}", AssignmentStatus="completed", Reason="resolved"),
    "rails2017-post-workspaces-missing-sid-taskqueues-404": post(
        "/v1/Workspaces//TaskQueues",
        FriendlyName="Voice",
        TargetWorkers="products HAS 'ProgrammableVoice'",
        **QUEUE_ACTIVITIES,
    ),
}

OFFER = TASK + "/{offered}/Reservations/{offered_offer}"
CAPTURED = {
    "activities-instance-get": get("{home}/Activities/{lunch}"),
    "activities-list-get": get("{home}/Activities"),
    "reservations-call": post(OFFER, Instruction="call", CallFrom="+15550100", CallUrl="{nowhere}", CallTo="+15550101"),
    "reservations-dequeue": post(OFFER, Instruction="dequeue", DequeueFrom="+15550100"),
    "reservations-instance-post": post(
        TASK + "/{answered}/Reservations/{answered_offer}", ReservationStatus="accepted"
    ),
    "reservations-redirect-redirect": post(
        OFFER, Instruction="redirect", RedirectCallSid="CA" + "a" * 32, RedirectUrl="{nowhere}"
    ),
    "taskchannels-instance-get": get("{home}/TaskChannels/{spoken}"),
    "taskchannels-list-get": get("{home}/TaskChannels"),
    "taskqueues-instance-get": get("{home}/TaskQueues/{nobody}"),
    "taskqueues-list-get": get("{single}/TaskQueues"),
    "tasks-instance-get": get(TASK + "/{pending}"),
    "tasks-list-get-example-2-example-2": get("{home}/Workers"),  # it shows workers, whatever its name
    "tasks-list-post": post(TASK, WorkflowSid="{waiting}"),
    "worker-channels-instance-post": post("{home}/Workers/{carol}/Channels/voice", Capacity="2"),
    "workers-instance-get": get(ALICE),
    "workers-list-get-example-2-example-2": get("{home}/Workers"),
    "workers-list-post": post("{home}/Workers", FriendlyName="Cases Worker", Attributes='{{"type":"cases"}}'),
    "workflows-instance-post": post("{home}/Workflows/{waiting}", **CALLBACKS),
    "workflows-list-post": post(
        "{home}/Workflows", FriendlyName="SalesMarketing", Configuration="{inbound_rules}", **CALLBACKS
    ),
    "workspaces-instance-post": post("{spare}", PrioritizeQueueOrder="FIFO"),
    "workspaces-list-post": post("/v1/Workspaces", FriendlyName="MyWorkspace", Template="FIFO"),
}

RECORDED_ERRORS = {
    "20001-complete-task-not-assigned": post(TASK + "/{pending}", AssignmentStatus="completed", Reason="resolved"),
    "20001-queue-name-taken": post("{support}/TaskQueues", FriendlyName="Chat Queue Testing"),
    "20003-no-credentials": get("/v1/Workspaces", "FriendlyName=Twilio+Workspace", Authorization=""),
    "20404-empty-workspace-sid": REST["rails2017-post-workspaces-missing-sid-taskqueues-404"],
    "cancel-task-not-pending": post(TASK + "/{assigned}", AssignmentStatus="canceled"),
}

EVENTS_LOG = {"api-snippets-events": get("{single}/Events")}

RECORDED_STATISTICS = {
    "api-snippets-statistics-taskqueue": get("{home}/TaskQueues/{crew}/Statistics", SPLIT),
    "api-snippets-statistics-taskqueue-cumulative": STATISTICS["task_queue_cumulative_statistics.fetch"],
    "api-snippets-statistics-taskqueue-realtime": STATISTICS["task_queue_real_time_statistics.fetch"],
    "api-snippets-statistics-workspace": get("{home}/Statistics", SPLIT),
    "api-snippets-statistics-workspace-cumulative": STATISTICS["workspace_cumulative_statistics.fetch"],
    "api-snippets-statistics-workspace-realtime": STATISTICS["workspace_real_time_statistics.fetch"],
    "workspace-statistics-realtime-2023": STATISTICS["workspace_statistics.fetch"],
}

# Callbacks of years whose sets of parameters are not today's: which of our events stands beside them.
OLD_CALLBACKS = {
    "reservation.accepted--2018": "EventType=reservation.accepted",
    "task-queue.created--2023-flex": "EventType=task-queue.created",
    "task-queue.entered--2018": "EventType=task-queue.entered",
    "task.completed--2018": "EventType=task.completed&TaskSid={completed}",
    "worker.activity.update--2018": "EventType=worker.activity.update",
    "worker.deleted--2018": "EventType=worker.deleted",
    "workflow.target-matched--2018": "EventType=workflow.target-matched",
}
# A file of sets alone: an application's lists of the parameters that it requires, by what it calls the events.
FIELD_SETS = "field-set-worker-and-reservation-events--2025-types-only"
FIELD_SET_EVENTS = {
    "worker.activity.update": "EventType=worker.activity.update",
    "reservation.*": "EventType=reservation.created",
}
