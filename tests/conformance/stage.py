"""A running server with every kind of resource in the states that the samples show."""

from __future__ import annotations

import base64
import http.client
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.acceptance.conftest import Pointsman
from tests.spec import SPEC

NOWHERE = "http://127.0.0.1:9/"  # nobody listens there; what has this URL calls nobody, or may fail to
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Answer(NamedTuple):
    status: int
    body: Any  # None: there was none


class Stage:
    """What was made, by name: `names["alice"]` is the sid of a worker, `names["home"]` the path of a workspace."""

    def __init__(self, server: Pointsman) -> None:
        self.base = server.url
        self._where = urlsplit(server.url)
        token = base64.b64encode(f"{server.account}:{server.token}".encode()).decode()
        self._auth = {"Authorization": f"Basic {token}"}
        now = datetime.now(UTC)
        self.names = {"nowhere": NOWHERE}
        for days, name in enumerate(("yesterday", "today", "tomorrow"), -1):
            self.names[name] = f"{now + timedelta(days=days):%Y-%m-%dT00%%3A00%%3A00Z}"
        self._build_home()
        self._build_tasks()
        self._build_single_tasking()
        self._build_recorded("y2017", MultiTaskEnabled="false")
        self._build_recorded("y2019")
        self._build_others()

    def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; with the account's credentials, unless the headers have others (or an empty one: none)."""
        sent = self._auth | dict(headers or {})
        sent = {name: value for name, value in sent.items() if value}
        content: bytes | None = None
        if form is not None:
            content, sent = urlencode(form).encode(), sent | FORM
        elif body is not None:
            content, sent = json.dumps(body).encode(), sent | {"Content-Type": "application/json"}
        connection = http.client.HTTPConnection(str(self._where.hostname), self._where.port, timeout=20)
        try:
            connection.request(method, path, content, sent)
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        return Answer(reply.status, json.loads(text) if text else None)

    def _do(self, path: str, **form: str) -> Any:
        status, body = self.ask("POST", path, form)
        assert status in (200, 201), (path, form, body)
        return body

    def _make(self, name: str, path: str, **form: str) -> str:
        """Create, and remember the sid under a name."""
        self.names[name] = str(self._do(path, **form)["sid"])
        return self.names[name]

    def _rows(self, path: str, key: str) -> list[Any]:
        status, body = self.ask("GET", path)
        assert status == 200, (path, body)
        return list(body[key])

    def _workspace(self, name: str, **form: str) -> str:
        """A workspace; activities as `<name>_offline` and so on."""
        sid = self._do("/v1/Workspaces", **({"FriendlyName": name} | form))["sid"]
        path = self.names[name] = f"/v1/Workspaces/{sid}"
        for row in self._rows(f"{path}/Activities", "activities"):
            self.names[f"{name}_{row['friendly_name'].lower()}"] = row["sid"]
        return path

    def _workflow(self, name: str, home: str, queue: str, **form: str) -> str:
        named = {"filter_friendly_name": name, "expression": "1==1", "targets": [{"queue": queue}]}
        rules = json.dumps({"task_routing": {"filters": [named], "default_filter": {"queue": queue}}})
        self.names[f"{name}_rules"] = rules
        return self._make(name, f"{home}/Workflows", FriendlyName=name, Configuration=rules, **form)

    # --- one workspace with a bit of everything -------------------------------------------------------------------

    def _build_home(self) -> None:
        home, names = self._workspace("home"), self.names
        for name, available in (("lunch", "false"), ("desk", "true"), ("doomed_activity", "false")):
            self._make(name, f"{home}/Activities", FriendlyName=name, Available=available)
        for name in ("spoken", "doomed_channel"):
            self._make(name, f"{home}/TaskChannels", FriendlyName=name, UniqueName=name)
        (default,) = [row for row in self._rows(f"{home}/TaskChannels", "channels") if row["unique_name"] == "default"]
        names["default_channel"] = default["sid"]
        queues = f"{home}/TaskQueues"
        self._make("crew", queues, FriendlyName="crew", TargetWorkers='team == "crew"')
        self._make("pair", queues, FriendlyName="pair", TargetWorkers='team == "pair"', MaxReservedWorkers="2")
        self._make("quiet", queues, FriendlyName="quiet", TargetWorkers='team == "nobody"')
        self._make("idle", queues, FriendlyName="idle")
        self._make("doomed_queue", queues, FriendlyName="doomed queue")
        both = {"AssignmentActivitySid": names["lunch"], "ReservationActivitySid": names["lunch"]}
        self._make("nobody", queues, FriendlyName="nobody", TargetWorkers='team == "nobody"', **both)
        self._workflow("inbound", home, names["crew"])
        self._workflow("pairing", home, names["pair"])
        self._workflow("waiting", home, names["quiet"], AssignmentCallbackUrl=NOWHERE)
        self._workflow("doomed_workflow", home, names["idle"])
        for name, team, activity in (
            ("alice", "crew", "home_available"),
            ("bob", "pair", "home_available"),
            ("bea", "pair", "home_available"),
            ("carol", "away", "home_offline"),
            ("doomed_worker", "away", "home_offline"),
            ("gone_worker", "away", "home_offline"),
        ):
            attributes = json.dumps({"team": team, "contact_uri": f"client:{name}"})
            sid = names[activity]
            self._make(name, f"{home}/Workers", FriendlyName=name, Attributes=attributes, ActivitySid=sid)
        own = f"{home}/Workers/{names['alice']}/Channels"
        names["alice_channel"] = self._do(f"{own}/default", Capacity="50")["sid"]
        self.ask("DELETE", f"{home}/Workers/{names['gone_worker']}")

    def _build_tasks(self) -> None:
        """Tasks in each state. `x_offer` is the reservation of the task `x`."""
        home, names = self.names["home"], self.names
        tasks = f"{home}/Tasks"
        self._make("pending", tasks, WorkflowSid=names["waiting"])
        self._make("doomed_task", tasks, WorkflowSid=names["waiting"])
        direct = {"RoutingTarget": names["carol"], "IgnoreCapacity": "false"}
        crossed = {"WorkflowSid": names["waiting"], "TaskQueueSid": names["nobody"], **direct}
        self._make("direct", tasks, Priority="1", **crossed)
        self._make("changing", tasks, **crossed)
        self._make("canceled", tasks, **crossed)
        self._do(f"{tasks}/{names['canceled']}", AssignmentStatus="canceled", Reason="Test Reason")
        for name in ("offered", "assigned", "completed", "resolved", "by_task", "by_worker", "answered"):
            self._make(name, tasks, WorkflowSid=names["inbound"])
            (offer,) = self._rows(f"{tasks}/{names[name]}/Reservations", "reservations")
            names[f"{name}_offer"] = offer["sid"]
        for name in ("assigned", "completed", "resolved"):
            self._do(f"{tasks}/{names[name]}/Reservations/{names[f'{name}_offer']}", ReservationStatus="accepted")
        self._do(f"{tasks}/{names['completed']}", AssignmentStatus="completed")
        self._make("contested", tasks, WorkflowSid=names["pairing"])
        offers = [row["sid"] for row in self._rows(f"{tasks}/{names['contested']}/Reservations", "reservations")]
        self._do(f"{tasks}/{names['contested']}/Reservations/{offers[0]}", ReservationStatus="accepted")
        names["rescinded_offer"] = offers[1]

    # --- others ---------------------------------------------------------------------------------------------------

    def _build_single_tasking(self) -> None:
        """Here the engine moves workers between activities by itself, as in the log of 2015."""
        single, names = self._workspace("single", MultiTaskEnabled="false"), self.names
        moves = {"ReservationActivitySid": names["single_reserved"], "AssignmentActivitySid": names["single_busy"]}
        queue = self._make("single_queue", f"{single}/TaskQueues", FriendlyName="Everyone", **moves)
        self._workflow("single_workflow", single, queue)
        self._make("single_worker", f"{single}/Workers", FriendlyName="w", ActivitySid=names["single_idle"])
        self._make("single_task", f"{single}/Tasks")
        events = self._rows(f"{single}/Events", "events")
        moved = [event for event in events if event["event_type"] == "worker.activity.update"]
        names["moved_event"] = moved[0]["sid"]

    def _build_recorded(self, year: str, **form: str) -> None:
        """Where the requests recorded in that year are made again."""
        path, names = self._workspace(year, FriendlyName="Twilio Workspace", **form), self.names
        queue = self._make(f"{year}_queue", f"{path}/TaskQueues", FriendlyName="for the workflow")
        workflow = json.loads((SPEC / f"recorded/rest/django{year[1:]}-post-workflows-201.json").read_text())
        rules = dict(parse_qsl(workflow["request"]["form"]))["Configuration"]
        names[f"{year}_rules"] = re.sub("WQ[0-9a-f]{32}", queue, rules)
        self._workspace(f"gone_{year}")

    def _build_others(self) -> None:
        names = self.names
        self._workspace("spare")
        self._workspace("doomed")
        support = self._workspace("support")
        for name in ("Support", "Chat Queue Testing"):
            self._make("support_queue", f"{support}/TaskQueues", FriendlyName=name)
        self._workflow("support_workflow", support, self.names["support_queue"], AssignmentCallbackUrl=NOWHERE)
        paged = self._workspace("paged")
        for name in ("ana", "bo", "cy"):
            self._make(f"paged_{name}", f"{paged}/Workers", FriendlyName=name)
        names["page_0"] = f"{paged}/Workers?PageSize=1"
        for page in range(2):
            meta = self.ask("GET", names[f"page_{page}"]).body["meta"]
            names[f"page_{page + 1}"] = meta["next_page_url"].removeprefix(self.base)
