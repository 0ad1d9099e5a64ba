"""Lists on pages."""

from __future__ import annotations

from typing import cast

import pytest
from starlette.requests import Request

from pointsman.console.tables import paging
from pointsman.console.visit import Visit


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("", "50"),
        ("PageSize=5", "5"),
        ("PageSize=1000", "200"),
        ("PageSize=00000000001000", "200"),
        ("PageSize=" + "9" * 5_000, "200"),
        ("PageSize=many", "many"),  # which the API refuses
    ],
)
def test_a_page_has_no_more_rows_than_are_good_to_look_at(asked: str, rows: str) -> None:
    request = Request({"type": "http", "query_string": asked.encode(), "headers": []})
    assert dict(paging(cast(Visit, _Asking(request)), 50))["PageSize"] == rows


class _Asking:
    """Of a visit, what it asks."""

    def __init__(self, request: Request) -> None:
        self.request = request
