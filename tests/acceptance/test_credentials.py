"""Accounts, API keys and tokens of a real server, by the official libraries and by the command line."""

from __future__ import annotations

import base64
import json
import re
import shutil
import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from pointsman import runfile
from tests.acceptance.conftest import Pointsman
from tests.acceptance.test_cli import done, refused, rows, until

pytestmark = pytest.mark.acceptance
NODE = Path(__file__).parent / "node"


def client(server: Pointsman, user: str | None = None, password: str | None = None, account: str | None = None) -> Any:
    """The official client, led to the server."""
    library = Client(user or server.account, password or server.token, account_sid=account)
    for domain in (library.taskrouter, library.api, library.accounts):
        domain.base_url = server.url
    return library


def status(act: Callable[[], Any]) -> tuple[int, int]:
    """(HTTP status, code) of what a library was refused."""
    with pytest.raises(TwilioRestException) as refusal:
        act()
    return refusal.value.status, refusal.value.code


def knock(server: Pointsman, password: str, method: str = "GET") -> tuple[int, dict[str, str], dict[str, Any]]:
    """A plain login: status, headers, body."""
    request = urllib.request.Request(f"{server.url}/v1/Workspaces", method=method)
    token = base64.b64encode(f"{server.account}:{password}".encode()).decode()
    request.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, dict(reply.headers), json.load(reply)
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, dict(problem.headers), json.load(problem)


# --- API keys -----------------------------------------------------------------------------------------------------


def test_a_viewer_looks_and_changes_nothing(pointsman: Pointsman) -> None:
    """Every change is refused with 403 and leaves no trace; what only asks is answered, also by POST."""
    owner = client(pointsman).taskrouter.v1
    workspace = owner.workspaces.create(friendly_name="Home")
    queue = owner.workspaces(workspace.sid).task_queues.create(friendly_name="All")
    events = len(owner.workspaces(workspace.sid).events.list())
    (key,) = json.loads(done(pointsman.command("keys", "create", "Wallboard", "--role", "viewer", "--json")))
    assert key["pointsman"] == {"role": "viewer"}
    assert done(pointsman.command("keys", "list")).endswith("\tviewer\n")

    viewer = client(pointsman, key["sid"], key["secret"], pointsman.account).taskrouter.v1
    home = viewer.workspaces(workspace.sid)
    assert home.fetch().friendly_name == "Home"
    assert [each.sid for each in home.task_queues.list()] == [queue.sid]
    asked = SimpleNamespace(to_dict=lambda: {"QueueSids": [queue.sid]})
    assert home.task_queues.bulk_real_time_statistics.create(asked).task_queue_response_count == 1
    changes: list[Callable[[], Any]] = [
        lambda: viewer.workspaces.create(friendly_name="Another"),
        lambda: home.update(friendly_name="Other"),
        lambda: home.tasks.create(attributes="{}"),
        home.workers("WK" + "0" * 32).delete,  # whether it is there or not
        home.delete,
    ]
    for change in changes:
        assert status(change) == (403, 20403)
    assert len(owner.workspaces(workspace.sid).events.list()) == events
    assert [each.sid for each in owner.workspaces.list()] == [workspace.sid]


def test_a_key_from_its_creation_to_its_revocation(pointsman: Pointsman) -> None:
    """As the library does it; the key does all that the account does, until it is revoked."""
    owner = client(pointsman)
    key = owner.new_keys.create(friendly_name="Billing")
    assert re.fullmatch(r"SK[0-9a-f]{32}", key.sid)
    assert (key.friendly_name, len(key.secret)) == ("Billing", 32)
    assert abs(datetime.now(UTC) - key.date_created) < timedelta(minutes=1)

    by_key = client(pointsman, key.sid, key.secret, pointsman.account)
    workspace = by_key.taskrouter.v1.workspaces.create(friendly_name="By key")
    assert workspace.account_sid == pointsman.account
    assert [each.sid for each in owner.taskrouter.v1.workspaces.list()] == [workspace.sid]
    (event,) = by_key.taskrouter.v1.workspaces(workspace.sid).events.list(event_type="workspace.created")
    assert (event.actor_sid, event.actor_type) == (key.sid, "api_key")
    assert event.actor_url == f"{pointsman.url}/2010-04-01/Accounts/{pointsman.account}/Keys/{key.sid}.json"

    fetched = owner.keys(key.sid).fetch()
    assert (fetched.sid, fetched.friendly_name, fetched.date_created) == (key.sid, "Billing", key.date_created)
    assert owner.keys(key.sid).update(friendly_name="Invoices").friendly_name == "Invoices"
    assert owner.keys(key.sid).update().friendly_name == "Invoices"
    assert [(each.sid, each.friendly_name) for each in owner.keys.list()] == [(key.sid, "Invoices")]
    assert status(lambda: owner.keys(key.sid).update(friendly_name="x" * 65)) == (400, 20001)

    assert owner.keys(key.sid).delete() is True
    with pytest.raises(TwilioException, match="401"):
        by_key.taskrouter.v1.workspaces.list()
    assert status(lambda: by_key.taskrouter.v1.workspaces(workspace.sid).fetch()) == (401, 20003)
    for act in (owner.keys(key.sid).fetch, owner.keys(key.sid).update, owner.keys(key.sid).delete):
        assert status(act) == (404, 20404)
    assert owner.keys.list() == []


