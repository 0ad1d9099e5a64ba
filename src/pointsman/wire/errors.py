"""Refusals out: each kind with its HTTP status and TaskRouter's code, declared once [obs][dict]; the order in which
they win; which of them an operation may answer with; and the body in its form."""

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
from pointsman.resources import Operation

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


# --- the kinds ----------------------------------------------------------------------------------------------------


class Kind(NamedTuple):
    """What clients can tell apart, and when they meet it: `when` reads on after "because"."""

    status: int
    code: int | None
    title: str
    when: str
    source: str = "ours"

    def problem(self, message: str, detail: str | None = None) -> Problem:
        return Problem(self.status, self.code, message, detail)


INVALID = Kind(
    400,
    20001,
    "Invalid",
    "the request can't be read, a parameter is missing or not what it must be, or the state of things is against it",
    "[obs]",
)
TOO_MANY_AVAILABLE = Kind(
    400,
    14240,
    "Too many available workers",
    "more workers would be in available activities than `available_workers_max` allows",
    "[dict], status inferred",
)
UNKNOWN_INSTRUCTION = Kind(400, 55555, "Unknown instruction", "`Instruction` is none that there is", "[dict]")
TOO_LONG_AGO = Kind(
    400, 14241, "Too long ago", "figures are asked for that begin more than 30 days ago", "[docs: statistics]"
)
UNAUTHENTICATED = Kind(401, 20003, "Unauthenticated", "the credentials are missing or wrong", "[obs]")
FORBIDDEN = Kind(
    403,
    20403,
    "Forbidden",
    "these credentials are good, but not for this: API keys don't manage credentials, and viewers change nothing",
    "[inferred]",
)
NOT_FOUND = Kind(
    404, 20404, "Not found", "there is no such path or thing, or it belongs to another account or workspace", "[obs]"
)
METHOD_NOT_ALLOWED = Kind(
    405, 20004, "Method not allowed", "the path has no such method; `Allow` names those it has", "[inferred]"
)
TOO_SLOW = Kind(408, 20001, "Too slow", "the request was not complete in time")
CONFLICT = Kind(
    409,
    20409,
    "Conflict",
    "the account has what is to be made, or lacks what is to be moved; or what is to begin is under way",
    "[dict]",
)
RESCINDED = Kind(410, 20001, "Rescinded", "another worker accepted the task first", "[docs: task-queue], code ours")
NOT_KEPT = Kind(410, 20001, "Not kept", "a stream is to begin at events that have been removed: they were too old")
STALE = Kind(412, 20412, "Stale", "`If-Match` names another version than the current one", "[dict]")
TOO_LARGE = Kind(413, 20001, "Too large", "the body is longer than `body_bytes_max`")
UNSUPPORTED = Kind(415, 20001, "Unsupported", "the body has a type, charset or encoding that is not understood")
TOO_MANY_REQUESTS = Kind(
    429,
    20429,
    "Too many requests",
    "a rate limit is used up, or too many streams are open; `Retry-After` says for how long",
    "[docs: limits]",
)
HEAD_TOO_LONG = Kind(431, 20001, "Head too long", "the head of the request is too long or has too many headers")
FAULT = Kind(500, None, "Fault", "the server made a mistake; its log says which", "[obs]")
UNAVAILABLE = Kind(503, None, "Unavailable", "the database can't be used, or too much is waiting: try again", "[docs]")
RETRY_AFTER = {"Retry-After": "1"}  # seconds; goes with every 503

INSTRUCTION_CODES = {  # of what is invalid in a reservation's instruction, by its parameter [dict]
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
    ("call", "transfer"): 40151,
    ("dequeue", "transfer"): 40151,
    ("redirect", "transfer"): 40151,
    ("supervise", ""): 40146,
    ("supervise", "supervisor"): 40147,
}

KINDS = (
    INVALID,
    TOO_MANY_AVAILABLE,
    UNKNOWN_INSTRUCTION,
    TOO_LONG_AGO,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_SLOW,
    CONFLICT,
    RESCINDED,
    NOT_KEPT,
    STALE,
    TOO_LARGE,
    UNSUPPORTED,
    TOO_MANY_REQUESTS,
    HEAD_TOO_LONG,
    FAULT,
    UNAVAILABLE,
)


class Stage(NamedTuple):
    """Something that is looked at, and how it may be refused."""

    looked_at: str
    refusals: tuple[Kind, ...]


