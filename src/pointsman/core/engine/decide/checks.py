"""Checks that several families share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pointsman.core.commands import Values
from pointsman.core.engine.state import State
from pointsman.core.errors import Invalid, NotFound, VersionMismatch
from pointsman.core.types import Activity, Entity, No, Task, Worker

E = TypeVar("E", bound=Entity)


def check_version(entity: Task | Worker, wanted: int | None) -> None:
    """`If-Match` [oai]."""
    if wanted is not None and wanted != entity.version:
        raise VersionMismatch(entity.sid, wanted, entity.version)


def referred(state: State, kind: type[E], sid: str, parameter: str) -> E:
    """The entity that a parameter names. Raises: `Invalid`, naming the parameter."""
    try:
        return state.find(kind, sid)
    except NotFound:
        raise Invalid(
            f"{parameter} {sid} does not exist in workspace {state.workspace.sid} "
            f"for account {state.workspace.account_sid}"
        ) from None


def activity_no(state: State, values: Values, name: str, parameter: str, default: No | None) -> No | None:
    """The activity that a parameter names; `default`, if it was not sent; None, if it was sent empty."""
    if name not in values:
        return default
    return referred(state, Activity, values[name], parameter).no if values[name] else None


def check_name_free(state: State, kind: str, name: str, own: Entity | None, message: str) -> None:
    holder = state.named(kind, name)
    if holder is not None and (own is None or holder != own.no):
        raise Invalid(message)


def check_room(present: int, most: int, what: str) -> None:
    if present >= most:
        raise Invalid(f"There are already {present} {what}; a workspace may have at most {most}")


def in_order(table: dict[No, E]) -> list[E]:
    """The entities of a table in order of creation. The table's own order is that of loading and undoing, too."""
    return [table[no] for no in sorted(table)]


def pick(values: Values, names: Iterable[str]) -> Values:
    """Those of `values` that are fields of the entity under the same name."""
    return {name: values[name] for name in names if name in values}


def place(state: State) -> str:
    """How TaskRouter's messages name the workspace [observed]."""
    return f"workspace {state.workspace.sid} for account {state.workspace.account_sid}"
