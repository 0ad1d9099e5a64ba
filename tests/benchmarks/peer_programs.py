"""No-op jobs through what a Python team would otherwise pick to hand out work. Run in an environment of its own:

    python peer_programs.py NAME REDIS_URL POSTGRES_URL JOBS

prints how many jobs a second went through, from the first that was put in to the end of the last. Each has one
process that puts in and one that works, as the two cores of the measured machine have room for.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

REDIS, POSTGRES = [*sys.argv, "", "", "", ""][2:4]
PATIENCE_S = 120.0
RUNS = 3
JOBS_MARKED = 100  # so many are put in for one of whom is told that it was done; the first of them are the warm-up


def through(jobs: int, put: Callable[[int], Any], wait_for: Callable[[int], None]) -> float:
    """Jobs a second, the median of some runs. `put` a number; `wait_for` returns once that one has been done."""
    rates = []
    for numbers in runs_of(jobs):
        began = time.perf_counter()
        for number in numbers:
            put(number)
        wait_for(numbers[-1])
        rates.append(jobs / (time.perf_counter() - began))
    return statistics.median(rates[1:])


async def through_async(jobs: int, put: Callable[[int], Awaitable[Any]], wait_for: Callable[[int], None]) -> float:
    """The same, for those who put in without blocking."""
    rates = []
    for numbers in runs_of(jobs):
        began = time.perf_counter()
        for number in numbers:
            await put(number)
        await asyncio.to_thread(wait_for, numbers[-1])
        rates.append(jobs / (time.perf_counter() - began))
    return statistics.median(rates[1:])


def runs_of(jobs: int) -> list[range]:
    """The numbers of the jobs of each run; the first is the warm-up."""
    starts = [JOBS_MARKED + run * jobs for run in range(RUNS)]
    return [range(JOBS_MARKED), *(range(start, start + jobs) for start in starts)]


def redis_mark() -> tuple[Callable[[int], None], Callable[[int], None]]:
    """Jobs write down the last number of each hundred that they are given; who waits looks for it."""
    import redis

    client = redis.Redis.from_url(REDIS)
    client.flushall()

    def done(number: int) -> None:
        if number % JOBS_MARKED == JOBS_MARKED - 1:
            client.set(f"done:{number}", 1)

    def wait_for(number: int) -> None:
        until = time.monotonic() + PATIENCE_S
        while not client.exists(f"done:{number}"):
            if time.monotonic() > until:
                raise SystemExit(f"job {number} was not done within {PATIENCE_S:g} s")
            time.sleep(0.002)

    return done, wait_for


def in_a_process(work: Callable[[], None]) -> Any:
    process = multiprocessing.get_context("fork").Process(target=work, daemon=False)
    process.start()
    return process


def celery(jobs: int) -> float:
    from celery import Celery

    done, wait_for = redis_mark()
    app = Celery("peers", broker=REDIS)
    app.conf.task_ignore_result = True

    @app.task(name="job")
    def job(number: int) -> None:
        done(number)

    worker = in_a_process(
        lambda: app.worker_main(["worker", "--pool", "solo", "--loglevel", "ERROR", "--without-mingle"])
    )
    try:
        return through(jobs, job.delay, wait_for)
    finally:
        worker.kill()


def arq(jobs: int) -> float:
    from arq import Worker, create_pool
    from arq.connections import RedisSettings

    done, wait_for = redis_mark()
    settings = RedisSettings.from_dsn(REDIS)

    async def job(context: Any, number: int) -> None:
        done(number)

    job.__qualname__ = "job"

    def work() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        Worker([job], redis_settings=settings, max_jobs=64, poll_delay=0.005, keep_result=0, handle_signals=False).run()

    worker = in_a_process(work)

    async def run() -> float:
        pool = await create_pool(settings)
        return await through_async(jobs, lambda number: pool.enqueue_job("job", number), wait_for)

    try:
        return asyncio.run(run())
    finally:
        worker.kill()


def dramatiq(jobs: int) -> float:
    import dramatiq as library
    from dramatiq.brokers.redis import RedisBroker

    done, wait_for = redis_mark()
    broker = RedisBroker(url=REDIS)
    library.set_broker(broker)

    @library.actor(queue_name="peers")
    def job(number: int) -> None:
        done(number)

    def work() -> None:
        library.Worker(broker, worker_threads=1).start()
        time.sleep(PATIENCE_S)

    worker = in_a_process(work)
    try:
        return through(jobs, job.send, wait_for)
    finally:
        worker.kill()


def huey(jobs: int) -> float:
    from huey import RedisHuey

    done, wait_for = redis_mark()
    queue = RedisHuey("peers", url=REDIS, results=False)

    @queue.task()
    def job(number: int) -> None:
        done(number)

    worker = in_a_process(lambda: queue.create_consumer(workers=1, initial_delay=0.005, max_delay=0.01).run())
    try:
        return through(jobs, job, wait_for)
    finally:
        worker.kill()


def procrastinate(jobs: int) -> float:
    import procrastinate as library

    done, wait_for = redis_mark()
    app = library.App(connector=library.PsycopgConnector(conninfo=POSTGRES))

    @app.task(name="job")
    async def job(number: int) -> None:
        done(number)

    async def prepare() -> None:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    asyncio.run(prepare())

    def work() -> None:
        async def serve() -> None:
            async with app.open_async():
                await app.run_worker_async(
                    concurrency=16, fetch_job_polling_interval=0.05, install_signal_handlers=False
                )

        asyncio.run(serve())

    worker = in_a_process(work)

    async def run() -> float:
        async with app.open_async():
            return await through_async(jobs, lambda number: job.defer_async(number=number), wait_for)

    try:
        return asyncio.run(run())
    finally:
        worker.kill()


def skip_locked(jobs: int) -> float:
    """A table, a loop of one's own: put in, taken and ended, each in a transaction of its own."""
    import psycopg

    done, wait_for = redis_mark()
    putting = psycopg.connect(POSTGRES, autocommit=True)
    putting.execute("CREATE TABLE job (id bigserial PRIMARY KEY, number int, done boolean NOT NULL DEFAULT false)")
    putting.execute("CREATE INDEX job_open ON job (id) WHERE NOT done")

    def work() -> None:
        taking = psycopg.connect(POSTGRES)
        while True:
            row = taking.execute(
                "SELECT id, number FROM job WHERE NOT done ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
            ).fetchone()
            if row is None:
                taking.rollback()
                time.sleep(0.002)
                continue
            taking.execute("UPDATE job SET done = true WHERE id = %s", (row[0],))
            taking.commit()
            done(row[1])

    worker = in_a_process(work)
    try:
        return through(
            jobs, lambda number: putting.execute("INSERT INTO job (number) VALUES (%s)", (number,)), wait_for
        )
    finally:
        worker.kill()


PROGRAMS: dict[str, Callable[[int], float]] = {
    "celery": celery,
    "arq": arq,
    "dramatiq": dramatiq,
    "huey": huey,
    "procrastinate": procrastinate,
    "skip locked": skip_locked,
}

if __name__ == "__main__":
    os.chdir(tempfile.gettempdir())
    print(PROGRAMS[sys.argv[1]](int(sys.argv[4])), flush=True)
    os._exit(0)
