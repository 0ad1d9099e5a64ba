"""The worker SDK from npm, unmodified, against a real server: over addresses that its options name, with its own host
names under `pointsman exec`, and in Chromium both ways."""

from __future__ import annotations

import json
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.acceptance.chromium import CHROMIUM
from tests.acceptance.conftest import Pointsman, faults
from tests.acceptance.worker_sdk.cases import (
    CASES,
    a_warm_transfer_to_a_worker,
    an_offer_is_accepted_and_its_task_follows,
)
from tests.acceptance.worker_sdk.desk import Desk
from tests.acceptance.worker_sdk.servants import PACKAGE, InChromium, InNode, Servant, bundled, documented

pytestmark = pytest.mark.acceptance
if shutil.which("node") is None or not PACKAGE.is_dir():
    pytest.skip("Node or its packages are not installed", allow_module_level=True)

NAMED = "default host names"
NEVER = {  # documented, and never emitted by this release, whatever a server does
    ("event", "Supervisor", "monitor"),
    ("event", "Task", "transferAttemptFailed"),
    ("event", "Task", "transferCanceled"),
    ("event", "Task", "transferCompleted"),
    ("event", "Task", "transferFailed"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointsman]:
    """With more time between an answer and what it causes: on a busy machine a client may read the two, which come by
    different connections, in the wrong order."""
    server = Pointsman(tmp_path_factory.mktemp("server"), "--set", "socket_delay_ms=100")
    server.start()
    yield server
    server.close()
    assert faults(server) == []


class Outcome(NamedTuple):
    servant: Servant
    problems: dict[str, str]  # by case: what went wrong


def options(server: Pointsman) -> dict[str, Any]:
    bridge = f"{server.url}/v1/wschannels"
    return {"ebServer": bridge, "wsServer": bridge.replace("http", "ws", 1), "logLevel": "silent"}


def key(server: Pointsman) -> dict[str, Any]:
    made = server.command("keys", "create", "sdk", "--json", "--data", str(server.data))
    assert made.returncode == 0, made.stderr
    (created,) = json.loads(made.stdout)
    return dict(created)


def in_node(server: Pointsman, *, named: bool) -> Servant:
    command = (sys.executable, "-m", "pointsman", "exec", "--data", str(server.data), "--") if named else ()
    return Servant(lambda tell: InNode(tell, command, server.folder / "sdk.log"))


def in_chromium(server: Pointsman, *, named: bool) -> Servant:
    where = urlsplit(server.tls_url).netloc
    arguments = (f"--host-resolver-rules=MAP *.twilio.com:443 {where}", "--ignore-certificate-errors") if named else ()
    return Servant(lambda tell: InChromium(tell, bundled(server.folder), *arguments))


PLACES: dict[str, Callable[..., Servant]] = {"Node": in_node, "Chromium": in_chromium}


def play(server: Pointsman, servant: Servant, cases: Any, given: dict[str, Any]) -> Outcome:
    signer = key(server)
    problems: dict[str, str] = {}
    for each in cases:
        try:
            each(Desk(server, servant, given, signer))
        except Exception:
            problems[each.__name__] = traceback.format_exc(limit=-4)
    return Outcome(servant, problems)


@pytest.fixture(scope="module", params=PLACES)
def outcome(request: pytest.FixtureRequest, server: Pointsman) -> Iterator[Outcome]:
    if request.param == "Chromium" and CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    servant = PLACES[request.param](server, named=False)
    try:
        yield play(server, servant, CASES, options(server))
    finally:
        servant.close()


@pytest.mark.parametrize("name", [each.__name__ for each in CASES])
def test_the_sdk_does_what_it_says(outcome: Outcome, name: str) -> None:
    assert name not in outcome.problems, outcome.problems[name]


def test_every_method_and_event_that_is_documented_has_a_case(outcome: Outcome) -> None:
    seen = {("method", *each) for each in outcome.servant.called}
    seen |= {("event", *each) for each in outcome.servant.heard}
    assert set(documented()) - seen == NEVER
    assert not NEVER & seen


@pytest.mark.parametrize("place", PLACES)
def test_its_own_host_names_lead_here_too(server: Pointsman, place: str) -> None:
    """Through `pointsman exec` in Node, and through resolver rules in Chromium."""
    if place == "Chromium" and CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    servant = PLACES[place](server, named=True)
    try:
        cases = (an_offer_is_accepted_and_its_task_follows, a_warm_transfer_to_a_worker)
        assert play(server, servant, cases, {"logLevel": "silent"}).problems == {}
    finally:
        servant.close()


def test_no_token_is_in_any_log(server: Pointsman) -> None:
    """A JWT of HS256 begins so, and so do its claims."""
    text = server.log.read_text()
    assert "eyJ" not in text
    assert faults(server) == []
