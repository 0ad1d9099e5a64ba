"""Callbacks out, and the replies to assignment callbacks in."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, unquote, urlsplit, urlunsplit

import msgspec

from pointsman.core.record import Logged
from pointsman.wire.errors import INSTRUCTION_CODES
from pointsman.wire.events import Parameters, facts, hash_ordered
from pointsman.wire.spelling import pascal

ASSIGNMENT_PARAMETERS = (  # exactly these eleven [observed]
    "task_attributes",
    "task_priority",
    "worker_sid",
    "reservation_sid",
    "workspace_sid",
    "task_queue_sid",
    "workflow_sid",
    "task_age",
    "task_sid",
    "worker_attributes",
)
QUOTED_KEPT_LENGTH_MAX = 1_024  # characters of a text that is remembered
INSTRUCTIONS = ("accept", "reject", "dequeue", "call", "conference", "redirect", "supervise")


def assignment(event: Logged) -> Parameters:
    """The parameters of an assignment callback, from the `reservation.created` that it tells of."""
    data = facts(event)
    parameters = {pascal(name): data[name] for name in ASSIGNMENT_PARAMETERS if name in data}
    return hash_ordered({"AccountSid": event.account} | parameters)


def form(parameters: Mapping[str, str]) -> bytes:
    """The body of a callback: urlencoded."""
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in parameters.items()]).encode("ascii")


def _quoted(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text  # as sids, numbers and names of parameters are
    return _quoted_once(text) if len(text) <= QUOTED_KEPT_LENGTH_MAX else quote_plus(text)


@lru_cache(maxsize=4_096)
def _quoted_once(text: str) -> str:
    """The same names and attributes are told again and again."""
    return quote_plus(text)


def signature(token: str, url: str, parameters: Mapping[str, str]) -> str:
    """`X-Twilio-Signature`: base64 of HMAC-SHA1 over the URL and the sorted parameters."""
    text = url + "".join(name + parameters[name] for name in sorted(parameters))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class Address(NamedTuple):
    """Where a callback goes, taken apart.

    A fragment (`#rc=…`) carries connection settings and is never sent. The signature is over the URL as the receiver
    can put it together again: escaped and with a path, as it stands in the request; and with the credentials, since
    the official libraries count on them.
    """

    url: str  # what is requested: no credentials, no fragment
    signed_url: str
    host: str  # with the port, if one was given
    user: str | None
    password: str | None


@lru_cache(maxsize=4_096)
def address(url: str) -> Address:
    """Raises: `ValueError`, if nothing can be sent there; the message never quotes credentials."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise ValueError(f"the URL can't be read: {problem}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the URL must begin with http:// or https:// and name a host")
    host = parts.hostname if parts.hostname.isascii() else _punycode(parts.hostname)
    host = f"[{host}]" if ":" in host else host
    host = host if port is None else f"{host}:{port}"
    rest = ("/" + quote(parts.path, _LEGAL).removeprefix("/"), quote(parts.query, _LEGAL), "")
    credentials, at, _ = parts.netloc.rpartition("@")
    return Address(
        url=urlunsplit((parts.scheme, host, *rest)),
        signed_url=urlunsplit((parts.scheme, quote(credentials, _LEGAL) + at + host, *rest)),
        host=host,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


_LEGAL = "%/:?#[]@!$&'()*+,;=~"  # what may stand in a URL is left as it was written; the rest is escaped


def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise ValueError("the URL's host is not a valid name") from None


# --- replies ------------------------------------------------------------------------------------------------------


# What an instruction's keys are called as parameters of REST; others are not read.
_PARAMETERS = {
    "accept": {"activity_sid": "worker_activity_sid"},
    "reject": {"activity_sid": "worker_activity_sid"},
    "call": {"to": "call_to", "from": "call_from", "url": "call_url"},
    "dequeue": {
        "to": "dequeue_to",
        "from": "dequeue_from",
        "post_work_activity_sid": "dequeue_post_work_activity_sid",
    },
    "conference": {"to": "to", "from": "from", "post_work_activity_sid": "post_work_activity_sid"},
    "redirect": {"call_sid": "redirect_call_sid", "url": "redirect_url"},
}


class Reply(NamedTuple):
    """What an assignment callback answered: parameters of a reservation update, or none; or why it is no answer.

    `problem` sends the callback to the fallback URL; `warning` is only noted. Codes are those of the debugger [dict].
    With an instruction, but without values, it can't be carried out: `warning` says why.
    """

    values: dict[str, Any] | None = None
    instruction: str | None = None
    problem: str | None = None
    warning: str | None = None


def read_reply(status: int, content_type: str, body: bytes) -> Reply:
    """Executed only with status 200, `application/json` and an object with `instruction`
    [docs: handle-assignment-callbacks]; 200 with an empty body says deliberately nothing."""
    if status != 200:
        return Reply(problem=f"status {status}, expected 200")
    if not body.strip():
        return Reply()
    kind = content_type.split(";", 1)[0].strip().lower()
    if kind != "application/json":
        return Reply(problem=f"40000: content type {kind or 'missing'}, expected application/json")
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        return Reply(problem=f"40001: the reply is not valid JSON: {problem}")
    if not isinstance(answer, dict):  # often an object that was encoded twice
        return Reply(problem="40001: the reply is JSON, but not an object")
    instruction = answer.get("instruction")
    if not isinstance(instruction, str) or not instruction.strip():
        return Reply(warning="40005: the reply has no instruction")
    return _instruction(answer)


def _instruction(answer: dict[str, Any]) -> Reply:
    name = answer["instruction"].strip().lower()
    if name not in INSTRUCTIONS:
        return Reply(warning=f"55555: unknown instruction {answer['instruction'][:64]!r}")
    values: dict[str, Any] = {"instruction": name}
    for key, parameter in _PARAMETERS.get(name, {}).items():
        value = answer.get(key)
        if value is not None and not isinstance(value, str):
            code = INSTRUCTION_CODES.get((name, parameter), 20001)
            return Reply(instruction=name, warning=f"{code}: {key} must be a string")
        if value:
            values[parameter] = value
    return Reply(values=values, instruction=name)
