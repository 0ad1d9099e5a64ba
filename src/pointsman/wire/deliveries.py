"""Deliveries out (a resource of ours): what was sent to the application, what it replied, and what came of it."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.core.ids import event_sid, number_of
from pointsman.core.record import Logged
from pointsman.core.types import Sid, WorkspaceSid
from pointsman.ports import Delivery, EndpointState, ReplayState
from pointsman.wire import callbacks, events
from pointsman.wire.spelling import iso

_PREFIX = {"assignment": "DA", "event": "DE"}
PREFIXES = tuple(_PREFIX.values())
_KIND = {prefix: kind for kind, prefix in _PREFIX.items()}


def delivery_sid(workspace: WorkspaceSid, kind: str, seq: int) -> Sid:
    """A delivery has the digits of the event that it tells of."""
    return _PREFIX[kind] + event_sid(workspace, seq)[2:]


def read_delivery_sid(sid: Sid) -> tuple[str, int] | None:
    """(kind, seq), or None if it is no delivery's."""
    kind = _KIND.get(sid[:2])
    return (kind, number_of(sid)) if kind and number_of(sid) else None


def endpoint_body(
    account: Sid, workspace: WorkspaceSid, state: EndpointState, replay: ReplayState | None, base: str
) -> dict[str, Any]:
    return {
        "account_sid": account,
        "workspace_sid": workspace,
        "callback_url": state.url or None,
        "state": state.state,
        "events_waiting": state.waiting,
        "problem": state.problem,
        "date_failing": iso(state.since_ms),
        "date_next_attempt": iso(state.next_ms),
        "replay": None if replay is None else msgspec.structs.asdict(replay),
        "url": f"{base}/v1/Workspaces/{workspace}/Deliveries/Endpoint",
    }


def body(delivery: Delivery, event: Logged | None, base: str) -> dict[str, Any]:
    """`event` is None if it is no longer kept; then the parameters are unknown."""
    workspace = f"{base}/v1/Workspaces/{delivery.workspace}"
    sid = delivery_sid(delivery.workspace, delivery.kind, delivery.seq)
    data = events.facts(event) if event else {}
    return {
        "sid": sid,
        "account_sid": event.account if event else None,
        "workspace_sid": delivery.workspace,
        "kind": delivery.kind,
        "event_sid": event_sid(delivery.workspace, delivery.seq),
        "event_type": event.type if event else None,
        "task_sid": data.get("task_sid"),
        "reservation_sid": data.get("reservation_sid"),
        "worker_sid": data.get("worker_sid"),
        "callback_url": delivery.url,
        "fallback_callback_url": delivery.fallback_url,
        "parameters": _parameters(delivery, event),
        "attempts": [
            {
                "url": attempt.url,
                "date": iso(attempt.at_ms),
                "took_ms": attempt.took_ms,
                "status": attempt.status,
                "content_type": attempt.content_type,
                "reply": attempt.reply,
                "problem": attempt.problem,
            }
            for attempt in delivery.attempts
        ],
        "verdict": delivery.verdict,
        "failed": delivery.failed,
        "warning": delivery.warning,
        "date_created": iso(delivery.created_ms),
        "date_finished": iso(delivery.finished_ms),
        "url": f"{workspace}/Deliveries/{sid}",
    }


def _parameters(delivery: Delivery, event: Logged | None) -> dict[str, str] | None:
    if event is None:
        return None
    return callbacks.assignment(event) if delivery.kind == "assignment" else events.callback(event)
