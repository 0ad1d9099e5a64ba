"""What is printed: for people on a terminal, plain and stable for programs elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pointsman.cli.client import Row, one_line

SID_WIDTH = 34
WORDS_WIDTH_MIN = 12  # a column of words may be folded to this, before the table gives way to blocks
GAP = 2


class Column(NamedTuple):
    name: str  # as in the API's rows

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")

    @property
    def is_sid(self) -> bool:
        return self.name == "sid" or self.name.endswith("_sid")


def is_terminal() -> bool:
    return sys.stdout.isatty()


def console() -> Console:
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def note(text: str) -> None:
    """Something beside the output, which it must not disturb."""
    typer.echo(f"pointsman: {text}", err=True)


# --- tables -------------------------------------------------------------------------------------------------------


def print_rows(columns: Sequence[Column], rows: Sequence[Row], *, as_json: bool) -> None:
    """A listing, in the form that suits who reads it."""
    if as_json:
        print_json(rows)
    elif is_terminal():
        screen = console()
        screen.print(table(columns, rows, screen.width))
        print_line(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}")
    else:
        print_line("\t".join(column.name for column in columns))
        for row in rows:
            print_tabbed(row.get(column.name) for column in columns)


def table(columns: Sequence[Column], rows: Sequence[Row], width: int) -> Table | Text:
    """A table, or a block of lines for each row where a table would have to break sids. Empty columns are left out."""
    columns = [each for each in columns if not rows or any(shown(row.get(each.name)) for row in rows)]
    cells = [[shown(row.get(column.name)) for column in columns] for row in rows]
    if sum(_width_min(column, at, cells) + GAP for at, column in enumerate(columns)) - GAP > width:
        return Text("\n\n".join(_block(columns, each) for each in cells))
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column in columns:
        if column.is_sid:
            grid.add_column(column.title, no_wrap=True, min_width=SID_WIDTH)
        else:
            grid.add_column(column.title, overflow="fold")
    for each in cells:
        grid.add_row(*(Text(cell) for cell in each))
    return grid


def _width_min(column: Column, at: int, cells: list[list[str]]) -> int:
    longest = max([len(column.title), *(len(each[at]) for each in cells)])
    return max(SID_WIDTH, longest) if column.is_sid else min(longest, WORDS_WIDTH_MIN)


def _block(columns: Sequence[Column], cells: Sequence[str]) -> str:
    indent = max(len(column.title) for column in columns) + GAP
    return "\n".join(
        f"{column.title:<{indent}}{cell}".rstrip() for column, cell in zip(columns, cells, strict=True)
    )  # fmt: skip


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(value)


# --- lines --------------------------------------------------------------------------------------------------------


def print_line(text: str = "") -> None:
    """Out at once: whoever follows waits for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_tabbed(values: Iterable[Any]) -> None:
    print_line("\t".join(tabbed(value) for value in values))


def tabbed(value: Any) -> str:
    """A value as programs read it: never with a tab or a newline inside."""
    if value is None:
        return ""
    return one_line(value if isinstance(value, str) else json.dumps(value))


def print_json(rows: Sequence[Row]) -> None:
    print_line(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())


def print_json_line(row: Row) -> None:
    print_line(msgspec.json.encode(row).decode())


def flow(items: Sequence[str], width: int, indent: int) -> str:
    """Items side by side, with line breaks between them and never inside."""
    lines = [items[0]]
    for item in items[1:]:
        if len(lines[-1]) + GAP + len(item) <= width:
            lines[-1] += " " * GAP + item
        else:
            lines.append(" " * indent + item)
    return "\n".join(lines)


def clock(iso: str | None, now: datetime | None = None) -> str:
    """A time of the API's as people read it: local, with the day if it isn't today."""
    if not iso:
        return ""
    at = datetime.fromisoformat(iso).astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    return at.strftime("%H:%M:%S" if at.date() == today else "%Y-%m-%d %H:%M:%S")
