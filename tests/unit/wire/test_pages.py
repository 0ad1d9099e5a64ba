"""Pages: sizes, tokens, the meta object."""

from __future__ import annotations

import pytest

from pointsman.core.errors import Invalid
from pointsman.resources import TASK
from pointsman.wire.pages import Sorting, envelope, read_page, read_sorting, token_of

KINDS = ("WT",)
SID = "WT" + "0" * 20 + "0000000000ff"


def test_without_parameters_it_is_the_first_fifty() -> None:
    request = read_page([], KINDS)
    assert (request.size, request.page, request.cursor, request.filters) == (50, 0, 0, ())


def test_a_size_over_the_most_is_clamped() -> None:
    """A row limit of the libraries arrives as PageSize, uncapped [clients]."""
    assert read_page([("PageSize", "5000")], KINDS).size == 1000


@pytest.mark.parametrize(
    "query",
    [
        {"PageSize": "0"},
        {"PageSize": "-1"},
        {"PageSize": "many"},
        {"Page": "-1"},
        {"Page": "1"},
        {"PageToken": "PA"},
        {"PageToken": "XX" + SID},
        {"PageToken": "PAWT123"},
        {"PageToken": "PAWK" + SID[2:]},
    ],
)
def test_what_is_no_page_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="Invalid Page"):
        read_page(list(query.items()), KINDS)


def test_tokens_name_the_row_to_go_on_from() -> None:
    """`PA` and the last row's sid, `PB` and the first row's [obs]."""
    after, before = (read_page([("PageToken", f"{side}{SID}")], KINDS) for side in ("PA", "PB"))
    assert (after.token, after.backwards, after.cursor) == (SID, False, 255)
    assert (before.token, before.backwards, before.cursor) == (SID, True, 255)


def test_in_another_order_a_token_carries_the_place() -> None:
    """The row may change or go before the next page is asked for."""
    sorting = read_sorting(TASK, [("Ordering", "Priority:desc,DateCreated:desc")])
    request = read_page([("PageToken", f"PA{SID}_pddcd_-7")], KINDS, sorting)
    assert (request.token, request.place) == (SID, (-7, -255))
    assert token_of(SID, (-7, -255), sorting.tag) == f"{SID}_pddcd_-7"
    for token in (f"PA{SID}", f"PA{SID}_pddcd_1_2", f"PA{SID}_pddcd", f"PA{SID}_pa_1", f"PA{SID}_"):
        with pytest.raises(Invalid, match="Invalid PageToken"):
            read_page([("PageToken", token)], KINDS, sorting)


def test_the_order_of_creation_is_that_of_numbers() -> None:
    assert read_sorting(TASK, []) == Sorting()
    assert read_sorting(TASK, [("Ordering", "DateCreated:desc")]) == Sorting((), -1, "dcd")
    assert read_sorting(TASK, [("Ordering", "DateCreated:asc,Priority:desc")]) == Sorting((), 1, "dca")
    with pytest.raises(Invalid, match="not DateCreated with VirtualStartTime"):
        read_sorting(TASK, [("Ordering", "DateCreated:asc,VirtualStartTime:desc")])


def test_urls_hold_the_filters_then_size_and_page_then_the_token() -> None:
    query = [("AssignmentStatus", "pending,reserved"), ("FriendlyName", "a b"), ("PageSize", "2"), ("Page", "1")]
    request = read_page([*query, ("PageToken", f"PA{SID}")], KINDS)
    meta = envelope("tasks", [], request, "http://h/v1/Tasks", first=SID, last=SID)["meta"]
    filters = "AssignmentStatus=pending%2Creserved&FriendlyName=a+b&PageSize=2"
    assert meta["first_page_url"] == f"http://h/v1/Tasks?{filters}&Page=0"
    assert meta["url"] == f"http://h/v1/Tasks?{filters}&Page=1&PageToken=PA{SID}"
    assert meta["next_page_url"] == f"http://h/v1/Tasks?{filters}&Page=2&PageToken=PA{SID}"
    assert meta["previous_page_url"] == f"http://h/v1/Tasks?{filters}&Page=0&PageToken=PB{SID}"
    assert list(meta) == sorted(meta), "alphabetically, as in the samples"


def test_the_only_page_has_no_neighbours() -> None:
    meta = envelope("tasks", [], read_page([], KINDS), "http://h/v1/Tasks", first=None, last=None)["meta"]
    assert meta["next_page_url"] is None
    assert meta["previous_page_url"] is None
    assert meta["url"] == "http://h/v1/Tasks?PageSize=50&Page=0"
