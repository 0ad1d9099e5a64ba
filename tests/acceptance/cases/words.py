"""The words of the libraries' enumerations that cases send and shapes expect."""

from __future__ import annotations

ORDERS = ("FIFO", "LIFO")
TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")
RESERVATION_STATUSES = (
    "pending",
    "accepted",
    "rejected",
    "timeout",
    "canceled",
    "rescinded",
    "wrapping",
    "completed",
)
CALL_STATUSES = ("initiated", "ringing", "answered", "completed")
CONFERENCE_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "speaker")
SUPERVISOR_MODES = ("monitor", "whisper", "barge")

WORDS = {
    "WorkspaceInstance.QueueOrder": ORDERS,
    "TaskQueueInstance.TaskOrder": ORDERS,
    "TaskInstance.Status": TASK_STATUSES,
    "ReservationInstance.Status": RESERVATION_STATUSES,
    "ReservationInstance.CallStatus": CALL_STATUSES,
    "ReservationInstance.ConferenceEvent": CONFERENCE_EVENTS,
    "ReservationInstance.SupervisorMode": SUPERVISOR_MODES,
}
