"""What `serve` refuses and no test run as root can bring about for real."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pointsman import bootstrap


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried in it."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(bootstrap.CannotServe, match=r"Can't write to the data folder .*: choose another with --data"):
        bootstrap._make_folder(tmp_path)


def test_a_folder_that_may_not_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's reason."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(bootstrap.CannotServe, match=r"Can't make the data folder .*: Permission denied"):
        bootstrap._make_folder(tmp_path / "x")
