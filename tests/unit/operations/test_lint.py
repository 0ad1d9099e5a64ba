"""Warnings beside answers: never in the way of the change, nor of others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from pointsman.core.engine.view import View
from pointsman.core.limits import STANDARD
from pointsman.core.record import SYSTEM
from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from pointsman.operations import Call, Caller, Reply, Services, lint
from pointsman.ports import Account, EventSender, Overloaded, Router, Store, StoreUnavailable, UnknownWorkspace
from pointsman.resources import TASK_QUEUE, WORKFLOW
from tests.world import World, configuration

WORKSPACE = WorkspaceSid("WS" + "0" * 32)


class Reader:
    """As much of a router as lint needs; or one that fails."""

    def __init__(self, world: World, problem: Exception | None = None) -> None:
        self.world, self.problem = world, problem

    async def read(self, workspace: WorkspaceSid, question: Callable[[View], Any]) -> Any:
        if self.problem is not None:
            raise self.problem
        return question(View(self.world.state, Millis(0)))


async def nothing(account: AccountSid) -> bytes:
    return b""


def call(reader: Reader) -> Call:
    router, store, sender = cast(Router, reader), cast(Store, None), cast(EventSender, None)
    services = Services(router, store, "1", STANDARD, sender, asyncio.Semaphore(1), nothing)
    caller = Caller(cast(Account, None), None)
    return Call(services, caller, SYSTEM, "http://router", "/", {"WorkspaceSid": WORKSPACE})


@pytest.fixture
def world() -> World:
    world = World()
    for number in range(50):
        world.worker(attributes={"skills": ["sales"], "number": number})
    return world


@pytest.mark.parametrize(
    "problem",
    [UnknownWorkspace(WORKSPACE), StoreUnavailable("down"), Overloaded("full"), RuntimeError("a fault of ours")],
    ids=lambda problem: type(problem).__name__,
)
def test_what_goes_wrong_leaves_the_answer_as_it_is(world: World, problem: Exception) -> None:
    """The change is made by then."""
    reply = Reply(201, {"sid": "WQ", "target_workers": "skils == 1"})
    assert asyncio.run(lint.with_warnings(TASK_QUEUE, call(Reader(world, problem)), reply)) is reply


def test_only_what_is_unwise_adds_to_the_answer(world: World) -> None:
    wise, unwise = ({"sid": "WQ", "target_workers": f"{name} HAS 'sales'"} for name in ("skills", "skils"))
    asked = call(Reader(world))
    assert asyncio.run(lint.with_warnings(TASK_QUEUE, asked, Reply(200, wise))).body == wise
    body = asyncio.run(lint.with_warnings(TASK_QUEUE, asked, Reply(200, unwise))).body
    assert {name: body[name] for name in unwise} == unwise
    assert [each["rule"] for each in body["pointsman"]["warnings"]] == ["unknown_attribute", "queue_without_workers"]


@pytest.mark.parametrize("quick_max", [10**6, 0])
def test_short_documents_are_looked_at_in_pieces_and_long_ones_in_a_thread(
    world: World, monkeypatch: pytest.MonkeyPatch, quick_max: int
) -> None:
    """Others have their turn in between."""
    monkeypatch.setattr(lint, "AT_ONCE_S", 0.0)
    monkeypatch.setattr(lint, "QUICK_MAX", quick_max)
    queue = world.queue("all")
    filters = [(f"number == {number}", {"queue": queue, "order_by": "worker.number"}) for number in range(20)]
    document = configuration(*filters, default=queue)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def both() -> Reply:
        beside = asyncio.create_task(others())
        try:
            return await lint.with_warnings(WORKFLOW, call(Reader(world)), Reply(200, {"configuration": document}))
        finally:
            beside.cancel()

    assert "pointsman" not in asyncio.run(both()).body
    assert turns >= 2
