"""What is posted to the console: every route that takes a form, by the pages' declarations, so also each new one."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from pointsman.console.pages import SECTIONS
from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.test_sessions import make_key
from tests.acceptance.raw import FORM, Answer, Raw
from tests.acceptance.scene import Scene, Sink, eventually

POSTS = sorted(route.path for section in SECTIONS for route in section.routes if route.post)
# These change nothing: they ask, or they end the session of whoever sends them.
QUESTIONS = {
    "/workspaces/{workspace}/task-queues/matches",
    "/workspaces/{workspace}/workflows/check",
    "/workspaces/{workspace}/workflows/trial",
    "/workspaces/{workspace}/workflows/{sid}/moves",
}
LEAVING = {"/sign-out", "/workspaces/{workspace}/desk/{worker}/leave"}

REFUSALS = ("its role is viewer", "An API key can't manage")


class Session(NamedTuple):
    cookie: str
    csrf: str  # the token of its forms


class Posts(NamedTuple):
    """A workspace in which each form could bring something about. `sids` are by the name that a path has for them, and
    those of `{sid}` by the segment before it."""

    scene: Scene
    sids: dict[str, str]
    own: Session
    other: Session  # also the account's own
    viewer: Session

    def path(self, route: str) -> str:
        def named(found: re.Match[str]) -> str:
            before, name = found[1], found[2]
            return f"{before}/{self.sids[before if name == 'sid' else name]}"

        return "/console" + re.sub(r"([\w-]+)/\{(\w+)\}", named, route)

    @property
    def form(self) -> dict[str, str]:
        """Enough for each of them: what a form does not know, it leaves."""
        return {
            "FriendlyName": "Changed",
            "UniqueName": "changed",
            "Attributes": '{"changed":true}',
            "ActivitySid": self.scene.unavailable,
            "Capacity": "7",
            "Priority": "7",
            "To": self.sids["task-queues"],
            "Reason": "changed",
            "TargetWorkers": "1==2",
            "Url": self.scene.event_url,
            "ReplayFrom": "1",
            "Name": self.scene.name,
        }

    def was(self, route: str, session: Session) -> dict[str, str]:
        """What a form says of how things were when it was opened."""
        page = Raw(self.scene.server).ask("GET", self.path(route), headers=as_page(session)).body.decode()
        found = re.findall(r'name="(was:\w+)" value="([^"]*)"', page)
        return {"was:Capacity": "1"} | {name: html.unescape(value) for name, value in found}

    def send(self, route: str, cookie: str, form: dict[str, str], **headers: str) -> Answer:
        body = urlencode(self.form | form).encode()
        return Raw(self.scene.server).ask("POST", self.path(route), body, FORM | {"Cookie": cookie} | headers)

    def everything(self) -> tuple[int, ...]:
        """What grows, or falls, with whatever the forms bring about."""
        raw, account = self.scene.raw, self.scene.server.account
        lists = (
            raw.ask("GET", f"/2010-04-01/Accounts/{account}/Keys.json").json["keys"],
            raw.ask("GET", "/2010-04-01/Accounts.json").json["accounts"],
            raw.ask("GET", "/v1/Workspaces").json["workspaces"],
            self.scene.log(),
        )
        return tuple(len(each) for each in lists)


@pytest.fixture(scope="module")
def posts(server: Pointsman) -> Iterator[Posts]:
    with Sink().open() as sink:
        scene = Scene(server, sink, "Posts", MultiTaskEnabled="true")
        queue = scene.queue("Everybody", TargetWorkers="1==1")
        flow = scene.workflow(default=queue)
        worker = scene.worker("Alice")
        task = scene.task()
        held = scene.accepted(task)
        transfer = scene.ask("POST", f"/v2/Workspaces/{scene.sid}/Workers/{worker}/Transfers", TaskSid=task,
                             ReservationSid=held["sid"], To=queue, Mode="WARM").json  # fmt: skip
        key = make_key(server, "viewer")
        sids = {
            "workspace": scene.sid,
            "task": task,
            "reservation": held["sid"],
            "transfer": transfer["sid"],
            "worker": worker,
            "channel": scene.get(f"/Workers/{worker}/Channels")["channels"][0]["sid"],
            "task-queues": queue,
            "workflows": flow,
            "activities": scene.unavailable,
            "task-channels": scene.get("/TaskChannels")["channels"][0]["sid"],
            "deliveries": eventually(lambda: next(iter(scene.get("/Deliveries")["deliveries"]), None))["sid"],
            "keys": key[0],
            "accounts": server.account,
        }
        own, other = (sign_in(server, server.account, server.token) for _ in range(2))
        yield Posts(scene, sids, own, other, sign_in(server, *key))


def sign_in(server: Pointsman, user: str, secret: str) -> Session:
    body = urlencode({"user": user, "password": secret}).encode()
    cookie = Raw(server).ask("POST", "/console/sign-in", body, FORM).headers["set-cookie"].partition(";")[0]
    page = Raw(server).ask("GET", "/console/", headers=as_page(Session(cookie, ""))).body
    found = re.search(rb'name="csrf" content="([0-9a-f]{64})"', page)
    assert found is not None
    return Session(cookie, found[1].decode())


def as_page(session: Session) -> dict[str, str]:
    return {"Cookie": session.cookie, "Accept": "text/html"}


@pytest.mark.parametrize("route", POSTS)
def test_no_form_is_taken_that_is_not_of_the_session_itself(posts: Posts, route: str) -> None:
    before, (cookie, csrf) = posts.everything(), posts.own
    good = {"csrf": csrf}
    assert posts.send(route, cookie, {}).status == 403
    assert posts.send(route, cookie, {"csrf": "0" * 64}).status == 403
    assert posts.send(route, cookie, {"csrf": posts.other.csrf}).status == 403
    assert posts.send(route, cookie, good, Origin="http://evil.example").status == 403
    assert posts.send(route, cookie, good, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert posts.send(route, "", good).status == 401
    of_a_page = {"HX-Request": "true", "X-CSRF-Token": posts.other.csrf}
    assert posts.send(route, cookie, {}, **of_a_page).status == 401, "it hears that its session has ended"
    assert posts.everything() == before


@pytest.mark.parametrize("route", sorted(set(POSTS) - QUESTIONS - LEAVING))
def test_who_may_only_look_changes_nothing_by_any_form(posts: Posts, route: str) -> None:
    before, (cookie, csrf) = posts.everything(), posts.viewer
    answer = posts.send(route, cookie, {"csrf": csrf} | posts.was(route, posts.viewer))
    assert answer.status in (403, 422), answer.headers
    assert any(words in html.unescape(answer.body.decode()) for words in REFUSALS), "it is refused for something else"
    assert posts.everything() == before
