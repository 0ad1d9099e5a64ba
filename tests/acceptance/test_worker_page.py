"""The example page, built as its README says and served by each of its two servers, in a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.acceptance.chromium import CHROMIUM, FLAGS
from tests.acceptance.conftest import Pointsman, clean_environment
from tests.acceptance.sockets import Office
from tests.acceptance.worker_sdk.servants import NODE, PACKAGE
from tests.benchmarks.server import free_port

EXAMPLE = Path(__file__).parents[2] / "examples" / "worker-page"
SERVERS = {"Express": ("node", "server.js"), "Python": (sys.executable, "server.py")}
START_S = 20.0
pytestmark = pytest.mark.acceptance
if shutil.which("node") is None or not PACKAGE.is_dir() or CHROMIUM is None:
    pytest.skip("Node, its packages or Chromium are not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, with the packages that `npm install` would bring; built by its own command."""
    folder = tmp_path_factory.mktemp("page") / "worker-page"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(NODE / "node_modules")
    subprocess.run(["npm", "run", "build", "--silent"], cwd=folder, check=True)
    return folder


@contextmanager
def served(folder: Path, command: tuple[str, ...], environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=clean_environment() | environment | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_S
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, f"{command} does not serve"
                time.sleep(0.02)
        yield url
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("kind", SERVERS)
def test_a_worker_works_on_the_page(server: Pointsman, page_folder: Path, kind: str) -> None:
    office = Office(server, "Alice")
    environment = {
        "TWILIO_ACCOUNT_SID": server.account,
        "TWILIO_API_KEY": office.key["sid"],
        "TWILIO_API_SECRET": office.key["secret"],
        "TWILIO_WORKSPACE_SID": office.workspace,
        "TWILIO_WORKER_SID": office.workers["Alice"],
        "BRIDGE": f"{server.url}/v1/wschannels",
    }
    with served(page_folder, SERVERS[kind], environment) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        expect.set_options(timeout=15_000)
        page.goto(url)
        expect(page.locator("#name")).to_have_text("Alice")
        page.locator("#activity").select_option(label="Available")
        office.send("Tasks", Attributes=json.dumps({"from": "a customer"}))
        item = page.locator("li")
        expect(item).to_contain_text('{"from":"a customer"}: pending')
        for button, then in (("accept", "accepted"), ("wrap", "wrapping")):
            page.get_by_role("button", name=button).click()
            expect(item).to_contain_text(then)
        page.get_by_role("button", name="complete").click()
        expect(item).to_have_count(0)
        browser.close()
    assert office.activity_of("Alice") == "Available"
