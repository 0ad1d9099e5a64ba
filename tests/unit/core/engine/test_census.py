"""The census: whatever becomes of tasks, it says of them what a plain count says, and keeps little about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pointsman.core.engine import census as module
from pointsman.core.engine import lazy_heap
from pointsman.core.engine.census import NO_TASKS, Census, Tally
from pointsman.core.engine.invariants import plain_tally
from pointsman.core.types import Millis, No, Task, TaskStatus
from tests.world import START_MS, World

LIVE = (TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED, TaskStatus.WRAPPING)
WORKFLOW, QUEUE, OTHER, CHANNEL, CHAT = No(1), No(2), No(3), No(4), No(5)


def task(no: int, **values: Any) -> Task:
    at_ms = Millis(no * 10)
    entered = {"queue_entered_ms": at_ms} if values.get("queue") else {}
    plain = {"sid": f"WT{no:032x}", "created_ms": at_ms, "updated_ms": at_ms, "virtual_start_ms": at_ms}
    return Task(**{**plain, **entered, "channel": CHANNEL, **values}, no=No(no))


class Counted:
    """A table of tasks that a census follows."""

    def __init__(self) -> None:
        self.tasks: dict[No, Task] = {}
        self.census = Census(self.tasks)

    def put(self, no: int, after: Task | None) -> None:
        before = self.tasks.pop(No(no), None)
        if after is not None:
            self.tasks[No(no)] = after
        self.census.put(before, after)

    def change(self, no: int, **values: Any) -> None:
        self.put(no, replace(self.tasks[No(no)], **values))

    def heaps(self) -> list[int]:
        """How long they are."""
        return [len(heap) for cell in self.census._cells.values() for heap in (cell.created, cell.entered)]


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lazy_heap, "_SHED_MIN", 4)
    monkeypatch.setattr(module, "_SWEEP_MIN", 3)
    yield


STATES = st.fixed_dictionaries(
    {
        "workflow": st.sampled_from([None, WORKFLOW]),
        "queue": st.sampled_from([None, QUEUE, OTHER]),
        "channel": st.sampled_from([CHANNEL, CHAT]),
        "priority": st.integers(0, 2),
        "status": st.sampled_from(LIVE),
        "later_ms": st.integers(0, 3),
    }
)
STEPS = st.lists(st.tuples(st.integers(1, 12), st.none() | STATES, st.booleans()), max_size=120)


@pytest.mark.parametrize("minimum", [1, 64])
@given(steps=STEPS)
def test_it_says_what_a_plain_count_says(minimum: int, steps: list[tuple[int, Any, bool]]) -> None:
    """With heaps that are rebuilt often or never, read after some of the changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lazy_heap, "_SHED_MIN", minimum)
        patch.setattr(module, "_SWEEP_MIN", minimum)
        counted = Counted()
        for no, state, read in steps:
            after = None
            if state is not None:
                entered = Millis(no * 10 + state["later_ms"]) if state["queue"] is not None else None
                values = {name: value for name, value in state.items() if name != "later_ms"}
                after = task(no, **values | {"queue_entered_ms": entered})
            if after is not None or No(no) in counted.tasks:
                counted.put(no, after)
            if read:
                agrees(counted)
        agrees(counted)


def agrees(counted: Counted) -> None:
    census, tasks = counted.census, list(counted.tasks.values())
    for channel in (None, CHANNEL, CHAT):
        ours = [each for each in tasks if channel in (None, each.channel)]
        assert census.of_all(channel) == plain_tally(ours)
        for queue in (QUEUE, OTHER):
            assert census.of_queue(queue, channel) == plain_tally(each for each in ours if each.queue == queue)
        of_workflow = plain_tally(each for each in ours if each.workflow == WORKFLOW)
        assert census.of_workflow(WORKFLOW, channel) == of_workflow
    waiting = Counter(each.queue for each in tasks if each.status is TaskStatus.PENDING)
    assert census.pending_by_queue() == waiting
    for key, tally in census.cells():
        assert tally == plain_tally(each for each in tasks if (each.workflow, each.queue, each.channel) == key)


def test_of_nothing_there_is_nothing(counted: Counted) -> None:
    assert counted.census.of_all() == counted.census.of_queue(QUEUE) == NO_TASKS
    assert counted.census.of_workflow(WORKFLOW).total == 0


def test_tasks_without_a_queue_or_a_workflow_are_counted_among_all(counted: Counted) -> None:
    counted.put(1, task(1, priority=3))
    counted.put(2, task(2, queue=QUEUE))
    assert counted.census.of_all() == Tally({TaskStatus.PENDING: 2}, {3: 1, 0: 1}, No(1), No(2))
    assert counted.census.of_queue(QUEUE).oldest == 2


def test_the_oldest_is_not_always_the_one_that_entered_first(counted: Counted) -> None:
    counted.put(1, task(1, queue=OTHER))
    counted.put(2, task(2, queue=QUEUE))
    counted.change(1, queue=QUEUE, queue_entered_ms=Millis(30))
    told = counted.census.of_queue(QUEUE)
    assert (told.oldest, told.longest_here) == (1, 2)
    counted.change(2, queue_entered_ms=Millis(40))  # entered again
    assert counted.census.of_queue(QUEUE).longest_here == 1


def test_a_task_that_has_gone_elsewhere_waits_there_alone(counted: Counted) -> None:
    counted.put(1, task(1, queue=QUEUE))
    counted.put(2, task(2, queue=QUEUE))
    counted.change(1, queue=OTHER)  # in the very millisecond
    assert counted.census.of_queue(QUEUE)[2:] == (2, 2)
    assert counted.census.of_queue(OTHER)[2:] == (1, 1)
    counted.change(1, queue=QUEUE)
    assert counted.census.of_queue(QUEUE)[2:] == (1, 1)
    counted.put(1, None)
    assert counted.census.of_queue(QUEUE)[2:] == (2, 2)


