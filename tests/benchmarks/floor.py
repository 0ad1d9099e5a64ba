"""A bare Starlette application that answers the same requests and stores nothing: what HTTP alone costs here. Given a
URL, it asks it for each task that is created, as an assignment callback does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = b'{"sid":"WT00000000000000000000000000000001","reservations":[{"sid":"WR00000000000000000000000000000001"}]}'
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def answer(request: Request) -> Response:
    await request.body()
    return Response(BODY, media_type="application/json")


def plain() -> Starlette:
    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


def calling(url: str) -> Starlette:
    numbers, under_way = count(1), set()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as app.state.session:
            yield

    async def call(session: aiohttp.ClientSession, created: bytes) -> None:
        form = b"TaskSid=WT%032x&%b" % (next(numbers), created)
        async with session.post(url, data=form, headers=FORM) as reply:
            await reply.read()

    async def create(request: Request) -> Response:
        one = asyncio.create_task(call(request.app.state.session, await request.body()))
        under_way.add(one)
        one.add_done_callback(under_way.discard)
        return Response(BODY, media_type="application/json", status_code=201)

    created = Route("/v1/Workspaces/{workspace}/Tasks", create, methods=["POST"])
    return Starlette(routes=[created, *plain().routes], lifespan=lifespan)


if __name__ == "__main__":
    port, *urls = sys.argv[1:]
    app = calling(urls[0]) if urls else plain()
    uvicorn.run(app, port=int(port), loop="uvloop", http="httptools", access_log=False, log_level="error")
