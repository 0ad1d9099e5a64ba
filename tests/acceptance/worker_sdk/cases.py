"""What the SDK is made to do, each case at a desk of its own. Expectations are those of the SDK's documentation and of
its own tests [sdk][sdk-test]."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.acceptance.worker_sdk.desk import Desk
from tests.acceptance.worker_sdk.servants import Failed

Case = Callable[[Desk], None]
CASES: list[Case] = []
URL = "http://127.0.0.1:9/voice"
NO_TELEPHONE = "It needs a telephone service, and none is connected"


def case(each: Case) -> Case:
    CASES.append(each)
    return each


def refused(desk: Desk, of: str, method: str, *arguments: object) -> Failed:
    try:
        desk.servant.call(of, method, *arguments)
    except Failed as failure:
        return failure
    raise AssertionError("it was not refused")


# --- workers ------------------------------------------------------------------------------------------------------


@case
def a_worker_starts_with_what_it_has(desk: Desk) -> None:
    name = desk.start()
    worker = desk.servant.look(name)
    assert worker["sid"] == worker["workerSid"] == desk.workers["alice"]
    assert (worker["name"], worker["workspaceSid"], worker["attributes"]) == ("alice", desk.workspace, {})
    assert set(worker["activities"]) == set(desk.activities.values())
    assert desk.servant.look(f"{name}/activity")["name"] == "Offline"
    assert len(worker["channels"]) == 5
    assert desk.servant.look(f"{name}/channels/default")["capacity"] == 1
    assert isinstance(worker["dateCreated"], datetime)
    desk.servant.call(name, "getLogger", "tests")
    desk.servant.call(name, "getRoutes")


@case
def a_worker_moves_to_another_activity(desk: Desk) -> None:
    name = desk.start()
    since = desk.servant.mark()
    moved = desk.servant.call(f"{name}/activities/Available", "setAsCurrent")
    assert (moved["name"], moved["isCurrent"]) == ("Available", True)
    assert desk.servant.wait(name, "activityUpdated", since).value["available"] is True
    assert desk.servant.look(f"{name}/activity")["name"] == "Available"


@case
def a_worker_that_is_moved_into_a_new_activity_loads_it(desk: Desk) -> None:
    """Of which its client has never heard [sdk: it would break on the event]."""
    name = desk.start()
    since = desk.servant.mark()
    new = desk.create("Activities", FriendlyName="Brand new", Available="true")["sid"]
    desk.update(f"Workers/{desk.workers['alice']}", ActivitySid=new)
    desk.servant.wait(name, "disconnected", since)
    desk.servant.wait(name, "ready", since)
    assert desk.servant.look(f"{name}/activity")["name"] == "Brand new"


@case
def an_activity_that_is_left_rejects_what_is_pending(desk: Desk) -> None:
    desk.capacity("alice", 3)
    name = desk.available()
    offers = [desk.offer(name) for _ in range(3)]
    since = desk.servant.mark()
    desk.go(name, "Unavailable", rejectPendingReservations=True)
    desk.servant.wait(name, "activityUpdated", since)
    told = [each.of for each in desk.servant.events[since:] if each.event == "rejected"]
    assert sorted(told) == sorted(offers)


@case
def a_worker_begins_in_the_activity_that_its_page_names(desk: Desk) -> None:
    name = desk.start(connectActivitySid=desk.activities["Available"])
    desk.servant.wait(name, "activityUpdated")
    assert desk.get(f"Workers/{desk.workers['alice']}")["activity_name"] == "Available"


@case
def a_worker_s_attributes_are_replaced(desk: Desk) -> None:
    name = desk.start()
    since = desk.servant.mark()
    changed = desk.servant.call(name, "setAttributes", {"languages": ["et", "ß"], "a/b": {"c": 1}})
    assert changed["attributes"] == {"languages": ["et", "ß"], "a/b": {"c": 1}}
    desk.servant.wait(name, "attributesUpdated", since)
    since = desk.servant.mark()
    desk.update(f"Workers/{desk.workers['alice']}", Attributes='{"by":"rest"}')
    assert desk.servant.wait(name, "attributesUpdated", since).value["attributes"] == {"by": "rest"}


@case
def a_worker_is_fetched_anew(desk: Desk) -> None:
    name = desk.start()
    desk.update(f"Workers/{desk.workers['alice']}", FriendlyName="alicia")  # of which no event tells
    desk.servant.call(name, "fetchLatestVersion")
    assert desk.servant.look(name)["name"] == "alicia"


@case
def a_worker_s_channels_are_told_of(desk: Desk) -> None:
    name = desk.start()
    since = desk.servant.mark()
    path = f"Workers/{desk.workers['alice']}/Channels/chat"
    desk.update(path, Capacity=4)
    assert desk.servant.wait(f"{name}/channels/chat", "capacityUpdated", since).value["capacity"] == 4
    desk.update(path, Available="false")
    assert desk.servant.wait(f"{name}/channels/chat", "availabilityUpdated", since).value["available"] is False


@case
def a_worker_makes_a_task_for_itself(desk: Desk) -> None:
    name = desk.available()
    since = desk.servant.mark()
    options = {"attributes": {"deep": {"er": [1]}}, "taskChannelUniqueName": "default"}
    sid = desk.servant.call(name, "createTask", "+1", "+2", desk.workflow, desk.queue, options)
    reservation = desk.offered(name, since)
    task = desk.servant.look(f"{reservation}/task")
    assert (task["sid"], task["routingTarget"]) == (sid, desk.workers["alice"])
    assert task["attributes"] == {"deep": {"er": [1]}, "outbound_to": "+1", "from": "+2"}


@case
def a_task_that_a_worker_could_not_have_is_told_as_failed(desk: Desk) -> None:
    desk.move_in(MultiTaskEnabled="false")
    name = desk.available(activity="Idle")
    desk.accepted(name)
    since = desk.servant.mark()
    desk.servant.call(name, "createTask", "+1", "+2", desk.workflow, desk.queue, {})
    failed = desk.servant.wait(name, "reservationFailed", since).value
    assert failed["assignment_status"] == "canceled"


@case
def a_worker_disconnects_for_good(desk: Desk) -> None:
    name = desk.start()
    since = desk.servant.mark()
    desk.servant.call(name, "disconnect")
    assert desk.servant.wait(name, "disconnected", since).value["message"] == "SDK Disconnect"


@case
def a_token_that_expires_closes_the_socket_and_a_new_one_opens_it_again(desk: Desk) -> None:
    name = desk.name("short")
    desk.servant.make(name, "Worker", desk.token("alice", ttl=8), desk.options)
    desk.servant.wait(name, "ready")
    desk.servant.wait(name, "tokenExpired", seconds=20)
    since = desk.servant.mark()
    closed = desk.servant.wait(name, "disconnected", since, seconds=20)
    assert closed.value["message"] == "token expired"
    desk.servant.call(name, "updateToken", desk.token("alice"))
    desk.servant.wait(name, "tokenUpdated", since)
    desk.servant.wait(name, "ready", since)


@case
def a_bad_token_is_an_error_of_the_worker(desk: Desk) -> None:
    name = desk.name("bad")
    desk.servant.make(name, "Worker", desk.token("alice")[:-6] + "AAAAAA", desk.options)
    desk.servant.wait(name, "error")
    desk.servant.wait(name, "disconnected")
    desk.servant.call(name, "disconnect")


@case
def two_pages_of_a_worker_hear_the_same(desk: Desk) -> None:
    name, other = desk.start(), desk.name("again")
    desk.servant.make(other, "Worker", desk.token("alice"), desk.options)
    desk.servant.wait(other, "ready")
    since = desk.servant.mark()
    desk.go(name, "Available")
    for each in (name, other):
        desk.servant.wait(each, "activityUpdated", since)


@case
def a_page_that_wants_to_be_the_only_one_closes_the_others_once(desk: Desk) -> None:
    """[sdk-test: a displaced client comes back, and must not displace in turn]"""
    name = desk.start()
    since = desk.servant.mark()
    time.sleep(1.1)  # tokens of one second are the same token
    other = desk.name("only")
    desk.servant.make(other, "Worker", desk.token("alice"), {**desk.options, "closeExistingSessions": True})
    desk.servant.wait(other, "ready", since)
    desk.servant.wait(name, "disconnected", since)
    desk.servant.wait(name, "ready", since)  # again
    assert desk.servant.names(other, since) == ["ready"]


@case
def versions_are_checked_where_a_page_asks_for_it(desk: Desk) -> None:
    desk.capacity("alice", 2)
    name = desk.available(enableVersionCheck=True)
    reservation = desk.accepted(name)
    desk.offer(name)
    desk.servant.call(name, "setAttributes", {"still": "in step"})
    desk.servant.call(f"{reservation}/task", "setAttributes", {"a": 1})
    desk.servant.call(f"{reservation}/task", "setAttributes", {"a": 2})
    desk.servant.call(reservation, "wrap")
    desk.servant.call(reservation, "complete")


# --- reservations -------------------------------------------------------------------------------------------------


@case
def an_offer_is_accepted_and_its_task_follows(desk: Desk) -> None:
    name = desk.available()
    reservation = desk.offer(name, Attributes='{"selected_language":"et"}')
    offered = desk.servant.look(reservation)
    assert (offered["status"], offered["timeout"], offered["workerSid"]) == ("pending", 120, desk.workers["alice"])
    task = desk.servant.look(f"{reservation}/task")
    assert (task["status"], task["attributes"]) == ("reserved", {"selected_language": "et"})
    assert (task["queueName"], task["workflowName"]) == ("Sample Queue", "Default Fifo Workflow")
    since = desk.servant.mark()
    accepted = desk.servant.call(reservation, "accept")
    assert (accepted["status"], accepted["task"]["status"]) == ("accepted", "reserved")  # until its event [sdk-test]
    desk.servant.wait(reservation, "accepted", since)
    desk.servant.wait(f"{reservation}/task", "updated", since)
    assert desk.servant.look(f"{reservation}/task")["status"] == "assigned"
    again = refused(desk, reservation, "accept")
    assert "status code 400" in again.message


@case
def a_reservation_is_wrapped_up_and_completed(desk: Desk) -> None:
    reservation = desk.accepted(desk.available())
    since = desk.servant.mark()
    assert desk.servant.call(reservation, "wrap")["status"] == "wrapping"
    desk.servant.wait(f"{reservation}/task", "wrapup", since)
    desk.servant.wait(reservation, "wrapup", since)
    assert desk.servant.call(reservation, "complete")["status"] == "completed"
    desk.servant.wait(f"{reservation}/task", "completed", since)
    desk.servant.wait(reservation, "completed", since)


@case
def an_offer_is_rejected_into_another_activity(desk: Desk) -> None:
    name = desk.available()
    reservation = desk.offer(name)
    since = desk.servant.mark()
    desk.servant.call(reservation, "reject", {"activitySid": desk.activities["Unavailable"]})
    desk.servant.wait(reservation, "rejected", since)
    assert desk.servant.wait(name, "activityUpdated", since).value["available"] is False


@case
def an_offer_that_nobody_answers_lapses(desk: Desk) -> None:
    desk.update(f"Workflows/{desk.workflow}", TaskReservationTimeout=1)
    name = desk.available()
    since = desk.servant.mark()
    reservation = desk.offer(name)
    desk.servant.wait(reservation, "timeout", since)
    assert desk.servant.wait(name, "activityUpdated", since).value["available"] is False


@case
def an_offer_whose_task_is_canceled_is_canceled(desk: Desk) -> None:
    reservation = desk.offer(desk.available())
    task, since = desk.sid(reservation), desk.servant.mark()
    desk.update(f"Tasks/{task}", AssignmentStatus="canceled", Reason="no need")
    assert desk.servant.wait(reservation, "canceled", since).value["task"]["status"] == "canceled"
    assert desk.servant.wait(f"{reservation}/task", "canceled", since).value["reason"] == "no need"


@case
def an_offer_that_another_takes_is_rescinded(desk: Desk) -> None:
    desk.update(f"TaskQueues/{desk.queue}", MaxReservedWorkers=2)
    alice, bob = desk.available(), desk.available("bob")
    since = desk.servant.mark()
    desk.create("Tasks", WorkflowSid=desk.workflow)
    hers, his = desk.offered(alice, since), desk.offered(bob, since)
    desk.servant.call(his, "accept")
    assert desk.servant.wait(hers, "rescinded", since).value["status"] == "rescinded"


@case
def a_reservation_is_fetched_anew(desk: Desk) -> None:
    reservation = desk.accepted(desk.available())
    fetched = desk.servant.call(reservation, "fetchLatestVersion")
    assert (fetched["status"], fetched["task"]["status"]) == ("accepted", "assigned")


@case
def instructions_that_need_a_telephone_are_refused(desk: Desk) -> None:
    reservation = desk.offer(desk.available(), Attributes='{"call_sid":"CA1","from":"+1"}')
    to = {"to": "+15550100"}
    for method, arguments in {
        "call": ("+15550100", URL, to),
        "dequeue": ({**to, "from": "+15550100"},),
        "redirect": ("CA" + "0" * 32, URL),
        "conference": ({**to, "from": "+15550100"},),
    }.items():
        why = refused(desk, reservation, method, *arguments)
        assert "status code 400" in why.message, why
        assert NO_TELEPHONE in why.message, why
    assert desk.servant.look(reservation)["status"] == "pending"


@case
def what_is_done_to_participants_is_refused(desk: Desk) -> None:
    reservation = desk.accepted(desk.available())
    task, bob = f"{reservation}/task", desk.workers["bob"]
    for of, method, arguments in (
        (reservation, "updateParticipant", ({"mute": True},)),
        (task, "updateParticipant", ({"hold": True},)),
        (task, "hold", (bob, True)),
        (task, "kick", (bob,)),
    ):
        why = refused(desk, of, method, *arguments)
        assert "status code 400" in why.message, why
        assert NO_TELEPHONE in why.message, why


# --- tasks --------------------------------------------------------------------------------------------------------


@case
def a_task_is_wrapped_up_and_completed_with_reasons(desk: Desk) -> None:
    reservation = desk.accepted(desk.available())
    task, since = f"{reservation}/task", desk.servant.mark()
    assert desk.servant.call(task, "wrapUp", {"reason": "nearly"})["reason"] == "nearly"
    desk.servant.wait(task, "wrapup", since)
    assert desk.servant.call(task, "complete", "done")["status"] == "completed"
    assert desk.servant.wait(task, "completed", since).value["reason"] == "done"
    desk.servant.wait(reservation, "completed", since)


@case
def a_task_s_attributes_are_replaced_and_raise_its_version_by_one(desk: Desk) -> None:
    reservation = desk.accepted(desk.available())
    task, since = f"{reservation}/task", desk.servant.mark()
    before = int(desk.servant.look(task)["version"])
    desk.servant.call(task, "setAttributes", {"b": [None, "ü"]})
    updated = desk.servant.wait(task, "updated", since).value
    assert (updated["attributes"], int(updated["version"])) == ({"b": [None, "ü"]}, before + 1)
    assert int(desk.servant.call(task, "fetchLatestVersion")["version"]) == before + 1


@case
def a_task_s_virtual_start_time_may_be_in_the_past_only(desk: Desk) -> None:
    reservation = desk.accepted(desk.available())
    task = f"{reservation}/task"
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    assert desk.servant.call(task, "setVirtualStartTime", start)["virtualStartTime"] == start
    late = start + timedelta(days=2)
    assert "future" in refused(desk, task, "setVirtualStartTime", late).message


@case
def a_task_that_is_deleted_ends_its_reservation(desk: Desk) -> None:
    """[sdk-test]"""
    reservation = desk.accepted(desk.available())
    since = desk.servant.mark()
    desk.delete(f"Tasks/{desk.sid(reservation)}")
    desk.servant.wait(reservation, "completed", since)


# --- transfers ----------------------------------------------------------------------------------------------------


def handed_on(desk: Desk, to: str = "bob", **options: object) -> tuple[str, str]:
    """Alice has accepted a task and hands it on; her reservation and the other's."""
    alice = desk.available()
    hers = desk.accepted(alice)
    bob = desk.available("bob")
    since = desk.servant.mark()
    target = desk.workers.get(to, desk.queue)
    desk.servant.call(f"{hers}/task", "transfer", target, options)
    desk.servant.wait(f"{hers}/task", "transferInitiated", since)
    return hers, desk.offered(bob, since)


