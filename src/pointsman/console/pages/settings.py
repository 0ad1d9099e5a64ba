"""Settings of the account: API keys, auth tokens, further accounts; and how the server does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import Response

from pointsman.console import forms, signin
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.tables import Column, Row, columns_of, paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.core.engine.view import View
from pointsman.core.limits import LIMITS, Limit, Limits
from pointsman.core.sources import said
from pointsman.core.types import Role, WorkspaceSid
from pointsman.ports import StoreUnavailable
from pointsman.resources.accounts import (
    ACCOUNT_FIELDS,
    ACCOUNT_PARAMETERS,
    API_2010,
    KEY_FIELDS,
    KEY_PARAMETERS,
    NEW_KEY_PARAMETERS,
    PROMOTE_PATH,
    SECONDARY_PATH,
    account_path,
    key_path,
    keys_path,
)

PAGE_SIZE = 50
AGAIN_S = 10
ACCOUNTS_PATH = f"{API_2010}/Accounts.json"
TABS = (
    ("/settings", "API keys"),
    ("/settings/token", "Auth token"),
    ("/settings/accounts", "Accounts"),
    ("/settings/server", "Server"),
)
KEY_COLUMNS = (
    *columns_of(KEY_FIELDS, "friendly_name"),
    Column("role", "Role", "word"),
    *columns_of(KEY_FIELDS, "sid", "date_created"),
)
ACCOUNT_COLUMNS = columns_of(ACCOUNT_FIELDS, "friendly_name", "sid", "owner_account_sid", "date_created")
RENAMING = tuple(each for each in ACCOUNT_PARAMETERS if each.name == "friendly_name")  # accounts are always active


async def _page(visit: Visit, template: str, **context: Any) -> Response:
    return await visit.page(template, "Settings", tabs=TABS, **context)


# --- API keys -----------------------------------------------------------------------------------------------------


def _own_keys(visit: Visit) -> str:
    return keys_path(visit.session.caller.account.sid)


def _own_key(visit: Visit) -> str:
    return key_path(visit.session.caller.account.sid, visit.names["sid"])


async def _keys(visit: Visit) -> Response:
    table = None
    if visit.may_manage:
        body = await visit.get(_own_keys(visit), paging(visit, PAGE_SIZE))
        table = table_of(KEY_COLUMNS, body, visit.here, lambda row: visit.url(f"/settings/keys/{row['sid']}"))
        rows = [{**row, "role": row.get("pointsman", {}).get("role", Role.FULL)} for row in table.rows]
        table = table._replace(rows=rows)
    return await _page(visit, "settings_keys.html", table=table)


async def _new_key(visit: Visit) -> Response:
    return await _key_form(visit, forms.form_of(NEW_KEY_PARAMETERS))


async def _create_key(visit: Visit) -> Response:
    try:
        key = await visit.post(_own_keys(visit), forms.given(NEW_KEY_PARAMETERS, visit.form))
    except Trouble as trouble:
        form = forms.form_of(NEW_KEY_PARAMETERS, sent=visit.form, problem=trouble.problem)
        return await _key_form(visit, form, status=FORM_REFUSED)
    return await visit.dialog(
        "secret.html",
        "New API key",
        about="Its secret is shown this once: keep it where your program finds it.",
        secrets=(("SID", key["sid"]), ("Secret", key["secret"])),
        back=visit.url("/settings"),
    )


async def _key_form(visit: Visit, form: forms.Form, *, status: int = 200) -> Response:
    return await visit.dialog("key_form.html", "New API key", status=status, form=form)


async def _edit_key(visit: Visit) -> Response:
    key = await visit.get(_own_key(visit))
    form = forms.form_of(KEY_PARAMETERS, body=key)
    delete = visit.url(f"/settings/keys/{key['sid']}/revoke")
    return await _renaming(visit, key, form, visit.url("/settings"), delete)


async def _rename_key(visit: Visit) -> Response:
    return await _rename(visit, _own_key(visit), KEY_PARAMETERS, visit.url("/settings"))


async def _ask_revoke(visit: Visit) -> Response:
    key = await visit.get(_own_key(visit))
    return await visit.dialog(
        "confirm.html",
        f"Revoke {key['friendly_name'] or key['sid']}?",
        consequence="Whoever uses it gets 401 from now on, and its sessions in the console end. It can't be undone.",
        action=visit.url(f"/settings/keys/{key['sid']}/revoke"),
        back=visit.url("/settings"),
        verb="Revoke API key",
        problem=None,
    )


async def _revoke(visit: Visit) -> Response:
    await visit.delete(_own_key(visit))
    return visit.go(visit.url("/settings"), "The API key was revoked.")


# --- the auth token -----------------------------------------------------------------------------------------------


async def _token(visit: Visit) -> Response:
    account = visit.session.caller.account
    return await _page(visit, "settings_token.html", has_second=account.secondary_token is not None)


async def _add_token(visit: Visit) -> Response:
    body = await visit.post(SECONDARY_PATH)
    return await visit.dialog(
        "secret.html",
        "Second auth token",
        about="Both tokens are valid now. Give this one to your programs, then promote it.",
        secrets=(("Account SID", body["account_sid"]), ("Auth token", body["secondary_auth_token"])),
        back=visit.url("/settings/token"),
    )


async def _drop_token(visit: Visit) -> Response:
    await visit.delete(SECONDARY_PATH)
    return visit.go(visit.url("/settings/token"), "The second auth token is not valid any more.")


class Question(NamedTuple):
    title: str
    consequence: str
    verb: str


PROMOTE = Question(
    "Promote the second auth token?",
    "The first one gets 401 from now on, and callbacks are signed with the second. Sessions that were begun with the "
    "first end, but for this one. It can't be undone.",
    "Promote token",
)
DROP = Question(
    "Drop the second auth token?", "Programs that have it already get 401 from now on. The first goes on.", "Drop token"
)


async def _ask_token(question: Question, visit: Visit) -> Response:
    return await visit.dialog(
        "confirm.html",
        question.title,
        consequence=question.consequence,
        action=visit.here,
        back=visit.url("/settings/token"),
        verb=question.verb,
        problem=None,
    )


async def _promote(visit: Visit) -> Response:
    body = await visit.post(PROMOTE_PATH)
    response = visit.go(visit.url("/settings/token"), "The second auth token is the only one now.")
    cookie = visit.console.sessions.begin(body["account_sid"], body["auth_token"])
    signin.set_cookie(visit.request, response, cookie)
    return response


# --- accounts -----------------------------------------------------------------------------------------------------


async def _accounts(visit: Visit) -> Response:
    table = None
    if visit.may_manage:
        body = await visit.get(ACCOUNTS_PATH, paging(visit, PAGE_SIZE))
        table = table_of(ACCOUNT_COLUMNS, body, visit.here, lambda row: visit.url(f"/settings/accounts/{row['sid']}"))
    may_create = visit.may_manage and visit.session.caller.account.owner is None
    return await _page(visit, "settings_accounts.html", table=table, may_create=may_create)


async def _new_account(visit: Visit) -> Response:
    return await _account_form(visit, forms.form_of(RENAMING))


async def _create_account(visit: Visit) -> Response:
    try:
        account = await visit.post(ACCOUNTS_PATH, forms.given(RENAMING, visit.form))
    except Trouble as trouble:
        form = forms.form_of(RENAMING, sent=visit.form, problem=trouble.problem)
        return await _account_form(visit, form, status=FORM_REFUSED)
    return await visit.dialog(
        "secret.html",
        "New account",
        about="Sign in with these to see its workspaces: accounts share nothing but the server.",
        secrets=(("Account SID", account["sid"]), ("Auth token", account["auth_token"])),
        back=visit.url("/settings/accounts"),
    )


async def _account_form(visit: Visit, form: forms.Form, *, status: int = 200) -> Response:
    return await visit.dialog("account_form.html", "New account", status=status, form=form)


async def _edit_account(visit: Visit) -> Response:
    account = await visit.get(account_path(visit.names["sid"]))
    form = forms.form_of(RENAMING, body=account)
    return await _renaming(visit, account, form, visit.url("/settings/accounts"))


async def _rename_account(visit: Visit) -> Response:
    return await _rename(visit, account_path(visit.names["sid"]), RENAMING, visit.url("/settings/accounts"))


# --- a name, of either --------------------------------------------------------------------------------------------


async def _renaming(
    visit: Visit, row: Row, form: forms.Form, back: str, delete: str | None = None, status: int = 200
) -> Response:
    title = row["friendly_name"] or row["sid"]
    return await visit.dialog("name_form.html", title, status=status, form=form, row=row, back=back, delete=delete)


async def _rename(visit: Visit, path: str, parameters: Sequence[Any], back: str) -> Response:
    row = await visit.get(path)
    changed, problem = forms.changes(parameters, visit.form, row)
    if problem is None:
        try:
            if changed:
                await visit.post(path, changed)
            return visit.go(back, "The name was saved.")
        except Trouble as trouble:
            problem = trouble.problem
    form = forms.form_of(parameters, body=row, sent=visit.form, problem=problem)
    return await _renaming(visit, row, form, back, status=FORM_REFUSED)


# --- the server ---------------------------------------------------------------------------------------------------


class Use(NamedTuple):
    """How much of a limit a workspace has used."""

    workspace: str
    name: str
    counts: Mapping[str, int]  # by the name of the limit


async def _server(visit: Visit) -> Response:
    return await _page(
        visit, "settings_server.html", regions=(SERVER,), limits=_moved(visit), problem=await _health(visit)
    )


def _moved(visit: Visit) -> list[tuple[Limit, int, str]]:
    """Each limit, where it stands here, and who says so."""
    standing = visit.console.operations.services.limits
    return [(limit, getattr(standing, limit.name, limit.value), said(limit.source)) for limit in LIMITS]


async def _health(visit: Visit) -> str | None:
    """What is wrong with the database; None, if nothing is."""
    try:
        await visit.console.operations.services.store.now_ms()
    except StoreUnavailable as unavailable:
        return str(unavailable)
    return None


async def _use(visit: Visit) -> Mapping[str, Any]:
    """Page by page, as the list of workspaces goes."""
    services = visit.console.operations.services
    table = table_of((), await visit.get("/v1/Workspaces", paging(visit, PAGE_SIZE)), visit.here)
    uses = [await services.router.read(WorkspaceSid(row["sid"]), _used) for row in table.rows]
    return {"uses": uses, "table": table, "limits": services.limits}


def _used(view: View) -> Use:
    state = view.state
    available = sum(
        state.in_activity.get(each.no, 0).bit_count() for each in state.activities.values() if each.available
    )
    counts = {
        "workers_max": len(state.workers),
        "available_workers_max": available,
        "task_queues_max": len(state.queues),
        "activities_max": len(state.activities),
        "configuration_bytes_max": max(
            (_bytes(state.configurations[each.configuration].document) for each in state.workflows.values()), default=0
        ),
    }
    assert set(counts) <= set(Limits.__struct_fields__)
    return Use(state.workspace.sid, state.workspace.friendly_name, counts)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


SERVER = Region("use", "settings_use.html", (), _use, every_s=AGAIN_S)
SECTION = Section(
    routes=(
        Route("/settings", get=_keys),
        Route("/settings/keys/new", get=_new_key, post=_create_key),
        Route("/settings/keys/{sid}", get=_edit_key, post=_rename_key),
        Route("/settings/keys/{sid}/revoke", get=_ask_revoke, post=_revoke),
        Route("/settings/token", get=_token, post=_add_token),
        Route("/settings/token/promote", get=partial(_ask_token, PROMOTE), post=_promote),
        Route("/settings/token/drop", get=partial(_ask_token, DROP), post=_drop_token),
        Route("/settings/accounts", get=_accounts),
        Route("/settings/accounts/new", get=_new_account, post=_create_account),
        Route("/settings/accounts/{sid}", get=_edit_account, post=_rename_account),
        Route("/settings/server", get=_server, regions=(SERVER,)),
        Route("/session", get=signin.session),
        Route("/sign-out", post=signin.sign_out),
    ),
    nav=Nav("Settings", "/settings", "s", in_workspace=False),
)
