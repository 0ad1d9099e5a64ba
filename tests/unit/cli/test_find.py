"""Where a command finds its server: flag, environment, run file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman import runfile
from pointsman.cli.find import Unreachable, data_option, find_server

ACCOUNT, OTHER = "AC" + "1" * 32, "AC" + "2" * 32
RUN_URL, RUN_TLS = "http://127.0.0.1:7001", "https://127.0.0.1:7002"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("POINTSMAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write_run(folder: Path, pid: int | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    run = runfile.Run(
        pid=os.getpid() if pid is None else pid,
        url=RUN_URL,
        tls_url=RUN_TLS,
        account_sid=ACCOUNT,
        auth_token="of the run file",
        version="1",
    )
    runfile.write_private(folder / runfile.NAME, run)
    return folder


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_flag_wins_then_the_environment_then_the_run_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And each says where it came from."""
    folder = write_run(tmp_path / "data")
    found = find_server(folder, None)
    assert (found.url, found.tls_url, found.source) == (RUN_URL, RUN_TLS, str(folder / "run.json"))
    assert (found.account_sid, found.auth_token) == (ACCOUNT, "of the run file")

    monkeypatch.setenv("POINTSMAN_URL", "http://of.environment/")
    found = find_server(folder, None)
    assert (found.url, found.tls_url, found.source) == ("http://of.environment", None, "POINTSMAN_URL")
    assert find_server(folder, "http://of.flag")[:2] == ("http://of.flag", None)
    assert find_server(folder, RUN_URL).tls_url == RUN_TLS


def test_the_folder_is_the_flags_the_environments_or_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In that order."""
    write_run(tmp_path / "pointsman-data")
    assert find_server(None, None).data == Path("pointsman-data")
    monkeypatch.setenv("POINTSMAN_DATA", str(write_run(tmp_path / "other")))
    assert find_server(None, None).data == tmp_path / "other"
    assert find_server(Path("pointsman-data"), None).data == Path("pointsman-data")


def test_a_killed_servers_run_file_is_no_server_but_has_credentials(tmp_path: Path) -> None:
    """Its process has ended."""
    folder = write_run(tmp_path / "data", ended_process())
    with pytest.raises(Unreachable, match=r"No server runs on the data folder .*data \(its last one ended"):
        find_server(folder, None)
    found = find_server(folder, "http://elsewhere")
    assert (found.tls_url, found.auth_token) == (None, "of the run file")


def test_credentials_of_the_environment_win_but_tokens_are_not_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder's token is for its own account."""
    folder = write_run(tmp_path / "data")
    monkeypatch.setenv("POINTSMAN_AUTH_TOKEN", "set")
    assert find_server(folder, None)[3:5] == (ACCOUNT, "set")
    monkeypatch.setenv("POINTSMAN_ACCOUNT_SID", OTHER)
    assert find_server(folder, None)[3:5] == (OTHER, "set")
    monkeypatch.delenv("POINTSMAN_AUTH_TOKEN")
    with pytest.raises(Unreachable, match=f"No credentials.*has those of {ACCOUNT}"):
        find_server(folder, None)


def test_the_first_starts_credentials_serve_without_a_run_file(tmp_path: Path) -> None:
    """A server elsewhere, with the same folder's account."""
    own = runfile.Credentials(account_sid=ACCOUNT, auth_token="first")
    runfile.write_private(tmp_path / runfile.CREDENTIALS, own)
    assert find_server(tmp_path, "http://elsewhere").auth_token == "first"
    with pytest.raises(Unreachable, match=r"No credentials.*there is no credentials\.json in"):
        find_server(tmp_path / "none", "http://elsewhere")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}'])
def test_a_broken_run_file_is_none(tmp_path: Path, content: bytes) -> None:
    """It was never whole."""
    (tmp_path / runfile.NAME).write_bytes(content)
    with pytest.raises(Unreachable, match="No server runs"):
        find_server(tmp_path, None)


def test_a_folder_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    """Somebody else's, or no folder at all."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreachable, match=r"Can't read the data folder .*file: Not a directory"):
        find_server(tmp_path / "file", None)
    (tmp_path / runfile.NAME).write_bytes(b'{"url": "\xff"}')
    with pytest.raises(Unreachable, match="Can't read the data folder"):
        find_server(tmp_path, None)


def test_hints_name_the_folder_only_if_they_must() -> None:
    """So that they can be copied."""
    assert data_option(Path("pointsman-data")) == ""
    assert data_option(Path("my data")) == " --data 'my data'"
