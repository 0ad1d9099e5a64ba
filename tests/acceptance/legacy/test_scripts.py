"""A copy of the script in a folder given by a setting, on a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import Raw

pytestmark = pytest.mark.acceptance
SCRIPT = "/sdk/taskrouter.min.js"


def test_a_folder_of_scripts_is_served_to_anybody(make_pointsman: Callable[..., Pointsman], tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "taskrouter.min.js").write_text("var Twilio = {};" * 1_000)
    server = make_pointsman("--set", f"worker_scripts={folder}")
    server.start()
    nobody = Raw(server)
    nobody.auth = {}
    answer = nobody.ask("GET", SCRIPT, headers={"Accept-Encoding": "gzip"})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["content-encoding"] == "gzip"
    again = nobody.ask("GET", SCRIPT, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert b"HTTP/1.1 404" in nobody.say(b"GET /sdk/../serve.log HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert nobody.ask("GET", "/sdk/other.js").status == 404


def test_without_the_setting_there_is_no_such_path(server: Pointsman) -> None:
    assert Raw(server).ask("GET", SCRIPT).status == 404


def test_a_server_does_not_start_with_a_folder_that_is_none(make_pointsman: Callable[..., Pointsman]) -> None:
    ended = make_pointsman().command("serve", "--port", "0", "--set", "worker_scripts=nothing")
    assert ended.returncode != 0
    assert "worker_scripts 'nothing': expected a folder" in ended.stderr
