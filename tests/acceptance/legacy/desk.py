"""A workspace for pages with the first SDK: tokens made by the official library, and clients with them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from twilio.jwt.taskrouter.capabilities import (
    TaskQueueCapabilityToken,
    WorkerCapabilityToken,
    WorkspaceCapabilityToken,
)

from tests.acceptance.conftest import Pointsman
from tests.acceptance.legacy.page import Failed, Page
from tests.acceptance.scene import Body, Scene, Sink

T = TypeVar("T")
TEST_S = 90.0
GRANTS: dict[str, Any] = {  # to a worker's page that answers offers and moves between activities
    "allow_update_activities": True,
    "allow_update_reservations": True,
}
EVERYTHING: dict[str, Any] = {
    f"allow_{verb}_{what}": True for verb in ("fetch", "update", "delete") for what in ("self", "subresources")
}


def run(work: Coroutine[Any, Any, T]) -> T:
    """To its end, in time."""
    return asyncio.run(asyncio.wait_for(work, TEST_S))


async def refused(work: Coroutine[Any, Any, Any]) -> Failed:
    """What the callback gets as its error."""
    try:
        answer = await work
    except Failed as problem:
        return problem
    raise AssertionError(f"it was answered: {answer}")


class Desk(Scene):
    """Ana is available; what is queued is offered to her."""

    def __init__(self, server: Pointsman, sink: Sink, name: str) -> None:
        super().__init__(server, sink, name, Template="FIFO")
        self.wq = str(self.get("/TaskQueues")["task_queues"][0]["sid"])
        self.ww = str(self.get("/Workflows")["workflows"][0]["sid"])
        self.ana = self.worker("ana")

    # --- tokens -----------------------------------------------------------------------------------------------------

    def worker_token(self, worker: str | None = None, *, key: str | None = None, **grants: Any) -> str:
        token = WorkerCapabilityToken(
            self.server.account, key or self.server.token, self.sid, worker or self.ana, **(grants or GRANTS)
        )
        return str(token.to_jwt())

    def queue_token(self, **grants: Any) -> str:
        return str(
            TaskQueueCapabilityToken(
                self.server.account, self.server.token, self.sid, self.wq, **(grants or EVERYTHING)
            ).to_jwt()
        )

    def workspace_token(self, **grants: Any) -> str:
        return str(
            WorkspaceCapabilityToken(
                self.server.account, self.server.token, self.sid, **(grants or EVERYTHING)
            ).to_jwt()
        )

    # --- pages ------------------------------------------------------------------------------------------------------

    def page(self, token: str | None = None, **options: Any) -> Page:
        return Page(token or self.worker_token(), self.server.url, **options)

    def asker(self, token: str | None = None, **options: Any) -> Page:
        """A page that opens no socket."""
        return self.page(token, only_asks=True, **options)

    async def offer(self, page: Page, **form: str) -> Body:
        """Queue a task; its reservation, once the page was told of it."""
        await page.until(lambda: page.started)
        seen = len(page.named("reservation.created"))
        await asyncio.to_thread(self.task, **form)
        return dict(await page.event("reservation.created", seen + 1))

    @staticmethod
    def path_of(reservation: Body) -> str:
        return f"/Tasks/{reservation['task']['sid']}/Reservations/{reservation['sid']}"
