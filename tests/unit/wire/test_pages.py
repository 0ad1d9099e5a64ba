"""Pages: sizes, tokens, the meta object."""

from __future__ import annotations

import pytest

from pointsman.core.errors import Invalid
from pointsman.wire.pages import envelope, read_page

SID = "WT" + "0" * 20 + "0000000000ff"


def test_without_parameters_it_is_the_first_fifty() -> None:
    request = read_page([])
    assert (request.size, request.page, request.cursor, request.filters) == (50, 0, 0, ())


def test_a_size_over_the_most_is_clamped() -> None:
    """A row limit of the libraries arrives as PageSize, uncapped [clients]."""
    assert read_page([("PageSize", "5000")]).size == 1000


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
    ],
)
def test_what_is_no_page_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="Invalid Page"):
        read_page(query.items())


def test_tokens_name_the_row_to_go_on_from() -> None:
    """`PA` and the last row's sid, `PB` and the first row's [obs]."""
    after, before = read_page([("PageToken", f"PA{SID}")]), read_page([("PageToken", f"PB{SID}")])
    assert (after.after, after.before, after.cursor) == (SID, None, 255)
    assert (before.after, before.before, before.cursor) == (None, SID, 255)


def test_urls_hold_the_filters_then_size_and_page_then_the_token() -> None:
    query = [("AssignmentStatus", "pending,reserved"), ("FriendlyName", "a b"), ("PageSize", "2"), ("Page", "1")]
    request = read_page([*query, ("PageToken", f"PA{SID}")])
    meta = envelope("tasks", [], request, "http://h/v1/Tasks", first=SID, last=SID)["meta"]
    filters = "AssignmentStatus=pending%2Creserved&FriendlyName=a+b&PageSize=2"
    assert meta["first_page_url"] == f"http://h/v1/Tasks?{filters}&Page=0"
    assert meta["url"] == f"http://h/v1/Tasks?{filters}&Page=1&PageToken=PA{SID}"
    assert meta["next_page_url"] == f"http://h/v1/Tasks?{filters}&Page=2&PageToken=PA{SID}"
    assert meta["previous_page_url"] == f"http://h/v1/Tasks?{filters}&Page=0&PageToken=PB{SID}"
    assert list(meta) == sorted(meta), "alphabetically, as in the samples"


def test_the_only_page_has_no_neighbours() -> None:
    meta = envelope("tasks", [], read_page([]), "http://h/v1/Tasks", first=None, last=None)["meta"]
    assert meta["next_page_url"] is None
    assert meta["previous_page_url"] is None
    assert meta["url"] == "http://h/v1/Tasks?PageSize=50&Page=0"
