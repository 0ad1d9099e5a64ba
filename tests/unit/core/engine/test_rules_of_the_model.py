"""What a workspace is made of: workers, activities, channels, queues, and what they are at first."""

from __future__ import annotations

import json

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.ids import CountingIds
from pointsman.core.types import No, Sid
from tests.world import START_MS, World


class OtherIds(CountingIds):
    """The same numbers under other sids."""

    def sid(self, prefix: str, no: No) -> Sid:
        return f"{prefix}{'f' * 20}{no:012x}"


def test_what_is_in_one_workspace_is_not_in_another() -> None:
    """[routing 1.1, oai]"""
    here, there = World(), World()
    there.ids = OtherIds()
    here.worker("ann")
    stranger = there.worker("ann")
    assert stranger.no in here.state.workers, "another worker of ours has its number"
    assert isinstance(here.refused(cmd.UpdateWorker(worker=stranger.sid, values={})), NotFound)
    assert isinstance(here.refused(cmd.CreateTask(values={"routing_target": stranger.sid})), Invalid)


def test_capacities_are_remembered_while_multitasking_is_off() -> None:
    """[routing 1.1, docs: multitasking]"""
    world = World(multi_task_enabled=False)
    world.desk()
    ann = world.worker("ann", activity="Idle")
    world.channel(ann, capacity=3)
    tasks = [world.task() for _ in range(4)]
    assert [world.offered_to(task) for task in tasks] == [["ann"], [], [], []]
    world.do(cmd.UpdateWorkspace(values={"multi_task_enabled": True}))
    assert [world.offered_to(task) for task in tasks] == [["ann"], ["ann"], ["ann"], []]


def test_an_activity_is_available_or_not_for_life() -> None:
    """[routing 1.2, docs: activity + oai]"""
    world = World()
    offline = world.activity("Offline")
    assert world.do(cmd.UpdateActivity(activity=offline.sid, values={"available": True})) == []
    made = world.do(cmd.CreateActivity(values={"friendly_name": "Lunch"}))
    assert not world.made(made, ev.ActivityCreated).activity.available


def test_the_date_of_a_workers_status_is_that_of_its_last_activity() -> None:
    """[routing 1.3, oai]"""
    world = World()
    world.desk()
    ann = world.worker("ann", at_ms=0)
    world.update_worker(ann, at_ms=1_000, attributes='{"a":1}')
    world.task(at_ms=2_000)
    world.channel(ann, capacity=2)
    assert world.now(ann).status_changed_ms == START_MS
    world.move(ann, "Offline", at_ms=3_000)
    assert world.now(ann).status_changed_ms == START_MS + 3_000


def test_a_workers_version_grows_with_an_offer_but_with_no_answer_to_it() -> None:
    """[routing 1.3, sdk + sdk-test] and [wire 3, observed]"""
    world = World()
    world.desk()
    ann = world.worker("ann")
    seen = [world.now(ann).version]
    task = world.task()
    seen.append(world.now(ann).version)
    world.move(ann, "Offline")
    seen.append(world.now(ann).version)
    world.answer(world.pending(task)[0], "rejected")
    seen.append(world.now(ann).version)
    world.move(ann, "Available")
    world.accepted(task)
    seen.append(world.now(ann).version)
    world.update_task(task, assignment_status="wrapping")
    world.update_task(task, assignment_status="completed")
    seen.append(world.now(ann).version)
    assert seen == [1, 2, 3, 3, 5, 5], "each offer and each activity is one"


def test_a_channel_keeps_its_unique_name() -> None:
    """[routing 1.4, oai]"""
    world = World()
    assert world.do(cmd.UpdateTaskChannel(channel="voice", values={"unique_name": "phone"})) == []
    values = {"friendly_name": "Phone", "channel_optimized_routing": True}
    world.do(cmd.UpdateTaskChannel(channel="voice", values=values))
    voice = world.state.channel("voice")
    assert (voice.friendly_name, voice.channel_optimized_routing) == ("Phone", True)


def test_a_tasks_channel_is_named_by_sid_or_unique_name_and_else_the_default_one() -> None:
    """[routing 1.4, docs: multitasking + oai]"""
    world = World()
    world.desk()
    chat, default = world.state.channel("chat"), world.state.channel("default")
    assert [world.task().channel, world.task(task_channel="chat").channel] == [default.no, chat.no]
    assert world.task(task_channel=chat.sid).channel == chat.no


def test_a_queue_takes_everybody_offers_to_one_and_serves_the_oldest_unless_told_otherwise() -> None:
    """[routing 1.6, oai]"""
    world = World()
    queue = world.made(world.do(cmd.CreateTaskQueue(values={"friendly_name": "q"})), ev.TaskQueueCreated).queue
    assert (queue.target_workers, queue.max_reserved_workers, queue.task_order) == ("1==1", 1, "FIFO")


def test_in_a_queue_with_an_empty_expression_tasks_wait_until_moved() -> None:
    """[routing 1.6, oai]"""
    world = World()
    nobody, everybody = world.queue(expression=""), world.queue()
    world.workflow(("lost == true", nobody), default=everybody)
    world.worker("ann")
    task = world.task({"lost": True})
    assert world.offered_to(task) == []
    world.update_task(task, attributes=json.dumps({"lost": False}))
    assert world.offered_to(task) == ["ann"]


@pytest.mark.parametrize("multi", [True, False])
def test_activities_move_by_themselves_after_a_timeout_alone(multi: bool) -> None:
    """[design 7, ours]; in both modes the timeout activity: [routing 3.1, docs: activity + oai]"""
    world = World(multi_task_enabled=multi)
    world.desk()
    ann = world.worker("ann", activity="Available" if multi else "Idle")
    task = world.task(at_ms=0)
    assert world.now(ann).activity == ann.activity, "the queue has neither a reservation nor an assignment activity"
    world.tick(120_000)
    assert world.now(ann).activity == world.activity("Offline").no
    world.move(ann, "Available" if multi else "Idle")
    world.accepted(task)
    assert world.now(ann).activity == ann.activity
