"""Which filter took a task, where it stands, what comes next, and what came of its reservations."""

from __future__ import annotations

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.explain import Explanation, Outcome, Reason
from pointsman.core.types import Task
from tests.unit.core.explain.asked import explained
from tests.world import START_MS, World, configuration

DAY_MS = 86_400_000


def outcomes(told: Explanation) -> list[tuple[Outcome, list[str]]]:
    return [(each.outcome, [one.text for one in each.because]) for each in told.filters]


def test_each_filter_says_whether_it_matches_and_which_comparison_decides() -> None:
    """[routing 4.2, docs: workflow-configuration]"""
    world = World()
    queue = world.queue()
    world.workflow(
        ('a == 1 AND b == "x"', queue), ("a > 1", queue), ("a == 2", queue), ("a == 3", queue), default=queue
    )
    told = explained(world, world.task({"a": 2}))
    assert outcomes(told) == [
        (Outcome.NOT_MATCHED, ["a == 1 is false (a is 2)"]),
        (Outcome.HERE, ["a > 1 is true (a is 2)"]),
        (Outcome.LATER, ["a == 2 is true (a is 2)"]),
        (Outcome.NOT_MATCHED, ["a == 3 is false (a is 2)"]),
    ]
    assert (told.head.routing.filter, told.head.routing.why) == (2, "Filter 2 took it")


def test_the_default_filter_takes_what_no_filter_does() -> None:
    world = World()
    queue = world.queue()
    world.workflow(("a == 1", queue), default=queue)
    told = explained(world, world.task())
    assert told.head.routing.filter == 0
    assert told.head.routing.why.startswith("It is in the default filter: no filter took it")
    assert outcomes(told) == [(Outcome.NOT_MATCHED, ["a == 1 is false (a is null)"])]


def test_filters_are_told_with_the_priority_that_they_see() -> None:
    """[routing 5.3, inferred]"""
    world = World()
    queue = world.queue()
    world.workflow(("priority > 5", queue), default=queue)
    assert [each.matched for each in explained(world, world.task(priority=9)).filters] == [True]


def test_a_task_keeps_the_rules_that_it_entered_with_and_says_that_they_are_old() -> None:
    """[routing 4.8, support: Managing TaskRouter Workflows + oai]"""
    world = World()
    queue = world.queue()
    workflow = world.workflow(("a == 1", queue), default=queue)
    task = world.task({"a": 1})
    assert explained(world, task).head.routing.rules_are_current is True
    world.do(cmd.UpdateWorkflow(workflow=workflow.sid, values={"configuration": configuration(default=queue)}), 5_000)
    told = explained(world, task)
    assert told.head.routing.rules_are_current is False
    assert told.head.routing.date_of_rules_ms == START_MS
    assert len(told.filters) == 1


def test_the_target_says_when_it_leaves_and_what_comes_then() -> None:
    """Target timeouts are cumulative. [routing 4.3, docs: task-evaluation]"""
    world = World()
    first, second = world.queue("first"), world.queue("second")
    world.workflow(("1==1", {"queue": first, "timeout": 10}, {"queue": second, "timeout": 20, "priority": 5}))
    task = world.task()
    head = explained(world, task).head
    assert head.target is not None and head.next is not None
    assert (head.target.position, head.target.count, head.target.task_queue_name) == (1, 2, "first")
    assert head.target.leaves_at_ms == head.next.at_ms == START_MS + 10_000
    assert (head.next.what, head.next.filter, head.next.target, head.next.task_queue_name) == ("target", 1, 2, "second")
    assert head.ttl_ends_ms == START_MS + DAY_MS
    world.run_until(12_000)
    head = explained(world, task).head
    assert head.target is not None and head.next is not None
    assert (head.target.position, head.target.leaves_at_ms) == (2, START_MS + 30_000)
    assert head.next.what == "canceled" and head.next.text.startswith("It leaves the workflow and is canceled")


def test_a_filter_that_was_left_still_matches() -> None:
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "timeout": 10}), ("1==1", queue))
    task = world.task()
    world.run_until(10_000)
    assert [each.outcome for each in explained(world, task).filters] == [Outcome.LEFT, Outcome.HERE]


def test_without_a_timeout_only_its_life_ends() -> None:
    world = World()
    world.desk()
    head = explained(world, world.task(timeout=60)).head
    assert head.target is not None and head.target.leaves_at_ms is None
    assert head.next is not None and (head.next.what, head.next.at_ms) == ("canceled", START_MS + 60_000)


