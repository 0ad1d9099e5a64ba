"""The parameters that all lists have, and those that some share."""

from __future__ import annotations

from pointsman.resources.declare import Parameter, Resource
from pointsman.resources.types import Int, Ordering, Text

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 1_000  # [oai]; larger ones arrive, and count as this
NUMBER_MAX = 10**9 - 1

PAGING = (
    Parameter(
        "page_size",
        Int(1, NUMBER_MAX),
        f"Rows a page; {PAGE_SIZE_DEFAULT} if left out, and more than {PAGE_SIZE_MAX} count as {PAGE_SIZE_MAX}.",
    ),
    Parameter("page", Int(0, NUMBER_MAX), "For the client's own bookkeeping; above 0 only with a PageToken."),
    Parameter("page_token", Text(), "Which page: taken from next_page_url or previous_page_url."),
)


def ordering(resource: Resource) -> Parameter:
    """How a list that knows several orders is told one."""
    return Parameter(
        "ordering", Ordering(tuple(each.name for each in resource.orders), resource.exclusive), "The order."
    )
