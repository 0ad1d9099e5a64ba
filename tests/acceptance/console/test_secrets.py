"""Secrets are shown once, to whoever made them, and nowhere else: in no log line, on no page that links lead to."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.test_posts import Session, as_page, sign_in
from tests.acceptance.raw import FORM, Raw
from tests.acceptance.scene import Scene, Sink

PAGES_MAX = 400


def do(server: Pointsman, session: Session, path: str, **form: str) -> str:
    """What the form at a path answers; nothing, if it leads on."""
    body = urlencode(form | {"csrf": session.csrf}).encode()
    answer = Raw(server).ask("POST", f"/console{path}", body, FORM | as_page(session))
    assert answer.status in (200, 303), (path, answer.body)
    return html.unescape(answer.body.decode())


def made(text: str, form: str) -> str:
    """The one secret of that form which a page shows."""
    (found,) = set(re.findall(rf"<code>({form})</code>", text))
    return str(found)


def pages(server: Pointsman, session: Session) -> dict[str, str]:
    """Every page that links lead to, by its path."""
    ahead, seen = ["/console/"], dict[str, str]()
    while ahead and len(seen) < PAGES_MAX:
        path = ahead.pop(0)
        if path in seen:
            continue
        answer = Raw(server).ask("GET", path, headers=as_page(session))
        seen[path] = answer.body.decode()
        for link in re.findall(r'href="([^"#]+)"', seen[path]):
            parts = urlsplit(html.unescape(link))
            if parts.path.startswith("/console/") and "/static/" not in parts.path and not parts.query:
                ahead.append(parts.path)
    return seen


def test_no_log_line_and_no_further_page_has_a_secret(make_pointsman: Callable[..., Pointsman]) -> None:
    """After wrong logins, a new key, a new account, a rotated token and links to a desk, of which one was opened."""
    server = make_pointsman()
    server.start()
    with Sink().open() as sink:
        scene = Scene(server, sink, "Secrets")
        worker = scene.worker("Alice")
        scene.workflow(default=scene.queue("Everybody", TargetWorkers="1==1"))
        scene.accepted(scene.task())
        scene.callbacks()
        wrong = "a-wrong-token-that-looks-like-one"
        body = urlencode({"user": server.account, "password": wrong}).encode()
        assert Raw(server).ask("POST", "/console/sign-in", body, FORM).status == 401
        assert Raw(server, token=wrong).ask("GET", "/v1/Workspaces").status == 401

        first = sign_in(server, server.account, server.token)
        key = made(do(server, first, "/settings/keys/new", FriendlyName="Program"), r"[0-9A-Za-z]{32}")
        other = made(do(server, first, "/settings/accounts/new", FriendlyName="Other"), r"[0-9a-f]{32}")
        token = made(do(server, first, "/settings/token"), r"[0-9a-f]{32}")
        do(server, first, "/settings/token/promote")
        second = sign_in(server, server.account, token)
        link = do(server, second, f"/workspaces/{scene.sid}/desk/{worker}/link", Hours="1")
        (desk_key,) = set(re.findall(r"\?key=([\w-]+)", link))
        opened = Raw(server).ask("GET", f"/console/desk/{worker}?key={desk_key}")
        assert opened.status == 303

        found = pages(server, second)
        assert any("Program" in text for text in found.values())
        assert f"/console/workspaces/{scene.sid}/desk/{worker}" in found
        secrets = {"wrong": wrong, "first": server.token, "second": token, "key": key, "other": other, "desk": desk_key}
        secrets |= {"cookie": second.cookie.partition("=")[2]}
        found["the log"] = server.log.read_text()
        assert len(found) > 100 and "login_failed" in found["the log"]
        assert [(name, path) for path, text in found.items() for name in secrets if secrets[name] in text] == []
