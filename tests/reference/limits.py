"""How much is too much."""

from __future__ import annotations

from pointsman.api import protocol
from pointsman.core.expression import syntax, values
from pointsman.core.limits import LIMITS, Limit, Limits
from pointsman.core.sources import said
from pointsman.front import body
from pointsman.resources.accounts import ACCOUNTS_MAX, API_KEYS_MAX
from pointsman.resources.log import MINUTES_MAX
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.resources.statistics import BULK_QUEUES_MAX, REACH_DAYS, WAITS_MAX
from pointsman.resources.types import URL_LENGTH_MAX
from pointsman.runtime import mailbox
from pointsman.webhooks.limits import REPLY_BYTES_MAX
from pointsman.webhooks.limits import Limits as CallbackLimits
from pointsman.wire import forms
from tests.reference.markdown import code, link, page, table
from tests.reference.sources import legend

Row = tuple[float, str]
REQUESTS: tuple[Row, ...] = (
    (protocol.HEAD_BYTES_MAX, "bytes of a request's head: its first line and its headers"),
    (protocol.HEADERS_MAX, "headers of a request"),
    (protocol.HEAD_S_MAX, "seconds in which the head has to arrive"),
    (body.BODY_BYTES_MAX, "bytes of a request's body, unless the setting `body_bytes_max` says otherwise"),
    (body.BODY_S_MAX, "seconds in which the body has to arrive"),
    (protocol.ANSWER_S_MAX, "seconds in which a client has to take its answer"),
    (protocol.CONNECTIONS_MAX, "connections at once, and fewer where the system allows fewer; then the answer is 503"),
    (forms.PARAMETERS_MAX, "parameters in a form, or in a query"),
    (URL_LENGTH_MAX, "characters of a URL that is given as a parameter"),
    (PAGE_SIZE_MAX, "rows of a page"),
    (MINUTES_MAX, "minutes that `Minutes` may reach back in the log: a year"),
    (REACH_DAYS, "days that statistics may reach back"),
    (WAITS_MAX, "seconds of waiting by which one request may split"),
    (BULK_QUEUES_MAX, "task queues whose figures are read at once"),
    (ACCOUNTS_MAX, "accounts"),
    (API_KEYS_MAX, "API keys of an account"),
    (mailbox.WAITING_MAX, "commands that may wait for a workspace, and as many reads; then the answer is 503"),
)
EXPRESSIONS: tuple[Row, ...] = (
    (syntax.TEXT_CHARS_MAX, "characters of an expression"),
    (syntax.NESTING_MAX, "brackets inside each other"),
    (values.NUMERAL_CHARS_MAX, "characters of a text that is compared as a number; a longer one is only a text"),
)
_CALLBACKS = CallbackLimits()
CALLBACKS: tuple[Row, ...] = (
    (_CALLBACKS.assignment_s, "seconds that the answer to an assignment callback may take"),
    (_CALLBACKS.event_s, "seconds that the answer to an event callback may take"),
    (REPLY_BYTES_MAX, "bytes of such an answer"),
    (_CALLBACKS.assignments_in_flight_per_host, "assignment callbacks under way to one host"),
    (_CALLBACKS.events_in_flight_per_workspace, "event callbacks under way for one workspace"),
)


def limits_page() -> str:
    movable = [limit for limit in LIMITS if limit.name in Limits.__struct_fields__]
    fixed = [limit for limit in LIMITS if limit not in movable]
    return page(
        "# Limits",
        "What is bounded, by how much, and who says so. What is beyond a limit is refused with a sentence that names "
        f"it; {link('errors', 'errors.md')} says how.",
        "## Limits that are settings",
        f"As they stand here they are TaskRouter's. {link('Settings', 'settings.md')} says how to move them.",
        table(["Setting", "Limit", "Of what", "Source"], [[code(each.name), *_limit(each)] for each in movable]),
        "## Limits that are fixed",
        table(["Limit", "Of what", "Source"], [_limit(each) for each in fixed]),
        legend(each.source for each in LIMITS),
        "## Requests, lists and statistics",
        _rows(REQUESTS),
        "## Expressions",
        _rows(EXPRESSIONS),
        "## Callbacks",
        _rows(CALLBACKS),
    )


def _limit(limit: Limit) -> list[str]:
    return [f"{limit.value:,}", limit.doc, said(limit.source)]


def _rows(rows: tuple[Row, ...]) -> str:
    return table(["Limit", "Of what"], [[f"{value:,.0f}", text] for value, text in rows])
