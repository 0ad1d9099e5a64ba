"""Environments for what is measured beside Pointsman, in `.bench/`: nothing of it is a dependency, and some packages
can't live together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.failed import Failed

PATIENCE_S = 300
FOLDER = Path(__file__).parents[2] / ".bench"


def python_with(name: str, *packages: str) -> str:
    """The Python of an environment, with these packages installed. Raises: `Failed`, if they can't be."""
    folder = FOLDER / name
    python, known = folder / "bin" / "python", folder / "installed.txt"
    if not python.exists():
        said(sys.executable, "-m", "venv", str(folder))
    there = set(known.read_text().split()) if known.exists() else set()
    if missing := sorted(set(packages) - there):
        print(f"Installing {', '.join(missing)}", flush=True)
        done = subprocess.run([str(python), "-m", "pip", "install", "-q", *missing], capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"can't install {', '.join(missing)}: {done.stderr.strip().splitlines()[-1]}")
        known.write_text("\n".join(sorted(there | set(packages))) + "\n")
    return str(python)


def said(*command: str) -> str:
    """What a command printed. Raises: `Failed`, with its last word, if it failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise Failed(f"it did not end within {PATIENCE_S} s") from None
    if done.returncode:
        raise Failed((done.stderr.strip() or "no word").splitlines()[-1])
    return done.stdout