@case
def a_warm_transfer_to_a_worker(desk: Desk) -> None:
    hers, his = handed_on(desk, attributes={"handed": "on"}, priority=7)
    outgoing = desk.servant.look(f"{hers}/task/transfers/outgoing")
    assert (outgoing["mode"], outgoing["type"], outgoing["status"]) == ("WARM", "WORKER", "initiated")
    incoming = desk.servant.look(f"{his}/task/transfers/incoming")
    assert (incoming["workerSid"], incoming["mode"]) == (desk.workers["alice"], "WARM")
    assert desk.servant.look(f"{his}/task")["attributes"] == {"handed": "on"}
    since = desk.servant.mark()
    desk.servant.call(his, "accept")
    desk.servant.wait(f"{hers}/task/transfers/outgoing", "completed", since)
    desk.servant.wait(his, "accepted", since)
    desk.servant.call(hers, "complete")
    desk.servant.wait(hers, "completed", since)
    assert desk.servant.look(f"{his}/task")["status"] == "assigned"
    desk.servant.call(his, "complete")
    desk.servant.wait(f"{his}/task", "completed", since)


@case
def a_cold_transfer_to_a_worker(desk: Desk) -> None:
    hers, his = handed_on(desk, mode="COLD")
    desk.servant.wait(hers, "wrapup")
    desk.servant.call(hers, "complete")
    since = desk.servant.mark()
    desk.servant.call(his, "accept")
    assert desk.servant.wait(his, "accepted", since).value["task"]["status"] == "assigned"


