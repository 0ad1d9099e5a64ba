"""Where the pages and recordings of TaskRouter's behaviour are, which are not part of this repository."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

SPEC = Path(os.environ.get("POINTSMAN_SPEC", Path(__file__).parents[2] / "shared" / "spec"))
ABSENT = f"no recordings in {SPEC} (POINTSMAN_SPEC names the folder)"


def recorded(*patterns: str) -> list[Any]:
    """One parameter for each body in the files `recorded/<pattern>`; a single skipped one if there are none."""
    files = [file for pattern in patterns for file in sorted((SPEC / "recorded").glob(pattern))]
    if not files:
        return [pytest.param({}, marks=pytest.mark.skip(reason=ABSENT), id="absent")]
    return [pytest.param(body, id=name) for file in files for name, body in _bodies(file)]


def _bodies(file: Path) -> list[tuple[str, dict[str, str]]]:
    content = json.loads(file.read_text())
    if "body" in content:
        return [(file.stem, content["body"])]
    return [(f"{file.stem}-{index}", body) for index, body in enumerate(content["bodies"])]