def test_keys_are_listed_in_pages_forth_and_back(pointsman: Pointsman) -> None:
    """Also when the row that a page goes on from is revoked meanwhile."""
    owner = client(pointsman)
    made = [owner.new_keys.create(friendly_name=str(n)).sid for n in range(7)]
    listed = sorted(made, key=lambda sid: (sid[-12:], sid))  # of one millisecond by sid
    assert [each.sid for each in owner.keys.list(page_size=3)] == listed
    assert [each.sid for each in owner.keys.list(limit=4)] == listed[:4]
    first = owner.keys.page(page_size=3)
    assert first.previous_page_url is None
    middle = first.next_page()
    assert [each.sid for each in middle] == listed[3:6]
    owner.keys(listed[5]).delete()
    last = middle.next_page()
    assert [each.sid for each in last] == listed[6:]
    assert last.next_page() is None
    assert [each.sid for each in last.previous_page()] == [listed[2], *listed[3:5]]
    assert [each.sid for each in middle.previous_page()] == listed[:3]


def test_a_key_can_not_manage_credentials(pointsman: Pointsman) -> None:
    """One that leaked can't make itself another."""
    key = client(pointsman).new_keys.create()
    assert key.friendly_name == ""
    by_key = client(pointsman, key.sid, key.secret, pointsman.account)
    acts = (
        by_key.new_keys.create,
        by_key.keys(key.sid).fetch,
        by_key.keys(key.sid).delete,
        by_key.api.accounts(pointsman.account).fetch,
        by_key.api.accounts.create,
        by_key.accounts.v1.secondary_auth_token().create,
        by_key.accounts.v1.secondary_auth_token().delete,
        by_key.accounts.v1.auth_token_promotion().update,
    )
    assert {status(act) for act in acts} == {(403, 20403)}
    with pytest.raises(TwilioException, match="An API key can't manage accounts, API keys or auth tokens"):
        by_key.keys.list()


def test_everything_is_there_after_a_restart_but_secrets_and_tokens_are_in_no_log(
    make_pointsman: Callable[..., Pointsman],
) -> None:
    server = make_pointsman("--log-level", "debug")
    server.start()
    owner = client(server)
    kept, revoked = owner.new_keys.create(), owner.new_keys.create()
    owner.keys(revoked.sid).delete()
    second = owner.accounts.v1.secondary_auth_token().create().secondary_auth_token
    other = owner.api.accounts.create(friendly_name="Other")
    server.kill()
    server.start()
    client(server, kept.sid, kept.secret).taskrouter.v1.workspaces.create(friendly_name="w")
    client(server, server.account, second).taskrouter.v1.workspaces.create(friendly_name="w")
    client(server, other.sid, other.auth_token).taskrouter.v1.workspaces.create(friendly_name="w")
    gone = client(server, revoked.sid, revoked.secret).taskrouter.v1.workspaces
    assert status(lambda: gone.create(friendly_name="w")) == (401, 20003)
    assert server.stop() == 0
    text = server.log.read_text()
    assert revoked.sid in text, "who failed to log in is told"
    for secret in (kept.secret, revoked.secret, second, other.auth_token, server.token):
        assert secret not in text


# --- tokens -------------------------------------------------------------------------------------------------------


