"""The parts of the quickstart: finding what is there by name, checking that it fits, and creating the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pointsman.cli.client import Client, Failed, Row, one_line
from pointsman.resources import ACTIVITY, TASK_QUEUE, WORKER, WORKFLOW, Resource

ALICE, BOB = "Alice", "Bob"
WORKERS = {ALICE: {"languages": ["en", "es"]}, BOB: {"languages": ["en"]}}
QUEUES = {
    "Customer Care Requests - Spanish": 'languages HAS "es"',
    "Customer Care Requests - English": 'languages HAS "en"',
}
FLOW = "Incoming Customer Care Requests"
FILTERS = {  # expression: queue
    'selected_language == "en"': "Customer Care Requests - English",
    'selected_language == "es"': "Customer Care Requests - Spanish",
}
RESERVATION_TIMEOUT_S = 1200
WRAP_UP = "WrapUp"
SINGLE_TASKING = {"reservation_activity": "Reserved", "assignment_activity": "Busy"}  # of the queues

Tell = Callable[[str, str, str, str], None]  # what came of it, the kind of thing, its name, more


class Wish(NamedTuple):
    workspace_name: str
    callback_url: str | None
    single_tasking: bool


class Made(NamedTuple):
    """Sids, by name."""

    workspace: str
    workflow: str
    workers: dict[str, str]
    activities: dict[str, str]
    callback_url: str


async def set_up(client: Client, wish: Wish, tell: Tell) -> Made:
    """Raises: `Failed`; if what is there does not fit, before anything is created."""
    parts = _Parts(client, tell)
    await parts.find(wish)
    path = await parts.make_workspace(wish)
    activities = {WRAP_UP: await parts.make(ACTIVITY, WRAP_UP, {"Available": "false"})}
    queue_form: dict[str, str] = {}
    for field, name in SINGLE_TASKING.items() if wish.single_tasking else ():
        activities[name] = await parts.make(ACTIVITY, name, {"Available": "false"})
        queue_form["ReservationActivitySid" if "reservation" in field else "AssignmentActivitySid"] = activities[name]
    workers = {
        name: await parts.make(WORKER, name, {"Attributes": json.dumps(attributes, separators=(",", ":"))})
        for name, attributes in WORKERS.items()
    }
    queues = {
        name: await parts.make(TASK_QUEUE, name, {"TargetWorkers": expression, **queue_form})
        for name, expression in QUEUES.items()
    }
    workflow = await parts.make_workflow(wish, queues)
    url = workflow["assignment_callback_url"] or ""
    return Made(path.rpartition("/")[2], workflow["sid"], workers, activities, url)


class _Parts:
    """What is there, by resource and name; and how the rest is made."""

    def __init__(self, client: Client, tell: Tell) -> None:
        self._client, self._tell = client, tell
        self._workspace: Row | None = None
        self._there: dict[tuple[str, str], Row] = {}
        self._path = ""

    async def find(self, wish: Wish) -> None:
        """Raises: `Failed`, if something that is there is not what the quickstart needs."""
        name = wish.workspace_name
        found = await self._client.rows("/Workspaces", {"FriendlyName": name}, limit=2)
        if len(found) > 1:
            raise Failed(f"Several workspaces are named {one_line(name)!r}: choose another with --workspace-name")
        if not found:
            return
        self._workspace = found[0]
        self._path = f"/Workspaces/{found[0]['sid']}"
        for resource, names in (
            (ACTIVITY, [WRAP_UP, *SINGLE_TASKING.values()]),
            (WORKER, [*WORKERS]),
            (TASK_QUEUE, [*QUEUES]),
            (WORKFLOW, [FLOW]),
        ):
            for each in names:
                rows = await self._client.rows(f"{self._path}/{resource.path}", {"FriendlyName": each}, limit=1)
                if rows:
                    self._there[(resource.name, each)] = rows[0]
        problems = [*differences(self._workspace, self._there, wish)]
        if problems:
            raise Failed(
                f"The workspace {one_line(name)!r} is there, but {'; '.join(problems)}. "
                "Choose another name with --workspace-name"
            )

    async def make_workspace(self, wish: Wish) -> str:
        kind = "single-tasking workspace" if wish.single_tasking else "workspace"
        what = "found" if self._workspace else "created"
        if self._workspace is None:
            form = {
                "FriendlyName": wish.workspace_name,
                "MultiTaskEnabled": "false" if wish.single_tasking else "true",
            }
            self._workspace = await self._client.post("/Workspaces", form)
            self._path = f"/Workspaces/{self._workspace['sid']}"
            for row in await self._client.rows(f"{self._path}/{ACTIVITY.path}"):  # it comes with some
                self._there[(ACTIVITY.name, row["friendly_name"])] = row
        self._tell(what, kind, wish.workspace_name, self._workspace["sid"])
        return self._path

    async def make(self, resource: Resource, name: str, form: dict[str, str]) -> str:
        row = self._there.get((resource.name, name))
        what = "found" if row else "created"
        if row is None:
            row = await self._client.post(f"{self._path}/{resource.path}", {"FriendlyName": name, **form})
        self._tell(what, resource.name.replace("_", " "), name, row["sid"])
        return str(row["sid"])

    async def make_workflow(self, wish: Wish, queues: dict[str, str]) -> Row:
        row = self._there.get((WORKFLOW.name, FLOW))
        url = wish.callback_url
        if row is not None and url is not None and url != row["assignment_callback_url"]:
            before = row["assignment_callback_url"] or "nobody"
            row = await self._client.post(f"{self._path}/Workflows/{row['sid']}", {"AssignmentCallbackUrl": url})
            self._tell("updated", "workflow", FLOW, f"{row['sid']}  now calls {url}, before {before}")
            return row
        what = "found" if row else "created"
        if row is None:
            form = {
                "FriendlyName": FLOW,
                "Configuration": configuration(queues),
                "TaskReservationTimeout": str(RESERVATION_TIMEOUT_S),
                **({"AssignmentCallbackUrl": url} if url else {}),
            }
            row = await self._client.post(f"{self._path}/Workflows", form)
        calls = f"  calls {row['assignment_callback_url']}" if row["assignment_callback_url"] else ""
        self._tell(what, "workflow", FLOW, f"{row['sid']}{calls}")
        return row


def configuration(queues: dict[str, str]) -> str:
    filters = [
        {"filter_friendly_name": name, "expression": expression, "targets": [{"queue": queues[name]}]}
        for expression, name in FILTERS.items()
    ]
    return json.dumps({"task_routing": {"filters": filters}})


# --- does it fit? -------------------------------------------------------------------------------------------------


def differences(workspace: Row, there: dict[tuple[str, str], Row], wish: Wish) -> Iterator[str]:
    """What the journey could not bear. What people may have added or tuned since is their own business."""
    if workspace["multi_task_enabled"] and wish.single_tasking:
        yield "it is multitasking, and that can't be turned off again"
    if not workspace["multi_task_enabled"] and not wish.single_tasking:
        yield "it is single-tasking (--single-tasking was not given)"
    for name in [WRAP_UP, *SINGLE_TASKING.values()]:
        activity = there.get((ACTIVITY.name, name))
        if activity and activity["available"]:
            yield f"its activity {name} is an available one"
    for name, attributes in WORKERS.items():
        worker = there.get((WORKER.name, name))
        if worker and json.loads(worker["attributes"]).get("languages") != attributes["languages"]:
            yield f"its worker {name} has other languages"
    for name, expression in QUEUES.items():
        queue = there.get((TASK_QUEUE.name, name))
        if queue and not _alike(queue["target_workers"], expression):
            yield f"its queue {name} has another expression"
        wanted = SINGLE_TASKING if wish.single_tasking else {}
        if queue and any(queue[f"{field}_name"] != activity for field, activity in wanted.items()):
            yield f"its queue {name} has other activities than {' and '.join(SINGLE_TASKING.values())}"
    workflow = there.get((WORKFLOW.name, FLOW))
    if workflow and not _routes(workflow, there):
        yield f"its workflow {FLOW} has other filters"


def _routes(workflow: Row, there: dict[tuple[str, str], Row]) -> bool:
    """Whether each of our expressions leads to its queue first. A queue that is missing can't be led to."""
    document: Any = json.loads(workflow["configuration"])
    filters = document.get("task_routing", {}).get("filters") or []
    for expression, name in FILTERS.items():
        queue = there.get((TASK_QUEUE.name, name))
        targets = [each.get("targets") for each in filters if _alike(each.get("expression"), expression)]
        if queue is None or not targets or not targets[0] or targets[0][0].get("queue") != queue["sid"]:
            return False
    return True


def _alike(expression: object, ours: str) -> bool:
    """But for blanks and the kind of quotes."""
    text = "".join(str(expression or "").split()).replace("'", '"')
    return text == "".join(ours.split())
