"""Warnings out (ours): on their own, and beside what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pointsman.core.types import AccountSid, Sid, WorkspaceSid
from pointsman.resources.configuration import POINTSMAN
from pointsman.wire.bodies import Body

if TYPE_CHECKING:
    from pointsman.core.lint import LintWarning


def rows(warnings: Sequence[LintWarning]) -> list[Body]:
    return [{"rule": each.rule, "where": each.where, "message": each.message} for each in warnings]


def extended(body: Body, warnings: Sequence[LintWarning]) -> Body:
    """A body with the warnings about it; without any, the body as TaskRouter has it."""
    return body | {POINTSMAN.name: {"warnings": rows(warnings)}} if warnings else body


def body(
    account: AccountSid, workspace: WorkspaceSid, about: Mapping[str, Sid], warnings: Sequence[LintWarning], url: str
) -> Body:
    """`about` is the sid of what they are about, by the name that it has in bodies."""
    return {"account_sid": account, "workspace_sid": workspace, **about, "warnings": rows(warnings), "url": url}
