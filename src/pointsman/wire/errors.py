"""Refusals out: HTTP status, TaskRouter's code, and the body in its form [obs][dict]."""

from __future__ import annotations

from typing import Any, NamedTuple

from pointsman.core.errors import NotFound, Rejected, Rescinded, TooLongAgo, TooManyAvailable, VersionMismatch

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"  # the text that the recorded bodies have


class Problem(NamedTuple):
    status: int
    code: int | None
    message: str
    detail: str | None = None

    def body(self) -> dict[str, Any]:
        """Keys in recorded order."""
        body: dict[str, Any] = {"code": self.code} if self.code else {}
        if self.detail:
            body["detail"] = self.detail
        body["message"] = self.message
        if self.code:
            body["more_info"] = MORE_INFO.format(code=self.code)
        return body | {"status": self.status}


def refusal(problem: Rejected, path: str) -> Problem:
    """How a refused command is told to the client."""
    if isinstance(problem, NotFound):
        return not_found(path)
    if isinstance(problem, VersionMismatch):
        return Problem(412, 20412, f"Precondition Failed: {problem}")
    if isinstance(problem, TooManyAvailable):
        return Problem(400, 14240, str(problem))
    if isinstance(problem, TooLongAgo):
        return Problem(400, 14241, str(problem))
    return Problem(410 if isinstance(problem, Rescinded) else 400, 20001, str(problem))


def not_found(path: str) -> Problem:
    """The path as it was received."""
    return Problem(404, 20404, f"The requested resource {path} was not found")


def unauthenticated(*, credentials: bool) -> Problem:
    if credentials:
        return Problem(401, 20003, "Authenticate")
    return Problem(
        401, 20003, "Authentication Error - No credentials provided", "Your AccountSid or AuthToken was incorrect."
    )


def method_not_allowed(method: str, path: str) -> Problem:
    return Problem(405, 20004, f"Method {method} is not allowed on {path}")


def unavailable(why: str) -> Problem:
    return Problem(503, None, why)


INTERNAL = Problem(500, None, "An error occurred")
