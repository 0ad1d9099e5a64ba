"""The system's Chromium, which is killed if it does not close what it should."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Playwright

from tests.acceptance.chromium import CHROMIUM, FLAGS

PATIENCE_S = 10.0


class Chromium:
    """Of a page that is about to be left and would ask first, Chromium now and then never says that it was closed, and
    Playwright waits for that without end. So a browser that hangs is killed, and the next window opens in a new one."""

    def __init__(self, playwright: Playwright, patience_s: float = PATIENCE_S) -> None:
        self._playwright, self._patience_s = playwright, patience_s
        self._mark = f"--of-test={uuid.uuid4().hex}"  # a flag that it does not know, by which its processes are found
        self._browser: Browser | None = None

    def open(self, **options: object) -> BrowserContext:
        """A context, as of a browser that nobody has used yet."""
        if self._browser is None:
            if CHROMIUM is None:
                pytest.skip("there is no Chromium here, so the tests of the console are left out")
            launch = self._playwright.chromium.launch
            self._browser = launch(executable_path=CHROMIUM, args=[*FLAGS, self._mark])
        return self._browser.new_context(**options)  # type: ignore[arg-type]

    def close(self, context: BrowserContext) -> None:
        with self._killed_if_it_hangs():
            context.close()

    def end(self) -> None:
        if self._browser is not None:
            with self._killed_if_it_hangs():
                self._browser.close()

    @contextmanager
    def _killed_if_it_hangs(self) -> Iterator[None]:
        patience = Timer(self._patience_s, self._kill)
        patience.start()
        try:
            yield
        except Error:
            if self._browser is not None:
                raise
        finally:
            patience.cancel()
            patience.join()

    def _kill(self) -> None:
        self._browser = None
        self.send("KILL")

    def send(self, signal: str) -> None:
        """To all its processes."""
        subprocess.run(["pkill", f"-{signal}", "-f", "--", self._mark], check=False)
