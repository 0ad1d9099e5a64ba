"""Accounts, their API keys and their auth tokens: what the libraries call through the 2010 API and the accounts API.

They are no part of a workspace, so their fields read what the store keeps of them and need no view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pointsman.core.limits import FRIENDLY_NAME_LENGTH_MAX
from pointsman.resources.log import Parameter
from pointsman.resources.types import Choice, FieldType, Link, Output, Plain, Text, Timestamp

ACCOUNTS_MAX = 1_000  # they and their keys are kept in memory
API_KEYS_MAX = 1_000  # of an account

API_2010 = "/2010-04-01"
ACCOUNTS_PATH = f"{API_2010}/Accounts"
SECONDARY_PATH = "/v1/AuthTokens/Secondary"
PROMOTE_PATH = "/v1/AuthTokens/Promote"

STATUS = "active"


class Shown(NamedTuple):
    """A field of a body."""

    name: str
    type: FieldType
    doc: str
    value: Callable[[Any], Any]


class MailDate(Output):
    """A time in the 2010 API's spelling."""

    name = "time such as Mon, 02 Mar 2026 09:00:00 +0000 (RFC 2822)"


class Path(Output):
    """A path in the 2010 API's spelling: without scheme and host."""

    name = "path"


class Paths(Output):
    """Several paths by name."""

    name = "object of paths"


def account_path(sid: str) -> str:
    return f"{ACCOUNTS_PATH}/{sid}.json"


def keys_path(account: str) -> str:
    return f"{ACCOUNTS_PATH}/{account}/Keys.json"


def key_path(account: str, sid: str) -> str:
    return f"{ACCOUNTS_PATH}/{account}/Keys/{sid}.json"


# --- API keys -----------------------------------------------------------------------------------------------------

KEY_PARAMETERS = (Parameter("friendly_name", Text(FRIENDLY_NAME_LENGTH_MAX), "A name for people."),)
KEY_FIELDS = (
    Shown("sid", Plain(), "Its sid: SK and 32 hexadecimal digits. It is the user name of requests.", lambda k: k.sid),
    Shown("friendly_name", Plain(), "A name for people.", lambda k: k.friendly_name),
    Shown("date_created", MailDate(), "When it was created.", lambda k: k.created_ms),
    Shown("date_updated", MailDate(), "When it was last renamed.", lambda k: k.updated_ms),
)
SECRET = Parameter("secret", Plain(), "The password of requests. In the answer to its creation alone.")

# --- accounts -----------------------------------------------------------------------------------------------------

ACCOUNT_PARAMETERS = (
    Parameter("friendly_name", Text(FRIENDLY_NAME_LENGTH_MAX), "A name for people."),
    Parameter("status", Choice(STATUS), "Only active: accounts can't be suspended or closed."),
)
ACCOUNT_FILTERS = (
    Parameter("friendly_name", Text(), "Exactly this friendly name."),
    Parameter("status", Choice(STATUS, "suspended", "closed"), "In this state; all accounts are active."),
)
ACCOUNT_FIELDS = (
    Shown("sid", Plain(), "Its sid.", lambda a: a.sid),
    Shown("auth_token", Plain(), "Its primary auth token, which also signs callbacks.", lambda a: a.auth_token),
    Shown("friendly_name", Plain(), "A name for people.", lambda a: a.friendly_name),
    Shown("owner_account_sid", Plain(), "The account that made it, or itself.", lambda a: a.owner or a.sid),
    Shown("status", Plain(), "Always active.", lambda a: STATUS),
    Shown("type", Plain(), "Always Full.", lambda a: "Full"),
    Shown("date_created", MailDate(), "When it was created.", lambda a: a.created_ms),
    Shown("date_updated", MailDate(), "When its name or a token last changed.", lambda a: a.updated_ms or a.created_ms),
    Shown("uri", Path(), "Where it is.", lambda a: account_path(a.sid)),
    Shown("subresource_uris", Paths(), "What it has.", lambda a: {"keys": keys_path(a.sid)}),
)

# --- auth tokens --------------------------------------------------------------------------------------------------
# Their dates are those of the change itself: the account's last.

SECONDARY_FIELDS = (
    Shown("account_sid", Plain(), "Whose token it is.", lambda a: a.sid),
    Shown("date_created", Timestamp(), "When it was created.", lambda a: a.updated_ms),
    Shown("date_updated", Timestamp(), "The same.", lambda a: a.updated_ms),
    Shown(
        "secondary_auth_token", Plain(), "The token: as good for requests as the first.", lambda a: a.secondary_token
    ),
    Shown("url", Link(), "Where it is.", lambda a: SECONDARY_PATH),
)
PROMOTION_FIELDS = (
    Shown("account_sid", Plain(), "Whose token it is.", lambda a: a.sid),
    Shown("auth_token", Plain(), "The account's only auth token from now on.", lambda a: a.auth_token),
    Shown("date_created", Timestamp(), "When it was promoted.", lambda a: a.updated_ms),
    Shown("date_updated", Timestamp(), "The same.", lambda a: a.updated_ms),
    Shown("url", Link(), "Where it is.", lambda a: PROMOTE_PATH),
)