def test_skip_if_is_told_with_the_counts_that_it_sees() -> None:
    world = World()
    first, second = world.queue("first"), world.queue("second")
    world.worker(activity="Offline")
    world.workflow(("1==1", {"queue": first, "skip_if": "workers.unavailable == 0"}, {"queue": second}))
    target = explained(world, world.task()).head.target
    assert target is not None and target.skip_if is not None and not target.skip_if.matched
    assert [each.text for each in target.skip_if.because] == [
        "workers.unavailable == 0 is false (workers.unavailable is 1)"
    ]


def test_the_place_among_the_waiting_follows_priority_and_age() -> None:
    """[routing 6.1, docs: task-queue + docs: LIFO page]"""
    world = World()
    world.desk()
    old, new, urgent = world.task(), world.task(at_ms=5), world.task(at_ms=9, priority=2)
    place = [explained(world, each).place for each in (old, new, urgent)]
    assert [(each.position, each.waiting) for each in place if each] == [(2, 3), (3, 3), (1, 3)]
    assert place[2] is not None and (place[2].priority, place[2].virtual_start_time_ms) == (2, START_MS + 9)


def test_the_place_in_a_lifo_queue_follows_age_alone() -> None:
    world = World()
    world.desk(task_order="LIFO")
    tasks = [world.task(at_ms=at) for at in range(3)]
    place = [explained(world, each).place for each in tasks]
    assert [each.position for each in place if each] == [3, 2, 1]
    assert place[0] is not None and place[0].order.startswith("LIFO")


def test_tasks_of_other_queues_are_not_counted() -> None:
    world = World()
    first, second = world.queue("first"), world.queue("second")
    world.workflow(("a == 1", first), default=second)
    world.task()
    place = explained(world, world.task({"a": 1})).place
    assert place is not None and (place.position, place.waiting) == (1, 1)


def test_a_pause_after_failed_callbacks_is_told() -> None:
    """[design 7, ours]"""
    world = World()
    world.desk()
    world.worker()
    task = world.task()
    world.do(cmd.FailAssignment(reservation=world.pending(task)[0].sid), 500)
    told = explained(world, task)
    assert (told.head.paused_until_ms, told.head.failures, told.place) == (START_MS + 1_500, 1, None)
    assert "It is not offered to anybody for 1 s more: its assignment callback has failed once." in told.summary


def test_what_comes_next_is_the_end_of_an_offer_if_nobody_answers() -> None:
    world = World()
    world.desk()
    world.worker("Alice")
    task = world.task()
    next_ = explained(world, task).head.next
    assert next_ is not None
    assert (next_.what, next_.at_ms) == ("lapsed", world.pending(task)[0].deadline_ms)
    assert next_.text == "The offer to 'Alice' lapses, unless it is answered by then"


def test_what_comes_next_is_the_end_of_a_pause() -> None:
    """[design 7, ours]"""
    world = World()
    world.desk()
    world.worker()
    task = world.task()
    world.do(cmd.FailAssignment(reservation=world.pending(task)[0].sid), 500)
    next_ = explained(world, task).head.next
    assert next_ is not None and (next_.what, next_.at_ms) == ("offered", START_MS + 1_500)


def test_a_direct_task_tells_its_own_rules() -> None:
    world = World()
    alice = world.worker("Alice", activity="Offline")
    world.desk()
    told = explained(world, world.task(routing_target=alice.sid, ignore_capacity=False))
    assert told.head.direct is not None
    assert (told.head.direct.routing_target, told.head.direct.ignore_capacity) == (alice.sid, False)
    assert told.filters == () and told.head.routing.why == "It was sent to worker 'Alice': it goes by no filters"


def test_a_task_that_was_sent_to_a_queue_follows_no_filters() -> None:
    world = World()
    queue = world.queue("desk")
    told = explained(world, world.task(routing_target=queue.sid))
    assert told.head.routing.why == "It was sent to queue 'desk' when it was created: it goes by no filters"
    assert told.head.target is not None and told.head.target.task_queue_name == "desk"