@case
def a_transfer_that_is_rejected_fails(desk: Desk) -> None:
    hers, his = handed_on(desk)
    since = desk.servant.mark()
    desk.servant.call(his, "reject")
    failed = desk.servant.wait(f"{hers}/task/transfers/outgoing", "failed", since).value
    assert failed["transferFailedReason"]
    desk.servant.wait(f"{hers}/task", "updated", since)
    assert desk.servant.look(f"{hers}/task")["status"] == "assigned"


@case
def a_transfer_is_canceled_once(desk: Desk) -> None:
    """The words of the second refusal are compared [sdk-test]."""
    hers, his = handed_on(desk)
    outgoing, since = f"{hers}/task/transfers/outgoing", desk.servant.mark()
    sid = desk.servant.look(outgoing)["sid"]
    assert desk.servant.call(outgoing, "cancel")["status"] == "canceled"
    desk.servant.wait(outgoing, "canceled", since)
    desk.servant.wait(his, "canceled", since)
    again = refused(desk, outgoing, "cancel")
    assert f"Transfer {sid} is already canceled . Cannot cancel transfer." in again.message


@case
def a_transfer_to_a_queue_asks_others_after_a_rejection(desk: Desk) -> None:
    alice = desk.available()
    hers = desk.accepted(alice)
    bob = desk.available("bob")
    since = desk.servant.mark()
    desk.servant.call(f"{hers}/task", "transfer", desk.queue, {})
    his = desk.offered(bob, since)
    outgoing = f"{hers}/task/transfers/outgoing"
    desk.servant.wait(f"{hers}/task", "transferInitiated", since)
    desk.servant.call(his, "reject", {"activitySid": desk.activities["Offline"]})
    desk.servant.wait(outgoing, "attemptFailed", since)
    assert desk.servant.look(outgoing)["status"] == "initiated"


