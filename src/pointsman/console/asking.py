"""Bars of filters, from the parameters that a list or a report declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pointsman.console.forms import Input, Option, form_of
from pointsman.console.visit import Visit
from pointsman.resources import Parameter
from pointsman.wire.errors import Problem
from pointsman.wire.spelling import pascal

CHOICES_MAX = 200  # with more, one names what is meant by its SID


def asked(visit: Visit, parameters: Sequence[Parameter]) -> dict[str, str]:
    """What the page's address says of these parameters; what was left empty is not said."""
    names = {pascal(each.name) for each in parameters}
    sent = visit.request.query_params
    return {name: sent[name].strip() for name in sent if name in names and sent[name].strip()}


def inputs(
    parameters: Sequence[Parameter],
    sent: Mapping[str, str],
    *,
    problem: Problem | None = None,
    options: Mapping[str, Sequence[Option]] | None = None,
) -> tuple[tuple[Input, ...], str | None]:
    """The fields of a bar, by the parameters, and the problem that none of them has caused."""
    form = form_of(parameters, sent=tuple(sent.items()), problem=problem, options=options)
    return form.inputs, form.problem


async def choices(visit: Visit, segment: str, value: str = "sid") -> tuple[Option, ...]:
    """The workspace's entities of a kind, to choose from; none, if they are too many for that. Raises: `Trouble`."""
    body: Mapping[str, Any] = await visit.get(f"{visit.api}/{segment}", {"PageSize": str(CHOICES_MAX)})
    if body["meta"]["next_page_url"]:
        return ()
    return tuple((each[value], each["friendly_name"]) for each in body[body["meta"]["key"]])
