"""The browser of these tests: one that hangs costs its patience, and no more."""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from tests.acceptance.console.chromium import Chromium


def test_a_browser_that_hangs_is_ended_and_the_next_window_opens_in_another() -> None:
    with sync_playwright() as playwright:
        chromium = Chromium(playwright, patience_s=0.5)
        hanging = chromium.open()
        hanging.new_page()
        chromium.send("STOP")
        chromium.close(hanging)
        following = chromium.open()
        page = following.new_page()
        page.set_content("It goes on.")
        assert page.inner_text("body") == "It goes on."
        chromium.close(following)
        chromium.end()