@case
def a_transfer_to_who_is_not_available_is_refused(desk: Desk) -> None:
    hers = desk.accepted(desk.available())
    why = refused(desk, f"{hers}/task", "transfer", desk.workers["bob"], {})
    assert "status code 400" in why.message


# --- supervisors --------------------------------------------------------------------------------------------------


@case
def a_supervisor_changes_another_worker(desk: Desk) -> None:
    bob = desk.start("bob")
    supervisor = desk.start(kind="Supervisor")
    since = desk.servant.mark()
    desk.servant.call(supervisor, "setWorkerActivity", desk.workers["bob"], desk.activities["Available"])
    desk.servant.wait(bob, "activityUpdated", since)
    desk.servant.call(supervisor, "setWorkerAttributes", desk.workers["bob"], {"by": "supervisor"})
    assert desk.servant.wait(bob, "attributesUpdated", since).value["attributes"] == {"by": "supervisor"}


@case
def a_supervisor_s_listening_in_is_refused_without_a_telephone(desk: Desk) -> None:
    his = desk.accepted(desk.available("bob"))
    supervisor = desk.start(kind="Supervisor")
    sids = desk.sid(his), desk.servant.look(his)["sid"]
    why = refused(desk, supervisor, "monitor", *sids, {})
    assert NO_TELEPHONE in why.message


