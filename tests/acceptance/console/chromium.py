"""The system's Chromium, which is ended if it does not close what it should."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Playwright

from tests.acceptance.console.window import WAIT_MS

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed() -> str:
    """Its path."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("there is no Chromium here, so the tests of the console are left out")


class Chromium:
    """Playwright waits for a context to be closed without end, and now and then Chromium never says that it was: it
    may be about to ask whether a page should be left. So pages are left first, and a browser that still hangs is
    killed; the next window opens in a new one."""

    def __init__(self, playwright: Playwright, patience_s: float = WAIT_MS / 1000) -> None:
        self._playwright, self._path, self._patience_s = playwright, installed(), patience_s
        self._mark = f"--of-test={uuid.uuid4().hex}"  # a flag that it does not know, by which its process is found
        self._browser: Browser | None = None

    def open(self, **options: object) -> BrowserContext:
        """A context, as of a browser that nobody has used yet."""
        if self._browser is None or not self._browser.is_connected():
            launch = self._playwright.chromium.launch
            self._browser = launch(executable_path=self._path, args=[*FLAGS, self._mark])
        return self._browser.new_context(**options)  # type: ignore[arg-type]

    def close(self, context: BrowserContext) -> None:
        with self._killed_if_it_hangs():
            for page in context.pages:
                page.on("dialog", lambda dialog: dialog.accept())
                with suppress(Error):  # it is on its way elsewhere
                    page.goto("about:blank")
            context.close()

    def end(self) -> None:
        if self._browser is not None:
            with self._killed_if_it_hangs():
                self._browser.close()

    def send(self, signal: str) -> None:
        """To all its processes."""
        subprocess.run(["pkill", f"-{signal}", "-f", "--", self._mark], check=False)

    @contextmanager
    def _killed_if_it_hangs(self) -> Iterator[None]:
        kill = Timer(self._patience_s, self.send, ["KILL"])
        kill.start()
        try:
            yield
        except Error:  # of a browser that is gone
            if kill.is_alive():
                raise
        finally:
            kill.cancel()
