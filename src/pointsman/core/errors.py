"""Refusals: what a caller asked for and can't have, and why. A refused command changes nothing."""

from __future__ import annotations


class Rejected(Exception):
    """The caller can mend it, and nothing has changed."""


class Invalid(Rejected):
    """A value is outside what is allowed; the message says what was wrong and what was expected."""


class NotFound(Rejected):
    """There is no such entity in this workspace."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} was not found")
        self.what = what


class InvalidTransition(Rejected):
    """The entity is not in a state that allows this move."""


class UnknownInstruction(Invalid):
    """There is no such instruction for a reservation."""


class BadInstruction(Rejected):
    """An instruction lacks a parameter, has a wrong one, or comes at the wrong time ("")."""

    def __init__(self, instruction: str, parameter: str, message: str) -> None:
        super().__init__(message)
        self.instruction, self.parameter = instruction, parameter


class Rescinded(InvalidTransition):
    """Somebody else accepted first. TaskRouter answers 410 here [docs: task-queue]."""


class InUse(Rejected):
    """The entity can't be removed while others depend on it."""


class TooManyAvailable(Rejected):
    """More workers would be in available activities than the operator allows [dict 14240]."""


class TooLongAgo(Rejected):
    """Statistics don't go back that far [dict 14241]."""


class VersionMismatch(Rejected):
    """The caller's `If-Match` names another version than the current one."""

    def __init__(self, sid: str, wanted: int, current: int) -> None:
        super().__init__(f"{sid} is at version {current}, not {wanted}")
        self.sid, self.wanted, self.current = sid, wanted, current
