"""Types of options, so that what can't be measured is refused before anything is measured. Each raises
`argparse.ArgumentTypeError`, which says what was expected."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
SECONDS_MAX = 86_400


def whole(least: int = 1, *, multiple_of: int = 1) -> Callable[[str], int]:
    """A whole number."""
    wanted = f"a whole number of at least {least:,}" + f", a multiple of {multiple_of}" * (multiple_of > 1)

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < least or int(text) % multiple_of:
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """More than none, and at most a day."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, above 0 and at most {SECONDS_MAX:,}")
    return number


def one_of(names: Iterable[str]) -> Callable[[str], str]:
    """A name out of these."""
    known = list(names)

    def read(text: str) -> str:
        if text not in known:
            raise argparse.ArgumentTypeError(f"{text!r} is not one of: {', '.join(known)}")
        return text

    return read


def listed(each: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Several, with commas between them; what stands there twice is taken once."""

    def read(text: str) -> list[T]:
        return list(dict.fromkeys(each(part.strip()) for part in text.split(",")))

    return read


def writable(text: str) -> Path:
    """A file that can be written; it is made if it is not there, and nothing in it changes yet."""
    try:
        with Path(text).open("a"):
            return Path(text)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise argparse.ArgumentTypeError(f"can't write to {text!r}: {why}") from None


def add_database(parser: argparse.ArgumentParser) -> None:
    """For a figure that can be measured with either database."""
    parser.add_argument("--database", type=_postgres, help="a postgresql:// URL in place of SQLite")


def _postgres(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a postgresql:// URL")
    return text
