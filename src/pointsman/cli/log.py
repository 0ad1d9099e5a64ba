"""What the commands that read the event log share: how its events are chosen."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated, NamedTuple

import typer

from pointsman.cli.client import Client, NoAnswer
from pointsman.cli.names import checked, find_named
from pointsman.resources import TASK_QUEUE, WORKER, WORKFLOW, Resource
from pointsman.resources.log import EVENT_PARAMETERS, HEARTBEAT_S_DEFAULT, SEQUENCE_MAX
from pointsman.resources.types import SidOf

SILENCE_S = 3.0 * HEARTBEAT_S_DEFAULT  # of a stream: then its server is gone
_DOC = {parameter.name: parameter.doc for parameter in EVENT_PARAMETERS}

After = Annotated[
    int | None,
    typer.Option(
        metavar="SEQUENCE", min=0, max=SEQUENCE_MAX, help="What followed the event with this number. 0: all there is."
    ),
]
Type = Annotated[
    str | None, typer.Option("--type", help="Of this type, such as task.created; or of several, with commas.")
]
OfReservation = Annotated[str | None, typer.Option("--reservation", metavar="WR…", help=_DOC["reservation_sid"])]
OfWorker = Annotated[str | None, typer.Option("--worker", metavar="NAME|WK…", help=_DOC["worker_sid"])]
Queue = Annotated[str | None, typer.Option("--queue", metavar="NAME|WQ…", help=_DOC["task_queue_sid"])]
Workflow = Annotated[str | None, typer.Option("--workflow", metavar="NAME|WW…", help=_DOC["workflow_sid"])]
Channel = Annotated[str | None, typer.Option("--channel", metavar="NAME|TC…", help=_DOC["task_channel"])]
_NAMED: tuple[tuple[str, Resource], ...] = (("worker", WORKER), ("queue", TASK_QUEUE), ("workflow", WORKFLOW))
_PARAMETERS = {"worker": "WorkerSid", "queue": "TaskQueueSid", "workflow": "WorkflowSid"}


async def newest(client: Client, path: str) -> int:
    """The sequence number of a workspace's newest event: what a stream says before anything else. Raises: `Failed`."""
    async with aclosing(client.lines(f"{path}/EventStream", {}, silence_s=SILENCE_S)) as lines:
        async for line in lines:
            return int(line["sequence"])
    raise NoAnswer(f"The server at {client.server.url} broke off")


class Filters(NamedTuple):
    """The options that say which events, as they were given."""

    event_type: str | None
    task: str | None
    reservation: str | None
    worker: str | None
    queue: str | None
    workflow: str | None
    channel: str | None

    def checked(self) -> dict[str, str]:
        """Those that need no server, as the API takes them. Raises: `typer.BadParameter`."""
        query: dict[str, str] = {}
        if self.event_type:
            query["EventType"] = ",".join(word.strip() for word in self.event_type.split(",") if word.strip())
        if self.task:
            query["TaskSid"] = checked(SidOf("WT"), self.task, "--task")
        if self.reservation:
            query["ReservationSid"] = checked(SidOf("WR"), self.reservation, "--reservation")
        return query

    async def query(self, client: Client, path: str) -> dict[str, str]:
        """All of them. Raises: `Failed`."""
        query = self.checked()
        for name, resource in _NAMED:
            if wanted := getattr(self, name):
                query[_PARAMETERS[name]] = (await find_named(client, path, resource, wanted))["sid"]
        if self.channel:
            query["TaskChannel"] = self.channel
        return query
