"""A window of the console, as somebody sits before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, expect

from tests.acceptance.conftest import Pointsman

AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
WAIT_MS = 20_000
SERIOUS = ("serious", "critical")
CROWDED = """() => [...document.querySelectorAll(".panel, .panel > *, .tile, .button, .chip")]
    .filter((each) => getComputedStyle(each).overflowX === "visible" && each.scrollWidth > each.clientWidth + 1)
    .filter((each) => getComputedStyle(each).display !== "inline")
    .map((each) => `too narrow for what is in it: ${each.outerHTML.slice(0, 160)}`)"""
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".scroll, .tabs")]
    .filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => `${each.scrollWidth} > ${each.clientWidth}: ${each.outerHTML.slice(0, 80)}`)"""


class Window:
    """`complaints` are faults of scripts, and what the browser refused to do; answers that were refused on purpose are
    none."""

    def __init__(self, server: Pointsman, context: BrowserContext, shots: Path | None) -> None:
        self.server, self.context, self._shots = server, context, shots
        context.set_default_timeout(WAIT_MS)
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        about_an_answer = message.text.startswith("Failed to load resource")
        if message.type == "error" and not about_an_answer:
            self.complaints.append(message.text)

    # --- going about ----------------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        """A page by its path below `/console`."""
        self.page.goto(f"{self.server.url}/console{path}")
        self.ready()

    def ready(self) -> None:
        """Wait until the scripts of the page have taken hold; before that its links lead to whole pages."""
        self.page.locator("html[data-ready]").wait_for(state="attached")

    def enter(self, user: str | None = None, password: str | None = None) -> None:
        """Have a session, as from signing in by the form, before any page is opened."""
        form: dict[str, str | float | bool] = {
            "user": user or self.server.account,
            "password": password or self.server.token,
        }
        answer = self.context.request.post(f"{self.server.url}/console/sign-in", form=form, max_redirects=0)
        assert answer.status == 303, answer.text()

    def sign_in(self, user: str | None = None, password: str | None = None) -> None:
        """By the form, from whatever page it stands in the way of."""
        if "/sign-in" not in self.page.url:
            self.open("/")
        self.page.get_by_label("SID", exact=True).fill(user or self.server.account)
        self.page.get_by_label("Auth token, or the key's secret").fill(password or self.server.token)
        self.press("Sign in")
        self.ready()

    def press(self, name: str) -> None:
        """A button, or what looks like one."""
        button = self.page.get_by_role("button", name=name, exact=True)
        button.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(f"{self.server.url}/console")

    @property
    def dialog(self) -> Locator:
        return self.page.locator("#dialog")

    def too_wide(self) -> list[str]:
        """What scrolls sideways: the page, or tables or tabs in it."""
        found: list[str] = self.page.evaluate(TOO_WIDE)
        return found

    # --- looking --------------------------------------------------------------------------------------------------

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=WAIT_MS)

    def tile(self, label: str) -> Locator:
        """The figure of a tile."""
        return self.page.locator(".tile", has=self.page.get_by_text(label, exact=True)).locator("dd").first

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("row", name=name)

    def shows(self, place: Locator, text: str) -> None:
        expect(place).to_have_text(text, timeout=WAIT_MS)

    def shoot(self, name: str, *, whole: bool = True) -> None:
        """A picture of the page, or of what is seen of it at once, if pictures are wanted."""
        if self._shots:
            self._shots.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self._shots / f"{name}.png", full_page=whole)

    def barriers(self) -> list[str]:
        """What keeps people out, as axe finds it: nothing serious may; and what sticks out of the part of the page that
        it stands in. The window must have been opened with `bypass_csp`: axe is a script that no page of ours has."""
        if not AXE.exists():
            pytest.skip("axe-core is not installed, so pages are not checked for accessibility")
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            self.page.add_script_tag(content=AXE.read_text())
        found: dict[str, Any] = self.page.evaluate("axe.run()")
        crowded: list[str] = self.page.evaluate(CROWDED)
        return crowded + [
            f"{each['id']}: {node['html'][:160]}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
