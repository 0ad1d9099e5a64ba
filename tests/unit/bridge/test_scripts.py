"""Scripts from a folder, and nothing else from anywhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from pointsman.bridge import scripts
from pointsman.bridge.scripts import Scripts

SCRIPT = "var Twilio = 'é';"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    """Asks without a network."""

    def __init__(self, app: Scripts) -> None:
        self._app = app

    def ask(self, target: str, method: str = "GET", **headers: str) -> Answer:
        sent = [(name.replace("_", "-").lower().encode(), text.encode()) for name, text in headers.items()]
        scope = {"type": "http", "method": method, "path": unquote(target), "headers": sent, "query_string": b""}
        got: list[Any] = []

        async def send(message: Any) -> None:
            got.append(message)

        async def receive() -> Any:
            raise AssertionError("nothing of the request is read")

        asyncio.run(self._app(scope, receive, send))
        told = {name.decode(): text.decode() for name, text in got[0]["headers"]}
        return Answer(got[0]["status"], told, b"".join(each.get("body", b"") for each in got[1:]).decode())


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    folder = tmp_path / "scripts"
    (folder / "deeper").mkdir(parents=True)
    (folder / "taskrouter.min.js").write_text(SCRIPT)
    (folder / "deeper" / "inner.js").write_text(SCRIPT)
    (folder / ".hidden.js").write_text(SCRIPT)
    (folder / "notes.txt").write_text("private")
    (folder / "folder.js").mkdir()
    (tmp_path / "secret.js").write_text("secret")
    return Browser(Scripts(folder))


def test_a_script_is_served_with_its_type_and_may_be_kept_a_while(browser: Browser) -> None:
    answer = browser.ask("/sdk/taskrouter.min.js")
    assert (answer.status, answer.text) == (200, SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == f"public, max-age={scripts.KEPT_S}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "*"
    head = browser.ask("/sdk/taskrouter.min.js", "HEAD")
    assert (head.status, head.headers) == (200, answer.headers)


def test_a_browser_that_has_it_is_not_sent_it_again(browser: Browser) -> None:
    etag = browser.ask("/sdk/taskrouter.min.js").headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        answer = browser.ask("/sdk/taskrouter.min.js", If_None_Match=known)
        assert (answer.status, answer.text, answer.headers["etag"]) == (304, "", etag)
    assert browser.ask("/sdk/taskrouter.min.js", If_None_Match='"other"').status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/sdk",
        "/sdk/",
        "/sdk/other.js",
        "/sdk/notes.txt",
        "/sdk/.hidden.js",
        "/sdk/folder.js",
        "/sdk/deeper/inner.js",
        "/sdk/deeper%2Finner.js",
        "/sdk/%2e%2e%2Fsecret.js",
        "/sdk/..%5Csecret.js",
        "/sdk//taskrouter.min.js",
        "/sdk/taskrouter.min.js%00",
        "/sdk/taskrouter.min.js%0a",
        "/sdk/" + "x" * 500 + ".js",
    ],
)
def test_nothing_else_is_served(browser: Browser, path: str) -> None:
    answer = browser.ask(path)
    assert answer.status == 404
    assert "expected a file in worker_scripts" in answer.text


def test_what_is_too_large_is_no_script(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "BYTES_MAX", 3)
    assert browser.ask("/sdk/taskrouter.min.js").status == 404


def test_nothing_can_be_put_there(browser: Browser) -> None:
    answer = browser.ask("/sdk/taskrouter.min.js", "POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_folder_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"worker_scripts .*nothing.*: expected a folder"):
        Scripts(tmp_path / "nothing")
