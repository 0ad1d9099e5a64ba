"""Accounts, their API keys and their auth tokens: what the libraries call through the 2010 API and the accounts API.

They are no part of a workspace, so their fields read what the store keeps of them and look at no view.
"""

from __future__ import annotations

from typing import Any

from pointsman.core.limits import FRIENDLY_NAME_LENGTH_MAX
from pointsman.core.types import Role
from pointsman.resources.declare import Field, Operation, Parameter
from pointsman.resources.paging import PAGING
from pointsman.resources.types import Choice, Extension, Link, MailDate, Path, Paths, SidOf, Text, Timestamp

ACCOUNTS_MAX = 1_000  # they and their keys are kept in memory
API_KEYS_MAX = 1_000  # of an account

API_2010 = "/2010-04-01"
ACCOUNTS_PATH = f"{API_2010}/Accounts"
SECONDARY_PATH = "/v1/AuthTokens/Secondary"
PROMOTE_PATH = "/v1/AuthTokens/Promote"

STATUS = "active"


def account_path(sid: str) -> str:
    return f"{ACCOUNTS_PATH}/{sid}.json"


def keys_path(account: str) -> str:
    return f"{ACCOUNTS_PATH}/{account}/Keys.json"


def key_path(account: str, sid: str) -> str:
    return f"{ACCOUNTS_PATH}/{account}/Keys/{sid}.json"


# --- API keys -----------------------------------------------------------------------------------------------------

KEY_PARAMETERS = (Parameter("friendly_name", Text(FRIENDLY_NAME_LENGTH_MAX), "A name for people."),)
NEW_KEY_PARAMETERS = (
    *KEY_PARAMETERS,
    Parameter("role", Choice(*Role), "full: it may do what the account may. viewer: it may look, and change nothing."),
)
KEY_FIELDS = (
    Field(
        "sid",
        SidOf("SK"),
        "Its sid, the user name of requests.",
        lambda v, k: k.sid,
    ),
    Field("friendly_name", Text(), "A name for people.", lambda v, k: k.friendly_name),
    Field("date_created", MailDate(), "When it was created.", lambda v, k: k.created_ms),
    Field("date_updated", MailDate(), "When it was last renamed.", lambda v, k: k.updated_ms),
)
KEY_ROLE = Field("pointsman", Extension(), "Only of a key that may change nothing: its `role`.")
SECRET = Field("secret", Text(), "The password of requests. In the answer to its creation alone.")

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
    Field("sid", SidOf("AC"), "Its sid.", lambda v, a: a.sid),
    Field("auth_token", Text(), "Its primary auth token, which also signs callbacks.", lambda v, a: a.auth_token),
    Field("friendly_name", Text(), "A name for people.", lambda v, a: a.friendly_name),
    Field("owner_account_sid", SidOf("AC"), "The account that made it, or itself.", lambda v, a: a.owner or a.sid),
    Field("status", Text(), "Always active.", lambda v, a: STATUS),
    Field("type", Text(), "Always Full.", lambda v, a: "Full"),
    Field("date_created", MailDate(), "When it was created.", lambda v, a: a.created_ms),
    Field("date_updated", MailDate(), "When its name or token changed.", lambda v, a: a.updated_ms or a.created_ms),
    Field("uri", Path(), "Where it is.", lambda v, a: account_path(a.sid)),
    Field("subresource_uris", Paths(), "What it has.", lambda v, a: {"keys": keys_path(a.sid)}),
)

# --- auth tokens --------------------------------------------------------------------------------------------------
# Their dates are those of the change itself: the account's last.

SECONDARY_FIELDS = (
    Field("account_sid", SidOf("AC"), "Whose token it is.", lambda v, a: a.sid),
    Field("date_created", Timestamp(), "When it was created.", lambda v, a: a.updated_ms),
    Field("date_updated", Timestamp(), "The same.", lambda v, a: a.updated_ms),
    Field(
        "secondary_auth_token", Text(), "The token: as good for requests as the first.", lambda v, a: a.secondary_token
    ),
    Field("url", Link(), "Where it is.", lambda v, a: SECONDARY_PATH),
)
PROMOTION_FIELDS = (
    Field("account_sid", SidOf("AC"), "Whose token it is.", lambda v, a: a.sid),
    Field("auth_token", Text(), "The account's only auth token from now on.", lambda v, a: a.auth_token),
    Field("date_created", Timestamp(), "When it was promoted.", lambda v, a: a.updated_ms),
    Field("date_updated", Timestamp(), "The same.", lambda v, a: a.updated_ms),
    Field("url", Link(), "Where it is.", lambda v, a: PROMOTE_PATH),
)


def _operation(
    resource: str,
    name: str,
    method: str,
    path: str,
    doc: str,
    fields: tuple[Field, ...],
    status: int = 200,
    **more: Any,
) -> Operation:
    return Operation(resource, name, method, path, status, doc, fields=fields, uri_page="key" in more, **more)


_ACCOUNT = f"{ACCOUNTS_PATH}/{{Sid}}.json"
_KEYS = f"{ACCOUNTS_PATH}/{{AccountSid}}/Keys.json"
_KEY = f"{ACCOUNTS_PATH}/{{AccountSid}}/Keys/{{Sid}}.json"
ACCOUNT_OPERATIONS = (
    _operation(
        "account",
        "create",
        "POST",
        f"{ACCOUNTS_PATH}.json",
        "Create one. Only an account that no other made can.",
        ACCOUNT_FIELDS,
        201,
        form=ACCOUNT_PARAMETERS,
    ),
    _operation("account", "fetch", "GET", _ACCOUNT, "Read one's own, or one that it made.", ACCOUNT_FIELDS),
    _operation(
        "account",
        "list",
        "GET",
        f"{ACCOUNTS_PATH}.json",
        "Read a page: one's own and those that it made.",
        ACCOUNT_FIELDS,
        query=(*ACCOUNT_FILTERS, *PAGING),
        key="accounts",
    ),
    _operation("account", "update", "POST", _ACCOUNT, "Rename one.", ACCOUNT_FIELDS, form=ACCOUNT_PARAMETERS),
    _operation(
        "api_key",
        "create",
        "POST",
        _KEYS,
        "Create one; only this answer has its secret.",
        (*KEY_FIELDS, SECRET),
        201,
        form=NEW_KEY_PARAMETERS,
        extensions=(KEY_ROLE,),
    ),
    _operation("api_key", "fetch", "GET", _KEY, "Read one.", KEY_FIELDS, extensions=(KEY_ROLE,)),
    _operation(
        "api_key",
        "list",
        "GET",
        _KEYS,
        "Read a page of them.",
        KEY_FIELDS,
        query=PAGING,
        key="keys",
        extensions=(KEY_ROLE,),
    ),
    _operation(
        "api_key", "update", "POST", _KEY, "Rename one.", KEY_FIELDS, form=KEY_PARAMETERS, extensions=(KEY_ROLE,)
    ),
    _operation("api_key", "delete", "DELETE", _KEY, "Revoke one, at once.", (), 204),
    _operation(
        "secondary_auth_token", "create", "POST", SECONDARY_PATH, "Make a second auth token.", SECONDARY_FIELDS, 201
    ),
    _operation("secondary_auth_token", "delete", "DELETE", SECONDARY_PATH, "Drop the second auth token.", (), 204),
    _operation(
        "auth_token_promotion",
        "update",
        "POST",
        PROMOTE_PATH,
        "Make the second auth token the only one.",
        PROMOTION_FIELDS,
    ),
)
