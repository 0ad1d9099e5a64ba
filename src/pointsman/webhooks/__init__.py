"""Callbacks to the application: of assignments, whose replies are carried out, and of events."""

from pointsman.webhooks.limits import Limits
from pointsman.webhooks.sender import Sender

__all__ = ["Limits", "Sender"]
