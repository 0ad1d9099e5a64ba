"""`pointsman events export`: the event log as a file for other programs."""

from __future__ import annotations

import codecs
import csv
import importlib.util
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any, Protocol

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

from pointsman.cli.client import Client, Failed, NoAnswer, Row, talk
from pointsman.cli.log import SILENCE_S, After, Channel, Filters, OfReservation, OfWorker, Queue, Type, Workflow, newest
from pointsman.cli.names import checked, workspace_path
from pointsman.cli.options import Data, InWorkspace, TaskSid, Url
from pointsman.resources.types import Timestamp

STDOUT = "-"
INTERRUPTED = 128 + signal.SIGINT
ROW_GROUP = 10_000  # rows of a Parquet file that are kept in memory
DRAW_ROWS = 500  # between two looks at the progress bar
COLUMNS = (
    "sequence",
    "event_date",
    "event_type",
    "description",
    "task_sid",
    "reservation_sid",
    "worker_sid",
    "task_queue_sid",
    "workflow_sid",
    "task_channel_sid",
    "resource_type",
    "resource_sid",
    "actor_type",
    "actor_sid",
    "source",
    "source_ip_address",
    "sid",
    "event_data",
)
"""Of a table, in this order, for ever: new ones come behind them. Dates are to the millisecond, in UTC; `event_data`
is the whole of it as JSON, and the sids before it are those that it has."""


DATE = COLUMNS.index("event_date")


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class Writer(Protocol):
    """Takes rows, one by one, and keeps few of them in memory."""

    def write(self, row: Row) -> None: ...

    def finish(self) -> None: ...


def export(
    kind: Annotated[
        Format | None, typer.Option("--format", help="Which format.", show_default="as FILE is named, else jsonl")
    ] = None,
    out: Annotated[str, typer.Option(metavar="FILE|-", help="Where to; - is the standard output.")] = STDOUT,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE, if it is there.")] = False,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="On or after this time, in UTC.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="On or before this time, in UTC.")] = None,
    after: After = None,
    event_type: Type = None,
    task: TaskSid = None,
    reservation: OfReservation = None,
    worker: OfWorker = None,
    queue: Queue = None,
    workflow: Workflow = None,
    channel: Channel = None,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Write the event log, oldest first, as JSON lines, CSV or Parquet: all that is kept, up to now.

    FILE appears when it is complete.
    """
    filters = Filters(event_type, task, reservation, worker, queue, workflow, channel)
    filters.checked()  # at once
    dates = {
        name: checked(Timestamp(), text, option) and text
        for name, text, option in (("StartDate", since, "--since"), ("EndDate", until, "--until"))
        if text
    }
    export = _Export(out, kind or _format_of(out), force)

    async def work(client: Client) -> None:
        export.check()
        path = await workspace_path(client, workspace)
        query = await filters.query(client, path) | dates | {"After": str(after or 0), "Follow": "false"}
        with export.writer() as writer:
            await _fill(client, path, query, writer, export)

    try:
        talk(data, url, work)
    except KeyboardInterrupt:
        typer.echo(f"pointsman: interrupted{export.so_far()}", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _format_of(out: str) -> Format:
    ending = Path(out).suffix.lower().removeprefix(".")
    return Format(ending) if ending in list(Format) else Format.JSONL


async def _fill(client: Client, path: str, query: dict[str, str], writer: Writer, export: _Export) -> None:
    """Raises: `Failed`."""
    with _progress(await newest(client, path)) as told:
        try:
            async with aclosing(_rows(client, f"{path}/EventStream", query)) as rows:
                async for row in rows:
                    writer.write(row)
                    export.sequence = row["sequence"]
                    told(row["sequence"])
        except NoAnswer as problem:
            raise NoAnswer(f"{problem}{export.so_far()}") from None
    writer.finish()


async def _rows(client: Client, path: str, query: dict[str, str]) -> AsyncGenerator[Row, None]:
    """Until the end; a stream without one is not complete. Raises: `Failed`."""
    end = None
    async with aclosing(client.lines(path, query, silence_s=SILENCE_S)) as lines:
        async for line in lines:
            end = line.get("end")
            if "heartbeat" not in line:
                yield line
    if end is None:
        raise NoAnswer(f"The server at {client.server.url} broke off")


class _Export:
    """Where it goes to, and how far it has got."""

    def __init__(self, out: str, kind: Format, force: bool) -> None:
        self._file = None if out == STDOUT else Path(out)
        self._kind, self._force = kind, force
        self.sequence = 0  # of the last event that was written

    def check(self) -> None:
        """What can be known before anything is asked for. Raises: `Failed`."""
        if self._kind is Format.PARQUET:
            if importlib.util.find_spec("pyarrow") is None:
                raise Failed("Parquet needs a library more: pip install 'pointsman[parquet]'")
            if self._file is None:
                raise Failed("Parquet is written to a file: say which with --out")
        if self._file is None:
            return
        if self._file.is_dir():
            raise Failed(f"{self._file} is a folder: say which file in it")
        if self._file.exists() and not self._force:
            raise Failed(f"{self._file} is there: choose another name, or replace it with --force")
        if not self._file.parent.is_dir():
            raise Failed(f"There is no folder {self._file.parent} to write {self._file.name} into")

    def so_far(self) -> str:
        """What became of an export that did not get to its end."""
        if not self.sequence:
            return "; nothing was written"
        if self._file is None:
            return f"; --after {self.sequence} goes on behind the last event that was written"
        again = f"the same command begins again, with --after {self.sequence} behind what it had"
        return f"; {self._file} was not written: {again}"

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Raises: `Failed`, if it can't be written."""
        if self._file is None:
            yield _writer(self._kind, sys.stdout.buffer)
            return
        try:
            with _replacing(self._file) as file:
                yield _writer(self._kind, file)
        except OSError as problem:
            raise Failed(f"Can't write {self._file}: {problem.strerror or problem}") from None


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes this name once it is whole; what is not whole leaves nothing behind."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