# --- workspaces ---------------------------------------------------------------------------------------------------


@case
def a_workspace_s_workers_are_found(desk: Desk) -> None:
    client, alice, bob = desk.workspace_client(), desk.workers["alice"], desk.workers["bob"]

    def found(**wanted: str) -> list[str]:
        return [each["friendlyName"] for each in desk.servant.call(client, "fetchWorkersInfo", wanted)]

    desk.update(f"Workers/{bob}", ActivitySid=desk.activities["Available"])
    assert found() == ["alice", "bob"]
    assert found(FriendlyName="bob") == ["bob"]
    assert found(FriendlyName="nobody") == []
    assert found(ActivityName="Available") == ["bob"]
    assert found(ActivitySid=desk.activities["Offline"]) == ["alice"]
    assert found(AfterSid=alice) == ["bob"]
    assert found(TargetWorkersExpression=f"sid IN ['{bob}']") == ["bob"]
    assert found(Ordering="DateStatusChanged:desc") == ["bob", "alice"]
    for wrong in ({"ActivitySid": "x"}, {"AfterSid": "x"}):
        why = refused(desk, client, "fetchWorkersInfo", wrong)
        assert "status code 400" in why.message
    assert [each["sid"] for each in desk.servant.call(client, "fetchWorkers", {})] == [alice, bob]
    assert desk.servant.call(client, "fetchWorkerInfo", alice)["friendlyName"] == "alice"
    assert desk.servant.call(client, "fetchWorker", bob)["name"] == "bob"
    unknown = refused(desk, client, "fetchWorkerInfo", "WK" + "0" * 32)
    assert "status code 404" in unknown.message


