"""A page that loads a copy of the script from the server and takes an offer, in a real browser, from another origin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from tests.acceptance.chromium import CHROMIUM, FLAGS
from tests.acceptance.conftest import Pointsman, faults
from tests.acceptance.legacy.desk import Desk
from tests.acceptance.scene import Sink

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]
PAGE = """<!doctype html><title>worker</title><script src="{script}"></script><script>
const told = [];
const worker = new Twilio.TaskRouter.Worker({token}, true, null, null, false, null, null, {rest}, {bridge});
worker.on("ready", (payload) => told.push(["ready", payload.sid]));
worker.on("activity.update", (payload) => told.push(["activity.update", payload.activity_sid]));
worker.on("reservation.accepted", (payload) => told.push(["reservation.accepted", payload.reservation_sid]));
worker.on("reservation.created", (offer) => {{
  offer.accept((problem, accepted) => {{
    told.push(["accepted", accepted.sid]);
    offer.accept((problem) => told.push(["again", problem.code, problem.message]));
  }});
}});
</script>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointsman]:
    """It has a copy of a script in its folder."""
    scripts = tmp_path_factory.mktemp("scripts")
    shutil.copy(Path(__file__).with_name("taskrouter.js"), scripts / "taskrouter.min.js")
    server = Pointsman(tmp_path_factory.mktemp("server"), "--set", f"worker_scripts={scripts}")
    server.start()
    yield server
    server.close()
    assert faults(server) == []


@pytest.fixture(scope="module")
def browser(server: Pointsman) -> Iterator[Browser]:
    """The vendor's hosts are the server."""
    rules = f"--host-resolver-rules=MAP *.twilio.com {urlsplit(server.tls_url).netloc}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, rules])
        yield browser
        browser.close()


@pytest.fixture
def site() -> Iterator[Callable[[str], str]]:
    """Serves a page on an origin of its own; gives its URL."""
    pages: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages[-1].encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()

    def show(page: str) -> str:
        pages.append(page)
        return f"http://127.0.0.1:{server.server_port}/"

    yield show
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    with browser.new_context(ignore_https_errors=True) as context:
        yield context.new_page()


@pytest.mark.parametrize("way", ["http", "https", "vendor"])
def test_a_page_loads_the_script_and_takes_an_offer(
    server: Pointsman, site: Callable[[str], str], tab: Tab, way: str
) -> None:
    """Over either port; and with the default hosts of the SDK, where they lead to the server."""
    base = server.url if way == "http" else server.tls_url
    problems: list[str] = []
    tab.on("pageerror", lambda problem: problems.append(str(problem)))
    with Sink().open() as sink:
        desk = Desk(server, sink, way)
        page = PAGE.format(
            script=f"{base}/sdk/taskrouter.min.js",
            token=json.dumps(desk.worker_token()),
            rest=json.dumps(None if way == "vendor" else f"{base}/v1"),
            bridge=json.dumps(None if way == "vendor" else base),
        )
        tab.goto(site(page))
        tab.wait_for_function("told.length >= 1")
        task = desk.task()
        tab.wait_for_function("told.length >= 4")
        tab.evaluate("activity => worker.updateActivity(activity)", desk.unavailable)
        tab.wait_for_function("told.length >= 5")
        told = {name: rest for name, *rest in tab.evaluate("told")}
        (reservation,) = desk.get(f"/Tasks/{task}/Reservations")["reservations"]
        message = desk.ask("POST", f"/Tasks/{task}/Reservations/{reservation['sid']}", ReservationStatus="accepted")
    assert told == {
        "ready": [desk.ana],
        "accepted": [reservation["sid"]],
        "again": [400, message.json["message"]],
        "reservation.accepted": [reservation["sid"]],
        "activity.update": [desk.unavailable],
    }
    assert problems == []
