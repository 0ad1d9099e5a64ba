"""A workspace of its own for each case, set up over REST, and workers in it by the SDK."""

from __future__ import annotations

from typing import Any

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant

from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import Raw
from tests.acceptance.worker_sdk.servants import Servant


class Desk:
    """Two workers, alice and bob, both offline; `alice` is at her page after `start`."""

    made = 0

    def __init__(self, server: Pointsman, servant: Servant, options: dict[str, Any], key: dict[str, Any]) -> None:
        self.server, self.servant, self.options, self._key = server, servant, options, key
        self.raw = Raw(server)
        Desk.made += 1
        self.number = Desk.made
        self.move_in()

    def move_in(self, **values: str) -> None:
        """Into a new workspace."""
        made = self.post("/v1/Workspaces", FriendlyName=f"Desk {self.number}", Template="FIFO", **values)
        self.workspace: str = made["sid"]
        self.path = f"/v1/Workspaces/{self.workspace}"
        self.activities = {each["friendly_name"]: each["sid"] for each in self.get("Activities")["activities"]}
        self.workflow: str = self.get("Workflows")["workflows"][0]["sid"]
        self.queue: str = self.get("TaskQueues")["task_queues"][0]["sid"]
        self.workers = {name: self.create("Workers", FriendlyName=name)["sid"] for name in ("alice", "bob")}

    # --- REST -----------------------------------------------------------------------------------------------------

    def post(self, path: str, **form: Any) -> dict[str, Any]:
        return dict(self._check(self.raw.send("POST", path, **{name: str(value) for name, value in form.items()})))

    def create(self, path: str, **form: Any) -> dict[str, Any]:
        return self.post(f"{self.path}/{path}", **form)

    update = create

    def get(self, path: str) -> dict[str, Any]:
        return dict(self._check(self.raw.ask("GET", f"{self.path}/{path}")))

    def delete(self, path: str) -> None:
        answer = self.raw.ask("DELETE", f"{self.path}/{path}")
        assert answer.status == 204, answer

    @staticmethod
    def _check(answer: Any) -> Any:
        assert answer.status in (200, 201), answer.body
        return answer.json

    # --- the SDK --------------------------------------------------------------------------------------------------

    def token(self, worker: str | None, role: str = "worker", ttl: int = 3_600) -> str:
        token = AccessToken(self.server.account, self._key["sid"], self._key["secret"], identity="who", ttl=ttl)
        token.add_grant(
            TaskRouterGrant(
                workspace_sid=self.workspace, worker_sid=self.workers[worker] if worker else None, role=role
            )
        )
        return str(token.to_jwt())

    def name(self, who: str) -> str:
        """Clients of all cases live in one servant."""
        return f"{who}{self.number}"

    def start(self, who: str = "alice", kind: str = "Worker", **options: Any) -> str:
        """A worker's client, ready; its name."""
        name = self.name(who)
        role = "supervisor" if kind == "Supervisor" else "worker"
        self.servant.make(name, kind, self.token(who, role), {**self.options, **options})
        self.servant.wait(name, "ready")
        return name

    def workspace_client(self) -> str:
        name = self.name("admin")
        self.servant.make(name, "Workspace", self.token(None, "admin"), self.options)
        return name

    def go(self, name: str, activity: str, **options: Any) -> None:
        self.servant.call(f"{name}/activities/{activity}", "setAsCurrent", *([options] if options else []))

    def available(self, who: str = "alice", activity: str = "Available", **options: Any) -> str:
        name = self.start(who, **options)
        since = self.servant.mark()
        self.go(name, activity)
        self.servant.wait(name, "activityUpdated", since)
        return name

    def offer(self, name: str, **task: Any) -> str:
        """A task that is offered to a worker; the path of the reservation."""
        since = self.servant.mark()
        self.create("Tasks", WorkflowSid=self.workflow, **task)
        return self.offered(name, since)

    def offered(self, name: str, since: int) -> str:
        return f"{name}/reservations/{self.servant.wait(name, 'reservationCreated', since).value['sid']}"

    def accepted(self, name: str, **task: Any) -> str:
        reservation = self.offer(name, **task)
        since = self.servant.mark()
        self.servant.call(reservation, "accept")
        self.servant.wait(reservation, "accepted", since)
        self.servant.wait(f"{reservation}/task", "updated", since)
        return reservation

    def capacity(self, who: str, capacity: int) -> None:
        self.update(f"Workers/{self.workers[who]}/Channels/default", Capacity=capacity)

    def sid(self, reservation: str) -> str:
        return str(self.servant.look(f"{reservation}/task")["sid"])