ORDER = (
    Stage("The head of the request: whether it is HTTP, how long it is and takes", (INVALID, TOO_SLOW, HEAD_TOO_LONG)),
    Stage("The credentials, and how often wrong ones came from this address", (UNAUTHENTICATED, TOO_MANY_REQUESTS)),
    Stage("The rate limits of the account", (TOO_MANY_REQUESTS,)),
    Stage("The path, as far as its words go", (NOT_FOUND,)),
    Stage("The method", (METHOD_NOT_ALLOWED,)),
    Stage("The workspace in the path, which must be the account's", (NOT_FOUND,)),
    Stage("Of an API key: whether it may change anything", (FORBIDDEN,)),
    Stage("The body: whether it can be read at all", (TOO_SLOW, TOO_LARGE, UNSUPPORTED, INVALID)),
    Stage("Of accounts, keys and tokens: the account, and whether these credentials manage it", (NOT_FOUND, FORBIDDEN)),
    Stage("The parameters, each on its own, in the order of their declaration; then `If-Match`", (INVALID,)),
    Stage("Everything else that the path names", (NOT_FOUND,)),
    Stage("The version that `If-Match` demands", (STALE,)),
    Stage(
        "What is asked for, beside the state of things: names that are taken, sids that lead nowhere, moves that are "
        "not allowed",
        (INVALID, UNKNOWN_INSTRUCTION, TOO_MANY_AVAILABLE, TOO_LONG_AGO, RESCINDED, NOT_KEPT, FORBIDDEN, CONFLICT),
    ),
)
"""The order in which refusals win: of several things that are wrong, the first in this list is told."""


_MAY_CONFLICT = {"secondary_auth_token", "auth_token_promotion", "delivery_endpoint"}


def refusals(operation: Operation) -> tuple[Kind, ...]:
    """The kinds with which an operation may answer. A method that a path lacks is no operation, so 405 is in none."""
    has_body = operation.method == "POST"
    answers = operation.name == "update" and operation.resource.endswith("_reservation")
    possible = {
        FORBIDDEN: "/Workspaces" not in operation.path or operation.changes,
        NOT_FOUND: "{" in operation.path or operation.method == "DELETE",
        METHOD_NOT_ALLOWED: False,
        CONFLICT: has_body and operation.resource in _MAY_CONFLICT,
        RESCINDED: answers,
        NOT_KEPT: operation.stream,
        UNKNOWN_INSTRUCTION: answers,
        STALE: operation.if_match,
        TOO_LARGE: has_body,
        UNSUPPORTED: has_body,
        TOO_LONG_AGO: operation.resource.endswith("statistics"),
        TOO_MANY_AVAILABLE: operation.resource == "worker" and operation.name in ("create", "update"),
    }
    return tuple(kind for kind in KINDS if possible.get(kind, True))


_BAD_BODIES = {kind.status: kind for kind in (INVALID, TOO_SLOW, TOO_LARGE, UNSUPPORTED)}

# --- the problems -------------------------------------------------------------------------------------------------


def refusal(problem: Rejected, path: str) -> Problem:
    """How a refused command is told to the client."""
    if isinstance(problem, NotFound):
        return not_found(path)
    if isinstance(problem, VersionMismatch):
        return STALE.problem(f"Precondition Failed: {problem}")
    if isinstance(problem, UnknownInstruction):
        return UNKNOWN_INSTRUCTION.problem(str(problem))
    if isinstance(problem, BadInstruction):
        code = INSTRUCTION_CODES.get((problem.instruction, problem.parameter), INVALID.code)
        return INVALID._replace(code=code).problem(str(problem))
    if isinstance(problem, TooManyAvailable):
        return TOO_MANY_AVAILABLE.problem(str(problem))
    if isinstance(problem, TooLongAgo):
        return TOO_LONG_AGO.problem(str(problem))
    return (RESCINDED if isinstance(problem, Rescinded) else INVALID).problem(str(problem))


def noted(problem: Rejected) -> str:
    """A refusal in one line: with its code, if that says more than that it was refused."""
    code = refusal(problem, "").code
    return str(problem) if code in (INVALID.code, NOT_FOUND.code) else f"{code}: {problem}"


def bad_body(status: int, message: str) -> Problem:
    """A body that can't be read (400, 408, 413, 415)."""
    return _BAD_BODIES[status].problem(message)


def not_found(path: str) -> Problem:
    """The path as it was received."""
    return NOT_FOUND.problem(f"The requested resource {path} was not found")


def unauthenticated(*, credentials: bool) -> Problem:
    if credentials:
        return UNAUTHENTICATED.problem("Authenticate")
    return UNAUTHENTICATED.problem(
        "Authentication Error - No credentials provided", "Your AccountSid or AuthToken was incorrect."
    )


def too_many_logins() -> Problem:
    """Only for wrong credentials: right ones are never made to wait."""
    return TOO_MANY_REQUESTS.problem("Too Many Requests: too many failed logins from this address")


def too_many_streams(why: str) -> Problem:
    return TOO_MANY_REQUESTS.problem(f"Too Many Requests: {why}")


def not_kept(why: str) -> Problem:
    return NOT_KEPT.problem(why)


def forbidden(why: str) -> Problem:
    return FORBIDDEN.problem(why)


def conflict(why: str) -> Problem:
    return CONFLICT.problem(why)


def method_not_allowed(method: str, path: str) -> Problem:
    return METHOD_NOT_ALLOWED.problem(f"Method {method} is not allowed on {path}")


def unavailable(why: str) -> Problem:
    return UNAVAILABLE.problem(why)


TOO_MANY = TOO_MANY_REQUESTS.problem("Too Many Requests")
INTERNAL = FAULT.problem("An error occurred")
