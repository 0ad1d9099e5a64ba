"""What is the same as in TaskRouter's published description, what differs and why, and what there is beyond it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.conformance.description import ABSENT, BEYOND, Difference, Document, described, differences
from tests.conformance.description_differences import KNOWN, Known, reason_of
from tests.reference.markdown import code, link, page, table

_ASPECTS = {
    "type": "type",
    "format": "format",
    "enum": "words",
    "items enum": "words",
    "pattern": "pattern",
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "characters at least",
    "maxLength": "characters at most",
    "required": "required",
    "null": "null",
    "id": "name",
}
_WHERE = {"answer": "field", "form": "parameter", "json": "parameter", "query": "query parameter"}


def compatibility_page(theirs: Document, ours: Document) -> str:
    found = differences(theirs, ours)
    by_reason = {known: own for known in KNOWN if (own := [each for each in found if reason_of(each) is known])}
    unexplained = [each for each in found if reason_of(each) is None]
    assert not unexplained, f"no reason in description_differences.py for {unexplained}"
    differing = [known for known, own in by_reason.items() if own[0].aspect not in (ABSENT, BEYOND)]
    missing = [known for known, own in by_reason.items() if own[0].aspect == ABSENT]
    beyond = [known for known, own in by_reason.items() if own[0].aspect == BEYOND]
    wanted = described(theirs)
    absent = {each.operation for known in missing for each in by_reason[known] if each.place == "operation"}
    numbers = {known: number for number, known in enumerate(differing, 1)}
    return page(
        "# Compatibility",
        f"TaskRouter's published description (version {theirs['info']['version']}) has {len(wanted)} operations, of "
        f"which {len(wanted) - len(absent)} are here. This page comes from that description, from Pointsman's own and "
        "from a list of reasons; a test fails when a difference has no reason, or a reason no difference.",
        "It compares what a description can say: paths, parameters with their types, bounds and words, the status of "
        f"success, headers and fields. {link('Errors', 'errors.md')}, {link('limits', 'limits.md')} and "
        f"{link('the resources', 'resources.md')} have pages of their own.",
        "## Supported",
        "The last column names what differs from the description, by the numbers below; what holds for all operations "
        "or all lists is left out there.",
        table(
            ["Operation", "Request", "Differs in"],
            [
                [each.id, code(key), _numbers(each.id, by_reason, numbers)]
                for key, each in wanted.items()
                if each.id not in absent
            ],
        ),
        "## Missing" if missing else "",
        *(page(known.reason, _names(by_reason[known])).strip() for known in missing),
        "## Differs",
        *(_differing(numbers[known], known, by_reason[known]) for known in differing),
        "## Beyond",
        "What the description does not have. Clients that do not know of it are not disturbed by it.",
        table(["What", "Of", "Why"], [_beyond(known, by_reason[known]) for known in beyond]),
    )


def _numbers(operation: str, by_reason: dict[Known, list[Difference]], numbers: dict[Known, int]) -> str:
    general = ("*", "List*")
    return ", ".join(
        str(number)
        for known, number in numbers.items()
        if (known.operations not in general or not known.places[0].startswith("query Page"))
        and any(each.operation == operation for each in by_reason[known])
    )


def _names(found: Sequence[Difference]) -> str:
    return table(["Operation", "Request"], [[each.operation, code(each.theirs)] for each in found])


def _differing(number: int, known: Known, found: Sequence[Difference]) -> str:
    """The same difference of several operations is one row, and so is that of several places in the same ones."""
    operations: dict[tuple[str, str, str, str], list[str]] = {}
    for each in found:
        operations.setdefault((each.place, each.aspect, each.theirs, each.ours), []).append(each.operation)
    places: dict[tuple[str, str, str, str], list[str]] = {}
    for (place, aspect, their, our), of in operations.items():
        places.setdefault((aspect, their, our, _all(of)), []).append(place)
    lines = [
        [_places(alike), all_of, _ASPECTS[aspect], *_both(their, our)]
        for (aspect, their, our, all_of), alike in places.items()
    ]
    heading = f"### {number}. {_title(found)}"
    return page(heading, known.reason, table(["What", "Of", "Its", "Described", "Here"], lines)).strip()


def _all(operations: Sequence[str]) -> str:
    return ", ".join(operations) if len(operations) < 5 else f"{len(operations)} operations"


def _title(found: Sequence[Difference]) -> str:
    names = list(dict.fromkeys(each.place.partition(" ")[2] for each in found))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _places(places: Sequence[str]) -> str:
    """`form A`, `form B` → parameters A, B."""
    names: dict[str, list[str]] = {}
    for place in places:
        where, _, name = place.partition(" ")
        names.setdefault(_WHERE.get(where, where), []).append(name)
    return "; ".join(
        f"{where}{'s' if len(own) > 1 else ''} {', '.join(code(name) for name in own)}" for where, own in names.items()
    )


def _both(their: str, our: str) -> tuple[str, str]:
    return code(their) if their else "not said", code(our) if our else "not said"


def _beyond(known: Known, found: Sequence[Difference]) -> list[str]:
    places = list(dict.fromkeys(each.place for each in found))
    if places == ["operation"]:
        return ["operation", ", ".join(code(each.ours) for each in found), known.reason]
    operations = list(dict.fromkeys(each.operation for each in found))
    return [_places(places), _all(operations), known.reason]
