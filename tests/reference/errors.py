"""How requests are refused."""

from __future__ import annotations

import json

from pointsman.core.sources import said
from pointsman.resources import TASK_RESERVATION
from pointsman.wire.errors import INSTRUCTION_CODES, KINDS, ORDER, Kind, not_found
from pointsman.wire.spelling import pascal
from tests.reference.markdown import code, link, page, table
from tests.reference.sources import legend

PARAMETERS = {field.name for field in TASK_RESERVATION.parameters("update")}
CODES = sorted(INSTRUCTION_CODES.items(), key=lambda each: each[1])
EXAMPLE = json.dumps(not_found("/v1/Workspaces/WS00000000000000000000000000000001").body(), indent=2)


def errors_page() -> str:
    return page(
        "# Errors",
        "A refused request changes nothing. The answer says why, in TaskRouter's form:",
        f"```json\n{EXAMPLE}\n```",
        "`message` is for people and names what was wrong and what was expected; `code` is for programs. A fault has "
        "no code and no `more_info`; a request without credentials has a `detail` too.",
        "## Kinds",
        table(["Status", "Code", "Kind", "Refused because", "Source"], [_row(kind) for kind in KINDS]),
        legend(kind.source for kind in KINDS),
        "## Telephone instructions",
        "What is missing or wrong in a reservation's instruction has a code of its own, with 400:",
        table(["Code", "Instruction", "What"], [_instruction(*each) for each in CODES]),
        "## Which refusal wins",
        "Of several things that are wrong, the first in this order is told:",
        "\n".join(f"{number}. {stage.looked_at}: {_kinds(stage.refusals)}." for number, stage in enumerate(ORDER, 1)),
        "500 and 503 can come at any time. What is too much is said on the page on "
        + link("limits", "limits.md")
        + ".",
    )


def _instruction(about: tuple[str, str], number: int) -> list[str]:
    instruction, name = about
    what = code(pascal(name)) if name in PARAMETERS else f"the task's attribute {code(name)}"
    return [str(number), code(instruction), what if name else "the state of the reservation"]


def _row(kind: Kind) -> list[str]:
    return [str(kind.status), str(kind.code or ""), kind.title, kind.when, said(kind.source)]


def _kinds(kinds: tuple[Kind, ...]) -> str:
    return ", ".join(code(status) for status in sorted({kind.status for kind in kinds}))