@case
def a_workspace_s_lists_are_turned_page_by_page(desk: Desk) -> None:
    for number in range(5):
        desk.create("Workers", FriendlyName=f"more {number}")
    client = desk.name("paged")
    desk.servant.make(client, "Workspace", desk.token(None, "admin"), {**desk.options, "pageSize": 2})
    for order in ({}, {"Ordering": "DateStatusChanged:asc"}):
        rows = desk.servant.call(client, "fetchWorkersInfo", order)
        assert [each["friendlyName"] for each in rows] == ["alice", "bob", *(f"more {number}" for number in range(5))]


@case
def a_workspace_s_queues_and_tasks_are_found(desk: Desk) -> None:
    client = desk.workspace_client()
    other = desk.create("TaskQueues", FriendlyName="bob's", TargetWorkers=f"sid == '{desk.workers['bob']}'")["sid"]

    def found(**wanted: str) -> list[str]:
        return [each["sid"] for each in desk.servant.call(client, "fetchTaskQueues", wanted)]

    assert found() == [desk.queue, other]
    assert found(WorkerSid=desk.workers["alice"]) == [desk.queue]
    assert found(FriendlyName="bob's") == [other]
    assert found(Ordering="DateUpdated:desc") == [other, desk.queue]
    assert desk.servant.call(client, "fetchTaskQueue", other)["name"] == "bob's"
    task = desk.create("Tasks", WorkflowSid=desk.workflow)["sid"]
    shown = desk.servant.call(client, "fetchTask", task)
    assert (shown["sid"], shown["attributes"]) == (task, {})


@case
def a_workspace_s_token_is_replaced(desk: Desk) -> None:
    client = desk.workspace_client()
    desk.servant.call(client, "updateToken", desk.token("alice"))
    why = refused(desk, client, "fetchTaskQueues", {})
    assert "status code 403" in why.message
