"""The stream that an open page holds: server-sent events that name topics with news, and the moment of it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable

from starlette.responses import Response, StreamingResponse

from pointsman.console.live import SUBJECTS, News, TooManyListeners
from pointsman.console.visit import Trouble, Visit
from pointsman.wire.errors import INVALID, too_many_streams

TOPICS_MAX = 64
KINDS = frozenset({"activity", "reservation", "task", "task-channel", "task-queue", "worker", "workflow", "workspace"})
ENDED = b"event: ended\ndata: {}\n\n"  # the session


async def follow(visit: Visit, of_desk: Callable[[str], bool] | None = None) -> Response:
    """`topics`, with commas, from the moment `mark`; at a desk nothing is told of those that are not its own.

    Raises: `Trouble`.
    """
    asked = visit.request.query_params
    topics = [word for word in asked.get("topics", "").split(",") if word]
    if of_desk is not None:
        topics = [topic for topic in topics if of_desk(topic)]
    if len(topics) > TOPICS_MAX or not all(_is_topic(topic) for topic in topics):
        raise Trouble(INVALID.problem(f"Invalid topics: expected up to {TOPICS_MAX} kinds of events, or task:17"))
    pieces = _pieces(visit, topics, asked.get("mark", ""), is_desk=of_desk is not None)
    try:
        first = await anext(pieces)
    except TooManyListeners:
        raise Trouble(too_many_streams("too many pages are open")) from None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_from(first, pieces), media_type="text/event-stream", headers=headers)


def _is_topic(word: str) -> bool:
    kind, colon, number = word.partition(":")
    if colon:
        return kind in SUBJECTS and number.isascii() and number.isdigit() and len(number) < 19
    return kind in KINDS


async def _pieces(visit: Visit, topics: list[str], mark: str, *, is_desk: bool) -> AsyncGenerator[bytes, None]:
    hub = visit.console.hub
    assert visit.workspace is not None, "the route is a workspace's"
    with hub.listening(visit.workspace, visit.session.nonce, is_desk=is_desk) as feed:
        async for news in hub.follow(feed, topics, mark, is_desk=is_desk):
            if not await visit.goes_on():
                yield ENDED
                return
            yield _spelled(news)


async def _from(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    try:
        yield first
        async for piece in pieces:
            yield piece
    finally:
        await pieces.aclose()


def _spelled(news: News) -> bytes:
    return f"id: {news.mark}\nevent: news\ndata: {json.dumps(news.topics)}\n\n".encode()
