"""The end of everything."""

from __future__ import annotations

from tests.acceptance.suite import DELETES_REGARDLESS, Place, Row


def endings(at: Place) -> None:
    """Everything can be deleted, in the order in which nothing depends on it, and is not found afterwards."""
    the = at.the
    for path, row, version in (("tasks()", the.held, "1"), ("workers()", the.cleo, "1")):
        if DELETES_REGARDLESS in at.library.faults:
            version = "99"
        else:
            at.refuse("delete", path, row, if_match="99", status=412, code=20412, says="Precondition")
        at.delete(path, row, if_match=version)
        gone(at, path, row)
    ends(at, "tasks()", the.sold, the.hers, the.lost)
    ends(at, "workers()", the.ana, the.ben)
    ends(at, "workflows()", the.fifo, the.outbound, the.inbound)
    ends(at, "task_queues()", the.sample, the.sales, the.parked, the.german)
    ends(at, "task_channels()", the.fax)
    ends(at, "activities()", the.training)
    ends(at, "workspaces()", the.desk, the.shop)


def ends(at: Place, path: str, *rows: Row) -> None:
    for row in rows:
        at.delete(path, row)
        gone(at, path, row)


def gone(at: Place, path: str, row: Row) -> None:
    at.refuse("fetch", path, row, status=404, code=20404, says=f"{row.sid} was not found")