def test_what_is_reserved_waits_still_and_what_is_assigned_does_not(counted: Counted) -> None:
    """[routing 11.2, inferred]"""
    counted.put(1, task(1, queue=QUEUE))
    counted.change(1, status=TaskStatus.RESERVED)
    assert counted.census.of_all().oldest == 1
    counted.change(1, status=TaskStatus.ASSIGNED)
    assert (counted.census.of_all().oldest, counted.census.of_all().total) == (None, 1)
    counted.change(1, status=TaskStatus.PENDING)  # it is transferred
    assert counted.census.of_queue(QUEUE)[2:] == (1, 1)


def test_heaps_drop_what_no_longer_holds(counted: Counted, small: None) -> None:
    """A long backlog that goes from behind, so that nothing is seen at the top, and one task that never rests."""
    for no in range(1, 101):
        counted.put(no, task(no, queue=QUEUE))
    assert counted.heaps() == [100, 100]
    for no in range(100, 5, -1):
        counted.put(no, None)
    assert max(counted.heaps()) <= 10
    for round_ in range(100):
        counted.change(1, queue_entered_ms=Millis(1_000 + round_))
        counted.change(2, priority=round_)
        counted.change(3, status=TaskStatus.ASSIGNED)
        counted.change(3, status=TaskStatus.PENDING)
    assert max(counted.heaps()) <= 13, "twice those that wait, and what three changes have added"
    agrees(counted)


def test_the_oldest_may_change_again_and_again(counted: Counted, small: None) -> None:
    counted.put(1, task(1, queue=QUEUE))
    for priority in range(100):
        counted.change(1, priority=priority)
    assert max(counted.heaps()) <= 6
    agrees(counted)


def test_tasks_that_go_in_the_order_in_which_they_came_leave_nothing_behind(counted: Counted) -> None:
    """So that reading finds one that waits at the top, however many have gone since it was read last."""
    for no in range(1, 1_001):
        counted.put(no, task(no, queue=QUEUE))
    for no in range(1, 400):
        counted.change(no, status=TaskStatus.ASSIGNED)
    assert counted.heaps() == [601, 601]


def test_cells_that_are_empty_do_not_pile_up(counted: Counted, small: None) -> None:
    for no in range(1, 200):
        counted.put(no, task(no, queue=No(1_000 + no)))
        if no > 2:
            counted.put(no, None)
    assert len(counted.census._cells) <= 6
    assert counted.census.of_all().total == 2


def test_what_stands_first_in_its_cell_is_all_that_is_kept_of_all(counted: Counted, small: None) -> None:
    """However often it changes, and in however many cells."""
    for round_ in range(50):
        for no in range(1, 21):
            counted.put(no, task(no, queue=No(1_000 + no), queue_entered_ms=Millis(round_)))
        for no in range(1, 20):
            counted.put(no, None)
    census = counted.census
    assert census.of_all() == Tally({TaskStatus.PENDING: 1}, {0: 1}, No(20), No(20))
    assert max(len(census._oldest), len(census._longest)) <= 2 * len(census._cells) + 2


def test_the_tasks_of_a_queue_or_workflow_are_found_by_their_numbers(counted: Counted) -> None:
    counted.put(1, task(1, queue=QUEUE, workflow=WORKFLOW))
    counted.put(2, task(2, queue=QUEUE, channel=CHAT))
    counted.put(3, task(3, queue=OTHER, workflow=WORKFLOW))
    assert sorted(map(sorted, counted.census.in_queue(QUEUE))) == [[1], [2]]
    assert sorted(map(sorted, counted.census.under_workflow(WORKFLOW))) == [[1], [3]]
    counted.change(1, queue=OTHER, status=TaskStatus.ASSIGNED)
    counted.put(3, None)
    assert [no for part in counted.census.in_queue(OTHER) for no in part] == [1]
    assert counted.census.in_queue(No(99)) == []


# --- in a workspace; its world compares the census with a plain count after every command -------------------------


def test_a_transfer_to_another_queue_and_back() -> None:
    world = World()
    first, second = world.desk("1==1"), world.queue("second", "1==2")
    world.worker()
    handed = world.task()
    reservation = world.accepted(handed, at_ms=1_000)
    world.transfer(reservation, second, at_ms=2_000, mode="COLD")
    census = world.state.census
    assert (census.of_queue(first.no).total, census.of_queue(second.no).longest_here) == (0, handed.no)
    assert census.of_queue(second.no).by_status == {TaskStatus.PENDING: 1}


def test_a_task_for_one_worker_has_no_queue() -> None:
    world = World()
    world.desk()
    busy = world.worker("busy", activity="Offline")
    direct = world.task(routing_target=busy.sid)
    assert world.state.census.of_all().oldest == direct.no


def test_undoing_gives_the_census_of_before() -> None:
    world = World()
    queue = world.desk("1==2")
    old = world.task(at_ms=1_000)
    mark = world.state.mark()
    after = replace(old, status=TaskStatus.CANCELED, ended_ms=Millis(START_MS + 2_000))
    before = world.state.census.of_queue(queue.no)
    world.state.put(after)
    assert world.state.census.of_queue(queue.no) == NO_TASKS
    world.state.undo(mark)
    assert world.state.census.of_queue(queue.no) == before
    assert before.oldest == old.no
