"""Who may import whom, and what no tracked file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "pointsman"
PURE = ("core", "stats", "resources", "wire")
DOORS = ("api", "bridge", "console")
SHELL = ("runtime", "store", "api", "webhooks", "bridge", "console", "observe")
LIBRARIES_OF_PURE = {"msgspec", "lark"}
LEAVES = {"settings", "runfile", "tls"}  # modules of their own that only bootstrap and cli know

MAY_KNOW: dict[str, set[str]] = {
    "core": {"core"},
    "stats": {"stats", "core"},
    "resources": {"resources", "stats", "core"},
    "wire": {"wire", "resources", "stats", "core", "ports"},
    "ports": {"core", "stats"},
    "meters": {"core"},
    "operations": {"operations", "ports", "meters", *PURE},
    "front": {"front"},
    **{part: {part, "ports", "meters", *PURE} for part in SHELL},
    **{door: {door, "front", "operations", "ports", "meters", *PURE} for door in DOORS},
}


def imports(path: Path) -> set[str]:
    """The modules that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return found


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_one_way(path: Path) -> None:
    """`cli` → `bootstrap` → the shell's parts → `ports` and the pure packages → `core`."""
    part = part_of(path)
    if part not in MAY_KNOW or "sitecustomize" in path.parts:
        return  # bootstrap and cli know all
    for name in imports(path):
        if name.startswith("pointsman."):
            known = name.split(".")[1]
            # `from pointsman import __version__` is a fact, not a part
            assert known in MAY_KNOW[part] or known == "__version__", f"{part} may not import {name}"


@pytest.mark.parametrize("path", [path for path in FILES if part_of(path) in PURE], ids=str)
def test_pure_packages_need_only_msgspec_and_lark(path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        allowed = top in sys.stdlib_module_names or top in LIBRARIES_OF_PURE or top in {"pointsman", ""}
        assert allowed, f"{path} imports {top}"


@pytest.mark.parametrize("path", [path for path in FILES if part_of(path) == "core"], ids=str)
def test_the_core_has_no_clock_no_randomness_no_io(path: Path) -> None:
    forbidden = {"time", "random", "secrets", "asyncio", "socket", "os", "threading", "uuid", "subprocess"}
    assert not forbidden & {name.split(".")[0] for name in imports(path)}


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout, so there are no tracked files to read")
    return [ROOT / name for name in listing.stdout.split("\0") if name]


def test_no_tracked_file_names_a_package_registry_or_a_path_of_some_machine() -> None:
    leaks = re.compile(
        r"pypi\.o[r]g|pythonhosted\.o[r]g|registry\.npmjs\.o[r]g|deb\.debian\.o[r]g|(?<![\w.])/(?:work|root|home)/\w"
    )
    for path in tracked():
        if not path.is_file():
            continue
        text = path.read_text(errors="ignore")
        assert not leaks.search(text), f"{path}: {leaks.search(text)}"