# --- formats --------------------------------------------------------------------------------------------------------


def _writer(kind: Format, file: IO[bytes]) -> Writer:
    if kind is Format.PARQUET:
        return _Parquet(file)
    return _Csv(file) if kind is Format.CSV else _JsonLines(file)


def columns(row: Row) -> list[Any]:
    """An event as a row of a table; what it does not have is None."""
    data = row["event_data"]
    date = datetime.fromtimestamp(row["event_date_ms"] // 1000, UTC).replace(
        microsecond=row["event_date_ms"] % 1000 * 1000
    )
    flat = {**data, **row, "event_date": date, "event_data": msgspec.json.encode(data).decode()}
    return [flat.get(name) for name in COLUMNS]


class _JsonLines:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, row: Row) -> None:
        self._file.write(msgspec.json.encode(row) + b"\n")

    def finish(self) -> None:
        self._file.flush()


class _Csv:
    """As RFC 4180 has it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._rows = csv.writer(codecs.getwriter("utf-8")(file), lineterminator="\r\n")
        self._rows.writerow(COLUMNS)

    def write(self, row: Row) -> None:
        values = columns(row)
        values[DATE] = values[DATE].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._rows.writerow(values)

    def finish(self) -> None:
        self._file.flush()


class _Parquet:
    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow
        from pyarrow import parquet

        types = {"sequence": pyarrow.int64(), "event_date": pyarrow.timestamp("ms", tz="UTC")}
        self._schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in COLUMNS])
        self._writer = parquet.ParquetWriter(file, self._schema)
        self._table = pyarrow.table
        self._rows: list[list[Any]] = []

    def write(self, row: Row) -> None:
        self._rows.append(columns(row))
        if len(self._rows) == ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        values = [list(column) for column in zip(*self._rows, strict=True)]
        self._writer.write_table(self._table(dict(zip(COLUMNS, values, strict=True)), schema=self._schema))
        self._rows.clear()

    def finish(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()


# --- progress -------------------------------------------------------------------------------------------------------


@contextmanager
def _progress(last: int) -> Iterator[Callable[[int], None]]:
    """Given the sequence number of each event that was written. For people alone."""
    if not sys.stderr.isatty():
        yield lambda sequence: None
        return
    bar = Progress(
        SpinnerColumn(),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.fields[events]} events, {task.fields[rate]}/s"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None, events=0, rate=0)
        first = count = 0

        def told(sequence: int) -> None:
            nonlocal first, count
            count += 1
            first = first or sequence
            if count % DRAW_ROWS == 0:
                seconds = bar.tasks[0].elapsed or 1
                bar.update(
                    task,
                    total=max(last - first + 1, 1),
                    completed=sequence - first + 1,
                    events=count,
                    rate=round(count / seconds),
                )

        yield told
