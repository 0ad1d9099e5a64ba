"""Signing in, staying and leaving; and what may be posted by whom."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from pointsman.console.sessions import RENEW_S, Sessions
from pointsman.operations.directory import Directory
from pointsman.store.sqlite import SqliteStore
from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.window import Window
from tests.acceptance.raw import FORM, Answer, Raw
from tests.acceptance.scene import Scene

Windows = Callable[..., Window]


def make_key(server: Pointsman, role: str = "full") -> tuple[str, str]:
    key = Raw(server).send("POST", f"/2010-04-01/Accounts/{server.account}/Keys.json", FriendlyName="Test", Role=role)
    assert key.status == 201, key.body
    return key.json["sid"], key.json["secret"]


def revoke(server: Pointsman, key: str) -> None:
    answer = Raw(server).send("DELETE", f"/2010-04-01/Accounts/{server.account}/Keys/{key}.json")
    assert answer.status == 204, answer.body


def test_signing_in_leads_to_the_page_that_was_asked_for(windows: Windows, scene: Scene) -> None:
    window = windows()
    wanted = f"/workspaces/{scene.sid}/activities?PageSize=5"
    window.open(wanted)
    assert window.path.startswith("/sign-in?next=")
    window.shoot("sign-in")
    window.sign_in(password="wrong")
    window.sees("These are not the SID and token of an account")
    window.sign_in()
    assert window.path == wanted
    window.press("Sign out")
    assert window.path == "/sign-in"
    window.open("/")
    assert window.path == "/sign-in"


def test_a_session_that_ended_shows_the_sign_in_and_then_the_same_page_again(windows: Windows, scene: Scene) -> None:
    """Also where only a part of the page was asked for; and the stream tells a page that nobody touches."""
    key, secret = make_key(scene.server)
    touched, left = windows(), windows()
    here = f"/workspaces/{scene.sid}/activities"
    for each in (touched, left):
        each.sign_in(key, secret)
        each.open(here)
    revoke(scene.server, key)
    touched.press("New activity")
    touched.page.wait_for_url("**/sign-in?next=**")
    scene.post(f"/Activities/{scene.available}", FriendlyName="Here")  # news
    left.page.wait_for_url("**/sign-in?next=**")
    for each in (touched, left):
        each.sign_in()
        assert each.path == here


def test_what_was_typed_outlives_its_session(windows: Windows, scene: Scene) -> None:
    """The page says that it has ended, leads to the sign-in in another tab, and goes on with the new session: where the
    stream tells of it, and where the editor of workflows asks what is wrong with the rules."""
    key, secret = make_key(scene.server)
    dialog, editor = windows(), windows()
    for each, path in ((dialog, "activities"), (editor, "workflows/new")):
        each.sign_in(key, secret)
        each.open(f"/workspaces/{scene.sid}/{path}")
    dialog.press("New activity")
    dialog.dialog.get_by_label("Name").fill("Typed before")
    revoke(scene.server, key)
    scene.post(f"/Activities/{scene.available}", FriendlyName="Available")  # news
    editor.page.get_by_label("Name").first.fill("Typed after")
    editor.press("JSON")
    editor.page.locator("#f-Configuration").press_sequentially(" ")
    for each in (dialog, editor):
        ended = each.page.locator("#ended")
        expect(ended).to_be_visible()
        with each.page.expect_popup() as opened:
            ended.get_by_role("link").click()
        opened.value.get_by_label("SID", exact=True).fill(scene.server.account)
        opened.value.get_by_label("Auth token, or the key's secret").fill(scene.server.token)
        opened.value.get_by_role("button", name="Sign in").click()
        expect(ended).to_be_hidden()
    expect(dialog.page.locator("#connection")).to_be_hidden()
    dialog.press("Create activity")
    dialog.sees("Typed before was created.")
    editor.press("Create workflow")
    editor.sees("Typed after was created.")


def test_what_was_typed_outlives_a_sign_in_that_came_first(windows: Windows, scene: Scene) -> None:
    """The page hears of it when it is sent, and then goes on with the new session."""
    window = windows()
    window.sign_in(*make_key(scene.server))
    window.press("New workspace")
    window.dialog.get_by_label("Name").fill("Typed in time")
    sign_in_elsewhere(window)
    window.press("Create workspace")
    window.sees("You are signed in again.")
    window.press("Create workspace")
    window.sees("Typed in time was created.")


def test_what_was_typed_is_not_sent_as_somebody_elses(windows: Windows, scene: Scene) -> None:
    """Another account's session is not taken over; its own is, once it is there again."""
    server, window = scene.server, windows()
    other = Raw(server).send("POST", "/2010-04-01/Accounts.json", FriendlyName="Other").json
    window.sign_in()
    window.press("New workspace")
    window.dialog.get_by_label("Name").fill("Typed by the first")
    elsewhere = sign_in_elsewhere(window, other["sid"], other["auth_token"])
    banner = window.page.locator("#ended")
    for _ in range(2):
        window.press("Create workspace")
        expect(banner).to_contain_text("Somebody else is signed in now.", use_inner_text=True)
        expect(banner).not_to_contain_text("Your session has ended", use_inner_text=True)
    theirs = Raw(server, other["sid"], other["auth_token"]).ask("GET", "/v1/Workspaces").json["workspaces"]
    assert theirs == []
    elsewhere.get_by_role("button", name="Sign out").click()
    elsewhere.wait_for_url("**/sign-in")
    window.page.bring_to_front()
    expect(banner).to_contain_text("Your session has ended", use_inner_text=True)
    sign_in_elsewhere(window)
    expect(banner).to_be_hidden()
    window.press("Create workspace")
    window.sees("Typed by the first was created.")