def test_a_token_is_rotated_without_downtime(pointsman: Pointsman) -> None:
    """Both are good, then the new one alone; the files in the folder follow, and a restart keeps it so."""
    old = client(pointsman)
    first = pointsman.token
    assert status(old.accounts.v1.auth_token_promotion().update) == (409, 20409)
    assert status(old.accounts.v1.secondary_auth_token().delete) == (404, 20404)
    dropped = old.accounts.v1.secondary_auth_token().create().secondary_auth_token
    assert status(old.accounts.v1.secondary_auth_token().create) == (409, 20409)
    assert old.accounts.v1.secondary_auth_token().delete() is True
    assert knock(pointsman, dropped)[0] == 401

    made = old.accounts.v1.secondary_auth_token().create()
    second = made.secondary_auth_token
    assert made.account_sid == pointsman.account
    assert made.url == f"{pointsman.url}/v1/AuthTokens/Secondary"
    assert abs(datetime.now(UTC) - made.date_created) < timedelta(minutes=1)
    assert [knock(pointsman, token)[0] for token in (first, second)] == [200, 200]

    promoted = client(pointsman, pointsman.account, second).accounts.v1.auth_token_promotion().update()
    assert (promoted.account_sid, promoted.auth_token) == (pointsman.account, second)
    assert isinstance(promoted.date_updated, datetime)
    for _ in range(2):
        assert [knock(pointsman, token)[0] for token in (first, second)] == [401, 200]
        run, kept = runfile.read_run(pointsman.data), runfile.read_credentials(pointsman.data)
        assert run is not None
        assert kept is not None
        assert run.auth_token == kept.auth_token == second
        assert pointsman.command("workspaces").returncode == 0
        pointsman.restart()