def test_reservations_say_why_their_workers() -> None:
    world = World()
    queue = world.queue(max_reserved_workers=2)
    world.workflow(("1==1", {"queue": queue, "order_by": "worker.level DESC"}))
    world.worker("Alice", {"level": 1})
    world.worker("Bob", {"level": 5})
    world.worker("Carol", {"level": 0})
    task = world.task()
    told = explained(world, task)
    assert [(each.worker_name, each.reservation_status) for each in told.reservations] == [
        ("Bob", "pending"),
        ("Alice", "pending"),
    ]
    assert told.reservations[0].why.startswith(
        "It was among the first by order_by 'worker.level DESC' (its values now: 5)"
    )
    assert told.summary == "The task is offered to Bob, Alice, and waits for an answer."


def test_who_came_next_is_told_only_as_far_as_it_is_known() -> None:
    """Carol came later, and Bob has had another task since: of them nobody knows how they stood then."""
    world = World()
    world.desk()
    world.worker("Alice", at_ms=1)
    bob = world.worker("Bob", at_ms=2)
    dave = world.worker("Dave", at_ms=3)
    task = world.task(at_ms=4)
    assert explained(world, task).reservations[0].came_next == ("Bob", "Dave")
    world.worker("Carol", at_ms=5)
    world.channel(bob, capacity=2)
    world.task(at_ms=6)
    told = explained(world, task)
    assert told.workers is not None
    assert [each.worker_name for each in told.workers.candidates] == ["Dave", "Carol", "Bob"]
    assert told.reservations[0].came_next == (dave.friendly_name,)


def test_an_assigned_task_says_who_has_it() -> None:
    world = World()
    world.desk()
    world.worker("Alice")
    task = world.task()
    world.accepted(task)
    told = explained(world, task)
    assert told.summary == "The task is assigned: Alice has it."
    assert told.reservations[0].why == "It had been idle longest of those who could take it then"
    assert told.head.next is not None and told.head.next.what == "removed"


def test_a_task_that_is_handed_on_waits_where_it_was_sent() -> None:
    """[routing 9.5, sdk-test]: the one who hands it on still has it, and may be asked like others."""
    world = World()
    first, second = world.queue("first"), world.queue("second", "name == 1")
    world.workflow(("1==1", first))
    world.worker("Alice")
    task = world.task()
    reservation = world.accepted(task)
    world.transfer(reservation, second, mode="WARM")
    told = explained(world, task)
    assert told.head.routing.why == "'Alice' hands it on to 'second' (WARM): it goes by no filters"
    assert told.filters == () and told.place is not None and told.place.position == 1
    assert told.summary.startswith("The task waits in queue 'second', at place 1 of 1.")
    assert told.workers is not None and [each.reason for each in told.workers.reasons] == [Reason.NOT_IN_QUEUE]


def test_an_offer_by_a_transfer_to_a_worker_says_so() -> None:
    world = World()
    world.desk()
    alice, bob = world.worker("Alice"), world.worker("Bob", activity="Offline")
    task = world.task(at_ms=1)
    reservation = world.accepted(task)
    world.move(bob, "Available")
    world.transfer(reservation, bob, mode="COLD")
    told = explained(world, task)
    assert reservation.worker == alice.no
    assert told.reservations[-1].why == "The task was sent to 'Bob' by a transfer: nobody else was asked"


def test_of_a_task_that_was_handed_on_and_has_ended_nothing_is_made_up() -> None:
    world = World()
    first, second = world.queue("first"), world.queue("second")
    world.workflow(("1==1", first))
    world.worker("Alice")
    task = world.task()
    world.transfer(world.accepted(task), second, mode="COLD")
    ended: Task = world.made(world.update_task(task, assignment_status="canceled"), ev.TaskCanceled).task
    assert explained(world, ended).head.routing.why.startswith("It was sent straight to a queue, or handed on: which,")


def test_an_ended_task_says_why_and_has_its_reservations() -> None:
    world = World()
    world.desk()
    world.worker("Alice")
    task = world.task()
    reservation = world.accepted(task)
    events = world.update_task(task, assignment_status="completed", reason="done")
    ended: Task = world.made(events, ev.TaskCompleted).task
    told = explained(world, ended, ended=(reservation,))
    assert told.summary == "The task has ended: completed, because of: done."
    assert (told.workers, told.place, told.head.next, told.head.ttl_ends_ms) == (None, None, None, None)
    assert [each.worker_name for each in told.reservations] == ["Alice"]
