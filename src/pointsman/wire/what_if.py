"""What would be, out: the body of a `core.what_if` value."""

from __future__ import annotations

from msgspec import Struct

from pointsman.core.types import AccountSid, Sid, WorkspaceSid
from pointsman.resources import Operation
from pointsman.wire.bodies import Body
from pointsman.wire.explanations import told_of


def body(
    operation: Operation, told: Struct, account: AccountSid, workspace: WorkspaceSid, url: str, **about: Sid
) -> Body:
    """`about` is the sid of what it is about, by the name that it has in bodies."""
    values = told_of(told) | {"account_sid": account, "workspace_sid": workspace, "url": url} | about
    return {field.name: values[field.name] for field in operation.fields}
