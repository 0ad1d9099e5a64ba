"""Refusals out: HTTP status, TaskRouter's code, and the body in its form [obs][dict]."""

from __future__ import annotations

from typing import Any, NamedTuple

from pointsman.core.errors import (
    BadInstruction,
    NotFound,
    Rejected,
    Rescinded,
    TooLongAgo,
    TooManyAvailable,
    UnknownInstruction,
    VersionMismatch,
)

INSTRUCTION_CODES = {  # what is wrong with a reservation's instruction [dict]
    ("reject", "worker_activity_sid"): 40100,
    ("call", "call_to"): 40110,
    ("call", "call_from"): 40111,
    ("call", "call_url"): 40112,
    ("redirect", "redirect_url"): 40120,
    ("redirect", "redirect_call_sid"): 40121,
    ("dequeue", "dequeue_post_work_activity_sid"): 40130,
    ("dequeue", "dequeue_to"): 40131,
    ("dequeue", "dequeue_from"): 40132,
    ("conference", "to"): 40137,
    ("conference", "post_work_activity_sid"): 40139,
    ("conference", "from"): 40141,
    ("conference", "call_sid"): 40142,
    ("supervise", ""): 40146,
    ("supervise", "supervisor"): 40147,
}
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
    if isinstance(problem, UnknownInstruction):
        return Problem(400, 55555, str(problem))
    if isinstance(problem, BadInstruction):
        return Problem(400, INSTRUCTION_CODES.get((problem.instruction, problem.parameter), 20001), str(problem))
    if isinstance(problem, TooManyAvailable):
        return Problem(400, 14240, str(problem))
    if isinstance(problem, TooLongAgo):
        return Problem(400, 14241, str(problem))
    return Problem(410 if isinstance(problem, Rescinded) else 400, 20001, str(problem))


def noted(problem: Rejected) -> str:
    """A refusal in one line: with its code, if that says more than that it was refused."""
    code = refusal(problem, "").code
    return str(problem) if code in (20001, 20404) else f"{code}: {problem}"


def not_found(path: str) -> Problem:
    """The path as it was received."""
    return Problem(404, 20404, f"The requested resource {path} was not found")


def unauthenticated(*, credentials: bool) -> Problem:
    if credentials:
        return Problem(401, 20003, "Authenticate")
    return Problem(
        401, 20003, "Authentication Error - No credentials provided", "Your AccountSid or AuthToken was incorrect."
    )


def too_many_logins() -> Problem:
    """Only for wrong credentials: right ones are never made to wait."""
    return Problem(429, 20429, "Too Many Requests: too many failed logins from this address")


def forbidden(why: str) -> Problem:
    return Problem(403, 20403, why)


def conflict(why: str) -> Problem:
    return Problem(409, 20409, why)


def method_not_allowed(method: str, path: str) -> Problem:
    return Problem(405, 20004, f"Method {method} is not allowed on {path}")


def unavailable(why: str) -> Problem:
    return Problem(503, None, why)


TOO_MANY = Problem(429, 20429, "Too Many Requests")  # [docs: api-rate-limits]
INTERNAL = Problem(500, None, "An error occurred")
