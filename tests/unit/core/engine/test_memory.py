"""An hour of traffic leaves nothing behind: what waits and who works stays the same, and so does the memory."""

from __future__ import annotations

import gc
import json
import random
import sys

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from tests.benchmarks.engine import House, Size

HOUR_S, WARM_UP_S = 3_600, 600
EVERY_MS = 250
SIZE = Size(workers=40, queues=10, tasks=300)
GROWTH_MAX = 1.02


def test_an_hour_of_traffic_leaves_nothing_behind() -> None:
    house, chance = House(SIZE), random.Random(2)
    began_ms, blocks = house.now_ms, 0
    while (passed_s := (house.now_ms - began_ms) / 1_000) < HOUR_S:
        house.now_ms += EVERY_MS
        one_moment(house, chance)
        if not blocks and passed_s >= WARM_UP_S:
            blocks = allocated()
    assert len(house.state.waiting) == SIZE.tasks
    grown = allocated() / blocks
    assert grown < GROWTH_MAX, f"{grown:.3f} times what it was after ten minutes"


def one_moment(house: House, chance: random.Random) -> None:
    """A worker takes the next task, another changes, one task is given up, and as many come."""
    worker = chance.choice(house.workers)
    for event in house.do(house.complete(worker)):
        if isinstance(event, ev.ReservationCreated):
            values = {"reservation_status": "accepted"}
            house.do(cmd.UpdateReservation(reservation=event.reservation.sid, values=values))
    number = chance.randrange(len(house.workers))
    attributes = {**house.attributes_of(number), "level": 1 + chance.randrange(9)}
    house.do(cmd.UpdateWorker(worker=house.workers[number], values={"attributes": json.dumps(attributes)}))
    waiting = [no for no in house.state.task_roll.beyond(0, 20) if no in house.state.waiting]
    if waiting:
        task = house.state.tasks[chance.choice(waiting)]
        house.do(cmd.UpdateTask(task=task.sid, values={"assignment_status": "canceled"}))
    while len(house.state.waiting) < SIZE.tasks:
        house.make_task()
    for _ in house.settle():
        pass


def allocated() -> int:
    gc.collect()
    return sys.getallocatedblocks()
