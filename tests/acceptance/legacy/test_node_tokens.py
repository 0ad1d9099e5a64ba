"""Capability tokens by the official library for Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Pointsman, clean_environment
from tests.acceptance.legacy.desk import Desk, refused, run
from tests.acceptance.scene import Sink

NODE = Path(__file__).parents[1] / "node"
pytestmark = pytest.mark.acceptance
if shutil.which("node") is None or not (NODE / "node_modules" / "twilio").is_dir():
    pytest.skip(
        "Node or its packages are not installed (scripts/test installs them where there is npm)",
        allow_module_level=True,
    )


@pytest.fixture(scope="module")
def desk(server: Pointsman) -> Iterator[Desk]:
    with Sink().open() as sink:
        yield Desk(server, sink, "node")


@pytest.fixture(scope="module")
def tokens(desk: Desk) -> dict[str, str]:
    environment = clean_environment() | {
        "TWILIO_ACCOUNT_SID": desk.server.account,
        "TWILIO_AUTH_TOKEN": desk.server.token,
        "WORKSPACE": desk.sid,
        "WORKER": desk.ana,
    }
    made = subprocess.run(["node", "capability.js"], cwd=NODE, env=environment, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return dict(json.loads(made.stdout))


def test_a_workers_page_answers_offers_and_moves_between_activities(desk: Desk, tokens: dict[str, str]) -> None:
    async def work() -> None:
        async with desk.page(tokens["worker"]) as page:
            offer = await desk.offer(page)
            await page.ask("POST", desk.path_of(offer), {"ReservationStatus": "accepted"})
            assert (await page.event("reservation.accepted"))["sid"] == offer["sid"]
            own = f"/Workers/{desk.ana}"
            await page.ask("POST", own, {"ActivitySid": desk.unavailable})
            assert (await page.event("activity.update"))["activity_sid"] == desk.unavailable
            problem = await refused(page.ask("POST", own, {"ActivitySid": desk.available, "Attributes": "{}"}))
            assert problem.code == 403

    run(work())


def test_a_workspaces_page_does_all_and_hears_it(desk: Desk, tokens: dict[str, str]) -> None:
    async def work() -> None:
        async with desk.page(tokens["workspace"]) as page:
            assert (await page.event("ready"))["sid"] == desk.sid
            made = await page.ask("POST", "/Activities", {"FriendlyName": "Lunch"})
            assert (await page.event("activity.created"))["sid"] == made["sid"]
            assert await page.ask("DELETE", f"/Activities/{made['sid']}") == {}
            assert (await page.event("activity.deleted"))["sid"] == made["sid"]

    run(work())
