"""What a command loads before it knows what it has to do."""

from __future__ import annotations

import subprocess
import sys

LATER = {"cryptography", "jwt", "pointsman.core.engine.state", "pointsman.core.lint", "pointsman.bootstrap"}


def test_a_command_starts_without_what_few_of_them_need() -> None:
    script = f"import sys, pointsman.cli; print(*sorted({LATER!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("\n", "")
