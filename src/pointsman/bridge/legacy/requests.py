"""What a page asks: one JSON object a POST, with a request of the REST API inside [sdk1]."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import msgspec

from pointsman.bridge.legacy.policies import Path, canonical
from pointsman.core.errors import Invalid
from pointsman.wire.forms import PARAMETERS_MAX, Pairs

METHODS = ("GET", "POST", "DELETE")
URL_LENGTH_MAX = 16 * 1024
VERSION = "/v1/"


class Asked(NamedTuple):
    """A request of the REST API, and what came beside it."""

    method: str
    base: str  # what stands before `/v1/` in its URL: so begin the URLs of the answer
    segments: Path  # behind `/v1/`
    query: Pairs
    form: Pairs
    token: str  # empty, if there is none
    event_type: str | None

    @property
    def path(self) -> str:
        return VERSION + "/".join(self.segments)


def read_request(body: bytes) -> Asked:
    """Raises: `Invalid`."""
    try:
        row = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        raise Invalid(f"The request is not JSON: {problem}") from None
    if not isinstance(row, dict):
        raise Invalid("The request is not a JSON object")
    method = _text(row, "method").upper()
    if method not in METHODS:
        raise Invalid(f"Invalid method: expected one of {', '.join(METHODS)}")
    base, segments, own = _url(_text(row, "url"))
    params = _params(row.get("params"))
    names = {name for name, _ in params}
    event_type = row.get("event_type")
    return Asked(
        method=method,
        base=base,
        segments=segments,
        query=own if method == "POST" else [*(pair for pair in own if pair[0] not in names), *params],
        form=params if method == "POST" else [],
        token=_text(row, "token") if row.get("token") is not None else "",
        event_type=event_type if isinstance(event_type, str) else None,
    )


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise Invalid(f"Invalid {name}: expected a text")
    return value


def _url(url: str) -> tuple[str, Path, Pairs]:
    """Base, the segments of the path and the query: pages follow `next_page_url` by asking for it as it is [sdk1]."""
    expected = f"an absolute http or https URL of the REST API, with {VERSION} in it"
    try:
        parts = urlsplit(url if len(url) <= URL_LENGTH_MAX else "")
        segments = canonical(url)
        query = parse_qsl(parts.query, keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX)
    except ValueError:
        raise Invalid(f"Invalid url: expected {expected}") from None
    before, version, _ = parts.path.partition(VERSION)
    if parts.scheme not in ("http", "https") or not parts.netloc or not version or not segments:
        raise Invalid(f"Invalid url: expected {expected}")
    return f"{parts.scheme}://{parts.netloc}{before}", segments, query


# --- parameters ---------------------------------------------------------------------------------------------------


def _params(value: object) -> Pairs:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise Invalid("Invalid params: expected an object")
    if len(value) > PARAMETERS_MAX:
        raise Invalid(f"Too many params: expected at most {PARAMETERS_MAX}")
    return [(name, _spelled(each)) for name, each in value.items() if each is not None]


def _spelled(value: object) -> str:
    """As a form would have it. Objects and lists are JSON, which `create` leaves to the server [sdk1]."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