class Receiver:
    """An application that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []  # (signature, parameters)
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append((self.headers["X-Twilio-Signature"], dict(parse_qsl(body.decode(), keep_blank_values=True))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})

    def signed_with(self, tokens: list[str], event: str) -> list[bool]:
        """Which of the tokens signed the callback of the one event of that type, once it has come."""
        found = until(lambda: [each for each in self.got if each[1]["EventType"] == event])
        ((signature, parameters),) = found
        return [RequestValidator(token).validate(self.url, parameters, signature) for token in tokens]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.thread.join()
    receiver.server.server_close()


def test_the_old_token_signs_until_the_new_one_is_promoted(pointsman: Pointsman, receiver: Receiver) -> None:
    owner = client(pointsman)
    workspace = owner.taskrouter.v1.workspaces.create(friendly_name="w", event_callback_url=receiver.url)
    api = owner.taskrouter.v1.workspaces(workspace.sid)
    second = owner.accounts.v1.secondary_auth_token().create().secondary_auth_token
    tokens = [pointsman.token, second]
    queue = api.task_queues.create(friendly_name="q")
    assert receiver.signed_with(tokens, "task-queue.created") == [True, False]
    owner.accounts.v1.auth_token_promotion().update()
    workspaces = client(pointsman, pointsman.account, second).taskrouter.v1.workspaces
    workspaces(workspace.sid).task_queues(queue.sid).delete()
    assert receiver.signed_with(tokens, "task-queue.deleted") == [False, True]


# --- accounts -----------------------------------------------------------------------------------------------------


def test_accounts_see_nothing_of_one_another(pointsman: Pointsman) -> None:
    """404, as if it were not there: workspaces, keys, and the account itself."""
    owner = client(pointsman)
    made = owner.api.accounts.create(friendly_name="Second")
    assert (made.friendly_name, made.status, made.type, made.owner_account_sid) == (
        "Second",
        "active",
        "Full",
        pointsman.account,
    )
    second = client(pointsman, made.sid, made.auth_token)
    second_key = second.new_keys.create(friendly_name="k")
    by_key = client(pointsman, second_key.sid, second_key.secret, made.sid)
    first_key = owner.new_keys.create()
    here = owner.taskrouter.v1.workspaces.create(friendly_name="Here").sid
    there = by_key.taskrouter.v1.workspaces.create(friendly_name="There").sid
    assert by_key.taskrouter.v1.workspaces(there).fetch().account_sid == made.sid
    assert [each.sid for each in owner.taskrouter.v1.workspaces.list()] == [here]
    assert [each.sid for each in second.taskrouter.v1.workspaces.list()] == [there]

    own_key_there = client(pointsman, made.sid, made.auth_token, pointsman.account).keys(first_key.sid)
    key_of_second = client(pointsman, account=made.sid).keys(second_key.sid)
    acts = (
        second.taskrouter.v1.workspaces(here).fetch,
        by_key.taskrouter.v1.workspaces(here).delete,
        owner.taskrouter.v1.workspaces(there).fetch,
        own_key_there.fetch,  # the path of the other account
        own_key_there.delete,
        second.keys(first_key.sid).fetch,  # the own path
        second.keys(first_key.sid).delete,
        owner.keys(second_key.sid).delete,
        key_of_second.fetch,
        key_of_second.delete,
        by_key.api.accounts(pointsman.account).fetch,
        second.api.accounts(pointsman.account).fetch,
        lambda: second.api.accounts(pointsman.account).update(friendly_name="x"),
        client(pointsman, made.sid, made.auth_token, pointsman.account).new_keys.create,
    )
    assert [status(act) for act in acts] == [(404, 20404)] * len(acts)
    assert [each.sid for each in second.keys.list()] == [second_key.sid]
    assert [each.sid for each in owner.keys.list()] == [first_key.sid]


def test_an_account_has_a_name_and_those_that_it_made(pointsman: Pointsman) -> None:
    owner = client(pointsman)
    made = owner.api.accounts.create(friendly_name="Second")
    unnamed = owner.api.accounts.create()
    assert re.fullmatch(r"Created at \d{4}-.*Z", unnamed.friendly_name)
    assert owner.api.accounts(pointsman.account).update(friendly_name="First").friendly_name == "First"
    assert owner.api.accounts(made.sid).update(friendly_name="Zweites").friendly_name == "Zweites"
    assert status(lambda: owner.api.accounts(made.sid).update(status="closed")) == (400, 20001)
    assert owner.api.accounts(made.sid).fetch().auth_token == made.auth_token
    first = owner.api.accounts(pointsman.account).fetch()
    assert (first.owner_account_sid, first.auth_token) == (pointsman.account, pointsman.token)
    assert first.subresource_uris == {"keys": f"/2010-04-01/Accounts/{pointsman.account}/Keys.json"}

    listed = [each.friendly_name for each in owner.api.accounts.list()]
    assert listed == ["First", "Zweites", unnamed.friendly_name]
    assert [each.friendly_name for each in owner.api.accounts.list(page_size=1)] == listed
    assert [each.sid for each in owner.api.accounts.list(friendly_name="Zweites", status="active")] == [made.sid]
    assert owner.api.accounts.list(status="closed") == []

    second = client(pointsman, made.sid, made.auth_token)
    assert [each.sid for each in second.api.accounts.list()] == [made.sid]
    assert status(second.api.accounts.create) == (403, 20403)
    rotated = second.accounts.v1.secondary_auth_token().create().secondary_auth_token
    second.accounts.v1.auth_token_promotion().update()
    assert owner.api.accounts(made.sid).fetch().auth_token == rotated
    assert knock(pointsman, pointsman.token)[0] == 200, "the other account's rotation is its own"


# --- failed logins ------------------------------------------------------------------------------------------------


def test_failed_logins_are_throttled_and_right_ones_are_not(make_pointsman: Callable[..., Pointsman]) -> None:
    """After the declared number 429, and when to come again."""
    server = make_pointsman()
    server.start(environment={"POINTSMAN_LOGIN_FAILURES_PER_MINUTE": "3"})
    assert [knock(server, "wrong")[0] for _ in range(4)] == [401, 401, 401, 429]
    code, headers, body = knock(server, "wrong")
    assert (code, body["code"], body["status"]) == (429, 20429, 429)
    assert body["more_info"] == "https://www.twilio.com/docs/errors/20429"
    assert 0 < int(headers["retry-after"]) <= 20
    assert knock(server, server.token)[0] == 200


# --- the Node library ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / "twilio").is_dir(),
    reason="Node or its packages are not installed (scripts/test installs them where there is npm)",
)
def test_the_node_library_manages_keys_and_tokens(pointsman: Pointsman) -> None:
    """Unchanged, by way of `pointsman exec`."""
    script = (NODE / "credentials.js").read_text()
    result = pointsman.command(
        *("exec", "--", "node", "-e", script),
        env={
            "NODE_PATH": str(NODE / "node_modules"),
            "TWILIO_ACCOUNT_SID": pointsman.account,
            "TWILIO_AUTH_TOKEN": pointsman.token,
        },
    )
    told = json.loads(done(result))
    assert told == {
        "created": ["Billing", 32, True],
        "listed": ["Billing", "1", "2", "3"],
        "renamed": "Invoices",
        "byKey": "By key",
        "deleted": True,
        "revoked": 401,
        "both": ["By key", "By key"],
        "promoted": True,
        "old": 401,
    }


# --- the command line ---------------------------------------------------------------------------------------------


def test_keys_by_the_command_line(pointsman: Pointsman) -> None:
    """The secret is printed once, and works; a revoked key does not."""
    text = done(pointsman.command("keys", "create", "Billing"))
    sid, secret = re.findall(r"^(?:API key|Secret): +(\w+)", text, re.MULTILINE)
    assert "shown this once" in text
    assert f'Client("{sid}", secret, account_sid="{pointsman.account}")' in text
    by_key = client(pointsman, sid, secret).taskrouter.v1.workspaces
    by_key.create(friendly_name="w")
    (unnamed,) = rows(pointsman, "keys", "create")
    assert (unnamed["friendly_name"], len(unnamed["secret"])) == ("", 32)
    assert [each["sid"] for each in rows(pointsman, "keys", "list")] == [sid, unnamed["sid"]]
    assert [each["sid"] for each in rows(pointsman, "keys", "list", "--limit", "1")] == [sid]
    listed = done(pointsman.command("keys", "list"))
    assert listed.startswith(f"sid\tfriendly_name\tdate_created\trole\n{sid}\tBilling\t")
    assert secret not in listed

    assert done(pointsman.command("keys", "revoke", sid)) == f"revoked {sid}: it is not valid any more\n"
    refused(pointsman.command("keys", "revoke", sid), f"There is no API key {sid}: see `pointsman keys list`")
    assert status(lambda: by_key.create(friendly_name="w")) == (401, 20003)
    too_long = pointsman.command("keys", "create", "x" * 65)
    refused(too_long, "expected text of at most 64 characters (HTTP 400, code 20001)")


def test_a_token_by_the_command_line(pointsman: Pointsman) -> None:
    """Each step says what comes next; commands go on working without being told."""
    refused(pointsman.command("token", "promote"), "no second auth token: make one with `pointsman token rotate`")
    refused(pointsman.command("token", "drop"), "no second auth token: make one with `pointsman token rotate`")
    text = done(pointsman.command("token", "rotate"))
    dropped = re.findall(r"^Second auth token: (\w{32})  ", text, re.MULTILINE)[0]
    assert "Then: `pointsman token promote`" in text
    refused(pointsman.command("token", "rotate"), "There is a second auth token already")
    assert "not valid any more" in done(pointsman.command("token", "drop"))
    assert knock(pointsman, dropped)[0] == 401

    second = re.findall(r"^Second auth token: (\w{32})  ", done(pointsman.command("token", "rotate")), re.MULTILINE)[0]
    result = pointsman.command("token", "promote")
    assert "the old one is not valid any more" in done(result)
    assert second not in result.stdout + result.stderr
    assert [knock(pointsman, token)[0] for token in (pointsman.token, second)] == [401, 200]
    assert rows(pointsman, "keys", "list") == []
    for name in ("run.json", "credentials.json"):
        assert stat.S_IMODE((pointsman.data / name).stat().st_mode) == 0o600

    done(pointsman.command("token", "rotate"))
    told = pointsman.command("token", "promote", env={"POINTSMAN_AUTH_TOKEN": second})
    done(told)
    assert "POINTSMAN_AUTH_TOKEN is set here: set it to the new token" in told.stderr


def test_accounts_by_the_command_line(pointsman: Pointsman) -> None:
    """The second account's commands see its own things alone."""
    text = done(pointsman.command("accounts", "create", "Second"))
    sid, token = re.findall(r"^(?:Account SID|Auth token): +(\w+)", text, re.MULTILINE)
    assert [each["friendly_name"] for each in rows(pointsman, "accounts", "list")] == ["My account", "Second"]
    assert token not in done(pointsman.command("accounts", "list"))
    done(pointsman.command("quickstart"))
    env = {"POINTSMAN_ACCOUNT_SID": sid, "POINTSMAN_AUTH_TOKEN": token}
    assert json.loads(done(pointsman.command("workspaces", "--json", env=env))) == []
    assert len(rows(pointsman, "workspaces")) == 1
    (only,) = json.loads(done(pointsman.command("accounts", "list", "--json", env=env)))
    assert only["sid"] == sid
    refused(pointsman.command("accounts", "create", "Third", env=env), "Only the account that made this one")
    (third,) = rows(pointsman, "accounts", "create", "Third")
    assert third["owner_account_sid"] == pointsman.account


def test_everything_by_postgresql_too(make_pointsman: Callable[..., Pointsman], fresh_postgres: str) -> None:
    server = make_pointsman("--database", fresh_postgres)
    server.start()
    (key,) = rows(server, "keys", "create", "k")
    done(server.command("token", "rotate"))
    done(server.command("token", "promote"))
    server.kill()
    server.start()
    assert [each["sid"] for each in rows(server, "keys", "list")] == [key["sid"]]
    client(server, key["sid"], key["secret"]).taskrouter.v1.workspaces.create(friendly_name="w")
    done(server.command("keys", "revoke", key["sid"]))
    assert rows(server, "keys", "list") == []
