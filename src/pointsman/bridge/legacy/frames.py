"""What the sockets of the first SDK are told. A Worker's channel hears what its worker does, a TaskQueue's the tasks
and reservations of the queue, a Workspace's everything [inferred].

A payload is the entity that an event is about, in the shape that the current SDK is told; but a reservation is shown as
its task, with `reservation_sid` beside it [sdk1].
"""

from __future__ import annotations

from collections.abc import Iterable

from pointsman.bridge.audience import Notice
from pointsman.core.ids import number_of
from pointsman.core.record import Logged
from pointsman.core.types import Sid
from pointsman.wire.bodies import Body
from pointsman.wire.sockets import frame, payload

TASK, WORKER, CHANNEL = "task.updated", "worker.activity.update", "worker.capacity.update"  # whose payloads show these


def frames(channel: Sid, notices: Iterable[Notice]) -> list[str]:
    """What of one commit goes over a channel's sockets, in order."""
    heard = (each for each in notices if hears(channel, each.event))
    bodies = ((each.type, body_of(each)) for each in heard)
    return [frame(name, body) for name, body in bodies if body is not None]


def hears(channel: Sid, event: Logged) -> bool:
    """Of what the hub hands to it: a worker only what concerns it, the others everything."""
    if not channel.startswith("WQ"):
        return True
    queues = (event.record.queue, event.record.previous_queue)
    return any(quote is not None and quote[0] == number_of(channel) for quote in queues)


def body_of(notice: Notice) -> Body | None:
    """None, for what the SDK can't take: it has no class for task channels, and asks for the reservation of everything
    that is called `reservation.…` [sdk1]."""
    event, record = notice.event, notice.event.record
    if notice.type.startswith("reservation."):
        return None if record.reservation is None else payload(TASK, event) | _of_reservation(event)
    if record.task is not None:
        return payload(TASK, event)
    if record.worker_channel is not None:
        return payload(CHANNEL, event)
    if record.worker is not None:
        return payload(WORKER, event)
    return None if record.channel is not None else _configured(event)


def _of_reservation(event: Logged) -> Body:
    reservation, worker = event.record.reservation, event.record.worker
    assert reservation is not None and worker is not None, "events of a reservation have its worker"
    return {"reservation_sid": reservation.sid, "worker_sid": event.words[(worker.no, worker.text)].sid}


def _configured(event: Logged) -> Body:
    """Of the workspace and its parts the log knows only what they are called."""
    record = event.record
    words = event.words[record.activity or record.queue or record.workflow or record.workspace]
    body: Body = {"sid": words.sid, "account_sid": event.account, "friendly_name": words.name}
    if words.sid != event.workspace:
        body["workspace_sid"] = event.workspace
    if words.available is not None:
        body["available"] = words.available
    if words.expression is not None:
        body["target_workers"] = words.expression
    return body
