"""Long lists, in every order, forth and back, while what they list changes."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from pointsman.operations.lists import LOOK_ROWS
from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import FORM, Raw

pytestmark = pytest.mark.acceptance
WORKERS = 2 * LOOK_ROWS + 300
Row = dict[str, Any]


class Api:
    def __init__(self, server: Pointsman) -> None:
        self.server, self._raw = server, Raw(server)
        self.base = "/v1/Workspaces"
        self.base += f"/{self.post('', FriendlyName='Lists')['sid']}"
        self.activities = {each["friendly_name"]: each["sid"] for each in self.all("/Activities")}

    def post(self, path: str, **form: str) -> Row:
        status, _, body = self._raw.ask("POST", self.base + path, urlencode(form).encode(), FORM)
        assert status in (200, 201), body
        answer: Row = json.loads(body)
        return answer

    def delete(self, path: str) -> None:
        assert self._raw.ask("DELETE", self.base + path)[0] == 204

    def page(self, target: str, **query: str) -> Row:
        """By a path, or by the address of a page."""
        parts = urlsplit(target)
        path = f"{parts.path}?{parts.query}" if parts.netloc else f"{self.base}{target}?{urlencode(query)}"
        status, _, body = self._raw.ask("GET", path)
        assert status == 200, body
        answer: Row = json.loads(body)
        return answer

    def forth(self, path: str, **query: str) -> list[list[Row]]:
        """Every page of a list, and then back again, which must show the same."""
        pages = [self.page(path, **query)]
        while following := pages[-1]["meta"]["next_page_url"]:
            pages.append(self.page(following))
        key = pages[0]["meta"]["key"]
        back = [pages[-1]]
        while before := back[-1]["meta"]["previous_page_url"]:
            back.append(self.page(before))
        sids = [[row["sid"] for row in page[key]] for page in pages]
        assert [[row["sid"] for row in page[key]] for page in reversed(back)] == sids
        return [page[key] for page in pages]

    def all(self, path: str, **query: str) -> list[Row]:
        return [row for rows in self.forth(path, **query) for row in rows]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    server = Pointsman(tmp_path_factory.mktemp("lists"))
    server.start()
    yield Api(server)
    server.close()


@pytest.fixture(scope="module")
def workers(api: Api) -> list[Row]:
    """More than one look of a list takes; the level of the n-th is n."""
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(
            lambda n: api.post("/Workers", FriendlyName=f"worker {n}", Attributes=f'{{"level":{n}}}'), range(WORKERS)
        )
        list(made)
    return api.all("/Workers", PageSize="1000")


def level(row: Row) -> int:
    return int(json.loads(row["attributes"])["level"])


def test_an_expression_finds_its_rows_beyond_the_first_look(api: Api, workers: list[Row]) -> None:
    """The rows of a page may be far apart, or all at the end."""
    wanted = [row["sid"] for row in workers if level(row) >= WORKERS - 9]
    found = api.forth("/Workers", TargetWorkersExpression=f"level >= {WORKERS - 9}", PageSize="4")
    assert [[row["sid"] for row in page] for page in found] == [wanted[:4], wanted[4:8], wanted[8:]]
    assert api.all("/Workers", TargetWorkersExpression="level < 0") == []
    in_order = api.all("/Workers", TargetWorkersExpression="level IN [3, 1700, 2299]", PageSize="1")
    assert sorted(map(level, in_order)) == [3, 1700, 2299]


def test_a_part_of_a_name_finds_its_workers(api: Api, workers: list[Row]) -> None:
    pages = api.forth("/Workers", FriendlyNameContains="KER 22", PageSize="50")
    assert [len(page) for page in pages] == [50, 50, 11]
    assert all("worker 22" in row["friendly_name"] for page in pages for row in page)


def test_a_queue_and_its_expression_find_the_same(api: Api, workers: list[Row]) -> None:
    """[routing 1.6, oai + docs: task-queue]"""
    queue = api.post("/TaskQueues", FriendlyName="high", TargetWorkers="level > 1500")
    wanted = [row["sid"] for row in workers if level(row) > 1500]
    for filter_ in (
        {"TaskQueueSid": queue["sid"]},
        {"TaskQueueName": "high"},
        {"TargetWorkersExpression": "level > 1500"},
    ):
        assert [row["sid"] for row in api.all("/Workers", PageSize="600", **filter_)] == wanted
    assert [q["sid"] for q in api.all("/TaskQueues", WorkerSid=wanted[0])] == [queue["sid"]]
    assert [q["sid"] for q in api.all("/TaskQueues", EvaluateWorkerAttributes='{"level": 1501}')] == [queue["sid"]]
    assert api.all("/TaskQueues", EvaluateWorkerAttributes='{"level": 1500}') == []
    assert api.all("/Workers", TaskQueueName="High") == [], "names of queues are compared with case"


def test_an_order_holds_while_rows_move_and_go(api: Api, workers: list[Row]) -> None:
    """What did not change meanwhile is seen once, though the last row of the page has moved, then gone."""
    moved = [workers[n]["sid"] for n in (5, 1100, 2200, 7, 8, 9, 10)]
    for sid in moved:
        api.post(f"/Workers/{sid}", ActivitySid=api.activities["Unavailable"])
        time.sleep(0.002)  # two within a millisecond stand in order of their numbers
    first = api.page("/Workers", Ordering="DateStatusChanged:desc", PageSize="3")
    assert [row["sid"] for row in first["workers"]] == moved[::-1][:3]
    api.post(f"/Workers/{moved[4]}", ActivitySid=api.activities["Available"])
    api.delete(f"/Workers/{moved[5]}")
    second = api.page(first["meta"]["next_page_url"])
    assert [row["sid"] for row in second["workers"]] == moved[::-1][3:6]
    back = api.page(second["meta"]["previous_page_url"])
    assert [row["sid"] for row in back["workers"]] == [moved[4], moved[6]]
    oldest = api.page("/Workers", Ordering="DateStatusChanged:asc", PageSize="1")["workers"]
    assert [row["sid"] for row in oldest] == [workers[0]["sid"]]


def test_a_workers_channels_in_pages_while_one_of_them_changes(api: Api, workers: list[Row]) -> None:
    """One that changes becomes a row, and keeps its sid and its place."""
    path = f"/Workers/{workers[0]['sid']}/Channels"
    before = [row["sid"] for page in api.forth(path, PageSize="2") for row in page]
    first = api.page(path, PageSize="2")
    for sid in before:
        api.post(f"{path}/{sid}", Capacity="3")
    following = api.page(first["meta"]["next_page_url"])
    assert [row["sid"] for page in (first, following) for row in page["channels"]] == before[:4]
    after = [row for page in api.forth(path, PageSize="2") for row in page]
    assert [(row["sid"], row["configured_capacity"]) for row in after] == [(sid, 3) for sid in before]
    assert len(before) >= 5


def test_tasks_in_every_order_live_and_ended(api: Api) -> None:
    queue = api.post("/TaskQueues", FriendlyName="nobody", TargetWorkers="")["sid"]
    chance = random.Random(7)
    made: list[Row] = []
    for n in range(40):
        start = f"2026-01-01T00:00:{chance.randrange(10):02}Z"
        made.append(
            api.post(
                "/Tasks",
                TaskQueueSid=queue,
                Priority=str(chance.randrange(4)),
                VirtualStartTime=start,
                Attributes=f'{{"n":{n}}}',
            )
        )
    for n in chance.sample(range(40), 12):
        made[n] = api.post(f"/Tasks/{made[n]['sid']}", AssignmentStatus="canceled")
    status = {each["sid"]: each["assignment_status"] for each in made}
    keys = {
        "": lambda n: n,
        "DateCreated:desc": lambda n: -n,
        "Priority:desc": lambda n: (-made[n]["priority"], n),
        "Priority:asc,DateCreated:desc": lambda n: (made[n]["priority"], -n),
        "VirtualStartTime:asc,Priority:desc": lambda n: (made[n]["virtual_start_time"], -made[n]["priority"], n),
        "VirtualStartTime:desc": lambda n: ([-ord(c) for c in made[n]["virtual_start_time"]], n),
    }
    for ordering, key in keys.items():
        query = {"Ordering": ordering} if ordering else {}
        wanted = [made[n]["sid"] for n in sorted(range(40), key=key)]
        assert [row["sid"] for row in api.all("/Tasks", PageSize="7", **query)] == wanted, ordering
        for statuses in ("pending", "canceled", "canceled,completed", "pending,canceled"):
            some = [sid for sid in wanted if status[sid] in statuses.split(",")]
            found = api.all("/Tasks", PageSize="5", AssignmentStatus=statuses, **query)
            assert [row["sid"] for row in found] == some, (ordering, statuses)
        late = [made[n]["sid"] for n in sorted(range(40), key=key) if n > 9]
        for filter_ in (
            {"EvaluateTaskAttributes": "n > 9"},
            {"EvaluateTaskAttributes": "n > 9", "TaskQueueSid": queue},
        ):
            found = api.all("/Tasks", PageSize="20", **filter_, **query)
            assert [row["sid"] for row in found] == late, (ordering, filter_)


def test_tasks_of_a_queue_or_workflow(api: Api) -> None:
    """Live and ended, newest first too; a name is compared with case."""
    queues = [api.post("/TaskQueues", FriendlyName=name, TargetWorkers="")["sid"] for name in ("left", "right")]
    rules = [json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue}}}) for queue in queues]
    flows = [
        api.post("/Workflows", FriendlyName=f"to {queue}", Configuration=made)["sid"]
        for queue, made in zip(queues, rules, strict=True)
    ]
    made = [api.post("/Tasks", WorkflowSid=flows[n % 2], Attributes="{}")["sid"] for n in range(14)]
    for ended in made[2:6]:
        api.post(f"/Tasks/{ended}", AssignmentStatus="canceled")
    wanted = made[::2]
    for name, value in (
        ("TaskQueueSid", queues[0]),
        ("TaskQueueName", "left"),
        ("WorkflowSid", flows[0]),
        ("WorkflowName", f"to {queues[0]}"),
    ):
        assert [row["sid"] for row in api.all("/Tasks", PageSize="3", **{name: value})] == wanted
        newest = api.all("/Tasks", PageSize="3", Ordering="DateCreated:desc", **{name: value})
        assert [row["sid"] for row in newest] == wanted[::-1]
    assert api.all("/Tasks", TaskQueueName="Left") == []
    assert api.all("/Tasks", WorkflowSid=queues[0].replace("WQ", "WW")) == []


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("/Workers", {"Ordering": "Level:asc"}, "Invalid Ordering 'Level:asc'"),
        ("/Workers", {"TargetWorkersExpression": "level >"}, "Invalid TargetWorkersExpression"),
        ("/Workers", {"TargetWorkersExpression": "level > 1 &" + " " * 2_000}, "column 11"),
        ("/Workers", {"ActivitySid": "WKnone"}, "Invalid ActivitySid"),
        ("/Tasks", {"Ordering": "DateCreated:asc,VirtualStartTime:asc"}, "not DateCreated with VirtualStartTime"),
        ("/Tasks", {"EvaluateTaskAttributes": "a == "}, "Invalid EvaluateTaskAttributes"),
        ("/Tasks", {"AssignmentStatus": "pending,lost"}, "Invalid AssignmentStatus 'lost'"),
        ("/Tasks", {"Priority": "high"}, "Invalid Priority"),
        ("/TaskQueues", {"EvaluateWorkerAttributes": "[1]"}, "Invalid EvaluateWorkerAttributes"),
        ("/TaskQueues", {"WorkerSid": "WA" + "1" * 32}, "Invalid WorkerSid"),
        ("/Tasks", {"Ordering": "Priority:asc", "PageToken": "PAWT" + "1" * 32}, "Invalid PageToken"),
    ],
)
def test_a_filter_that_makes_no_sense_says_why(api: Api, path: str, query: dict[str, str], message: str) -> None:
    status, _, body = api._raw.ask("GET", f"{api.base}{path}?{urlencode(query)}")
    problem = json.loads(body)
    assert (status, problem["code"]) == (400, 20001)
    assert message in problem["message"]


def test_a_token_of_another_list_or_order_is_refused(api: Api, workers: list[Row]) -> None:
    """A page from an arbitrary place would be worse than none."""
    tokens = {
        f"PA{workers[0]['sid']}": ("/Tasks", {}),
        f"PA{workers[1]['sid']}": ("/Workers", {"Ordering": "DateStatusChanged:asc"}),
        f"PA{workers[2]['sid']}_dscd_7": ("/Workers", {"Ordering": "DateStatusChanged:asc"}),
        f"PA{workers[3]['sid']}_dscd_8": ("/Workers", {}),
        f"PA{workers[4]['sid']}_": ("/Events", {}),
    }
    for token, (path, query) in tokens.items():
        status, _, body = api._raw.ask("GET", f"{api.base}{path}?{urlencode({**query, 'PageToken': token})}")
        assert (status, "Invalid PageToken" in json.loads(body)["message"]) == (400, True), token


def test_a_filter_of_blanks_and_commas_is_none(api: Api) -> None:
    everything = [row["sid"] for row in api.all("/Tasks")]
    assert [row["sid"] for row in api.all("/Tasks", AssignmentStatus=" ,")] == everything


def test_events_up_to_a_time_alone_reach_back_to_the_first(api: Api) -> None:
    """rest-api 11.2: the quarter of an hour is for requests without any date."""
    newest = api.page("/Events", EndDate="2100-01-01T00:00:00Z", PageSize="1")
    assert len(newest["events"]) == 1
    assert api.page("/Events", EndDate="2020-01-01T00:00:00Z")["events"] == []
    assert api.page("/Events", EndDate="2100-01-01T00:00:00Z", Minutes="1")["events"] == []


def test_a_costly_expression_is_evaluated_in_small_pieces(api: Api, workers: list[Row]) -> None:
    """Nobody else waits for more than a small part of it, in the server's processor time."""
    server = api.server
    expression = " OR ".join(f't CONTAINS "{n:04}"' for n in range(1_500))
    done = threading.Event()
    waited: list[float] = []

    def ask_little() -> None:
        while not done.is_set():
            before_s = server.worked_s()
            assert api._raw.ask("GET", "/health")[0] == 200
            waited.append(server.worked_s() - before_s)

    beside = threading.Thread(target=ask_little)
    beside.start()
    before_s = server.worked_s()
    try:
        assert api.page("/Workers", TargetWorkersExpression=expression)["workers"] == []
    finally:
        done.set()
        beside.join()
    took = server.worked_s() - before_s
    assert max(waited) < took / 4, f"{max(waited):.2f} s of {took:.2f} s"