def test_who_lets_go_of_what_was_typed_is_led_to_the_sign_in(windows: Windows, scene: Scene) -> None:
    window = windows()
    key, secret = make_key(scene.server)
    window.sign_in(key, secret)
    window.press("New workspace")
    window.dialog.get_by_label("Name").fill("Given up")
    revoke(scene.server, key)
    window.press("Create workspace")
    expect(window.page.locator("#ended")).to_be_visible()
    window.press("Cancel")
    window.page.wait_for_url("**/sign-in")


def sign_in_elsewhere(window: Window, user: str | None = None, password: str | None = None) -> Page:
    """In a further tab of the same browser, after signing out of what the window has."""
    tab = window.context.new_page()
    tab.goto(f"{window.server.url}/console/")
    if tab.get_by_role("button", name="Sign out").is_visible():
        tab.get_by_role("button", name="Sign out").click()
    tab.get_by_label("SID", exact=True).fill(user or window.server.account)
    tab.get_by_label("Auth token, or the key's secret").fill(password or window.server.token)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url("**/console/")
    window.page.bring_to_front()
    return tab


def test_a_viewer_sees_everything_and_is_offered_no_change(windows: Windows, scene: Scene) -> None:
    window = windows()
    window.sign_in(*make_key(scene.server, "viewer"))
    window.open(f"/workspaces/{scene.sid}/task-channels")
    window.sees("Voice")
    expect(window.page.get_by_role("link", name="New task channel")).to_have_count(0)
    status = window.page.evaluate(
        """async () => {
            const csrf = document.querySelector('meta[name="csrf"]').content;
            const body = new URLSearchParams({ FriendlyName: "x", UniqueName: "x", csrf });
            return (await fetch(location.pathname + "/new", { method: "POST", body })).status;
        }"""
    )
    assert status == 422  # the form, with the API's refusal
    assert [each["unique_name"] for each in scene.get("/TaskChannels")["channels"] if each["unique_name"] == "x"] == []


