"""The files by which commands find their server."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from pointsman.runfile import Credentials, write_private


def test_a_file_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    """No file may grow: as if the disk was full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_private(tmp_path / "run.json", Credentials(account_sid="AC" + "1" * 32, auth_token="t"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [*tmp_path.iterdir()] == []
