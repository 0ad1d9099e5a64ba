"""Plant a fault in a copy of the source, and see which tests notice it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.mutations.faults import Fault

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
TRIAL_S = 600


class Watch(NamedTuple):
    """A part of the tests that is to notice."""

    name: str
    arguments: tuple[str, ...]


# The proof first: what it misses, the named tests must catch.
WATCHES = (
    Watch("simulation", ("tests/simulation/test_simulation.py", "tests/simulation/test_random_commands.py")),
    Watch("tests of the core", ("tests/unit/core",)),
)


def planted(fault: Fault, folder: Path) -> Path:
    """A copy of the source with the fault in it."""
    copy = folder / "src"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    place = copy / "pointsman" / "core" / fault.file
    text = place.read_text()
    assert text.count(fault.old) == 1, f"{fault.name}: what it replaces does not stand in {fault.file} once"
    place.write_text(text.replace(fault.old, fault.new))
    return copy


def noticed(source: Path, watch: Watch) -> bool:
    """Whether the tests fail with this source. Those that never end have noticed, too."""
    environment = os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *watch.arguments]
    try:
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=TRIAL_S, check=False)
    except subprocess.TimeoutExpired:
        return True
    assert ran.returncode in (0, 1, 2), ran.stderr.decode()
    return ran.returncode != 0


def first_to_notice(fault: Fault, folder: Path) -> str | None:
    source = planted(fault, folder)
    return next((watch.name for watch in WATCHES if noticed(source, watch)), None)