def test_a_page_that_was_left_open_does_not_keep_its_session(server: Pointsman, scene: Scene) -> None:
    """It asks for its regions and figures; only what somebody does renews a session that was last used a while ago."""
    old = Sessions(Directory(SqliteStore(Path("never-opened.db"))), 3_600, lambda: time.time() - RENEW_S)
    cookie = f"pointsman_session_{urlsplit(server.url).port}={old.begin(server.account, server.token)}"

    def ask(path: str, accept: str) -> Answer:
        headers = {"Cookie": cookie, "Accept": accept}
        return Raw(server).ask("GET", f"/console/workspaces/{scene.sid}{path}", headers=headers)

    for path, accept in (("/tasks?region=rows", "text/html"), ("/statistics?region=now", "text/html"), ("", "*/*")):
        answer = ask(path, accept)
        assert answer.status == 200 and "set-cookie" not in answer.headers, path
    opened = ask("/tasks", "text/html")
    assert "set-cookie" in opened.headers
    csrf = re.search(rb'name="csrf" content="([0-9a-f]{64})"', opened.body)
    assert csrf is not None
    body = b"FriendlyName=&csrf=" + csrf[1]
    answer = Raw(server).ask("POST", "/console/workspaces/new", body, FORM | {"Cookie": cookie})
    assert answer.status == 422 and "set-cookie" in answer.headers


# --- what may be posted -------------------------------------------------------------------------------------------


@pytest.fixture
def session(window: Window) -> dict[str, str]:
    """Cookies and the token of forms of a session, for requests without a browser."""
    window.open("/")
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in window.context.cookies())
    csrf = str(window.page.locator('meta[name="csrf"]').get_attribute("content"))
    return {"Cookie": cookies, "csrf": csrf}


def post(server: Pointsman, session: dict[str, str], body: str, **headers: str) -> int:
    sent = {"Cookie": session["Cookie"]} | FORM | {name.replace("_", "-"): value for name, value in headers.items()}
    return Raw(server).ask("POST", "/console/workspaces/new", body.encode(), sent).status


def test_only_a_form_of_the_session_itself_is_taken(server: Pointsman, session: dict[str, str]) -> None:
    good = f"FriendlyName=Made&csrf={session['csrf']}"
    assert post(server, session, "FriendlyName=Made") == 403
    assert post(server, session, f"FriendlyName=Made&csrf={'0' * 64}") == 403
    assert post(server, session, good, Origin="http://evil.example") == 403
    assert post(server, session, good, Sec_Fetch_Site="cross-site") == 403
    assert post(server, session, good, Origin="null") == 403
    assert post(server, session, good, Origin=server.url) == 303
    assert post(server, {"Cookie": ""}, good) == 401
    names = [each["friendly_name"] for each in Raw(server).ask("GET", "/v1/Workspaces").json["workspaces"]]
    assert names.count("Made") == 1


def test_every_answer_is_locked_down(server: Pointsman, session: dict[str, str]) -> None:
    for path in ("/console/", "/console/sign-in", "/console/nowhere", "/console/settings"):
        headers = Raw(server).ask("GET", path, headers={"Cookie": session["Cookie"]}).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(windows: Windows) -> None:
    window = windows()
    window.sign_in()
    (cookie,) = [each for each in window.context.cookies() if "session" in each.get("name", "")]
    assert cookie.get("httpOnly") is True
    assert cookie.get("sameSite") == "Lax"
    assert cookie.get("path") == "/console"


def test_over_tls_the_cookie_never_goes_in_the_clear(windows: Windows) -> None:
    window = windows(ignore_https_errors=True)
    window.page.goto(f"{window.server.tls_url}/console/")
    window.sign_in()
    assert all(each.get("secure") for each in window.context.cookies())


def test_nobody_is_led_away_after_signing_in(windows: Windows) -> None:
    for foreign in ("https://evil.example/console/", "//evil.example", "/console/../v1", "/console/\\evil.example"):
        window = windows()
        window.page.goto(f"{window.server.url}/console/sign-in?next={foreign}")
        window.sign_in()
        assert window.page.url.startswith(f"{window.server.url}/"), foreign
        assert "evil" not in window.page.url


def test_too_many_failures_from_one_address_are_told_to_wait(
    make_pointsman: Callable[..., Pointsman],
) -> None:
    server = make_pointsman("--set", "login_failures_per_minute=2")
    server.start()
    body = f"user={server.account}&password=wrong".encode()
    answers = [Raw(server).ask("POST", "/console/sign-in", body, FORM) for _ in range(3)]
    assert [each.status for each in answers] == [401, 401, 429]
    assert b"Too many failed attempts" in answers[2].body
