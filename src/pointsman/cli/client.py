"""The REST API's client for the other commands: one conversation with one server."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec
import typer
from yarl import URL

from pointsman.cli.find import Server, Unreachable, find_server

API_1 = "/v1"
REQUEST_S = 30.0
REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=REQUEST_S)
STREAM_TYPE = "application/x-ndjson"
PAGE_SIZE = 500
FAILED = 1
Row = dict[str, Any]
Query = Mapping[str, str]


class Failed(Exception):
    """The command can't do what was asked; the message says why, in one line."""


class NoAnswer(Failed):
    """The server can't be reached, or can't answer now."""


class NotThere(Failed):
    """The server has no such thing."""


class Conflicting(Failed):
    """Something stands in the way of it."""


class Client:
    """Asks the server and reads its answers. Paths begin behind the version of the API, `/v1` unless said otherwise."""

    def __init__(self, data: Path | None, url: str | None) -> None:
        """Raises: `Unreachable`."""
        self._data, self._url = data, url
        self.server: Server = find_server(data, url)
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        await self._session.close()

    def find_again(self) -> None:
        """After a restart it may listen elsewhere. Raises: `Unreachable`."""
        self.server = find_server(self._data, self._url)

    async def get(self, path: str, query: Query | None = None, *, api: str = API_1) -> Row:
        """Raises: `Failed`."""
        return await self._ask("GET", f"{api}{path}{'?' + urlencode(query) if query else ''}")

    async def post(self, path: str, form: Query, *, api: str = API_1) -> Row:
        """Raises: `Failed`."""
        return await self._ask("POST", f"{api}{path}", dict(form))

    async def delete(self, path: str, *, api: str = API_1) -> None:
        """Raises: `Failed`."""
        await self._ask("DELETE", f"{api}{path}")

    async def pages(
        self, path: str, query: Query | None = None, size: int = PAGE_SIZE, *, api: str = API_1
    ) -> AsyncIterator[list[Row]]:
        """The rows of a list, a page at a time. Raises: `Failed`."""
        target = f"{api}{path}?{urlencode({**(query or {}), 'PageSize': str(size)})}"
        while target:
            page = await self._ask("GET", target)
            try:
                rows, following = _read_page(page) if api == API_1 else _read_page_2010(page)
            except (KeyError, TypeError, StopIteration):
                raise Failed(f"{self.server.url}{target} is no list: is that a Pointsman server?") from None
            yield rows
            target = _path(following) if following else ""

    async def rows(
        self, path: str, query: Query | None = None, limit: int | None = None, *, api: str = API_1
    ) -> list[Row]:
        """The rows of a list, or its first `limit`. Raises: `Failed`."""
        found: list[Row] = []
        async for page in self.pages(path, query, min(PAGE_SIZE, limit or PAGE_SIZE), api=api):
            found += page
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    async def lines(self, path: str, query: Query, *, silence_s: float) -> AsyncGenerator[Row, None]:
        """The lines of a stream as they come. Raises: `Failed`; `NoAnswer`, also if it breaks off, or says nothing for
        `silence_s`."""
        patience = aiohttp.ClientTimeout(total=None, sock_connect=REQUEST_S, sock_read=silence_s)
        target = f"{API_1}{path}?{urlencode(query)}"
        async with self._answer("GET", target, patience=patience) as response:
            if response.status >= 300:
                _read(response.status, await response.read(), self.server)
            if response.content_type != STREAM_TYPE:
                raise Failed(f"{self.server.url}{target} is no stream: is that a Pointsman server?")
            rest = b""
            async for piece in response.content.iter_any():
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    yield msgspec.json.decode(line)

    async def _ask(self, method: str, target: str, form: dict[str, str] | None = None) -> Row:
        async with self._answer(method, target, form) as response:
            return _read(response.status, await response.read(), self.server)

    @asynccontextmanager
    async def _answer(
        self,
        method: str,
        target: str,
        form: dict[str, str] | None = None,
        patience: aiohttp.ClientTimeout = REQUEST_TIMEOUT,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        server = self.server
        try:
            async with self._session.request(
                method,
                URL(server.url + target, encoded=True),
                data=urlencode(form).encode() if form is not None else None,
                headers={
                    "Authorization": aiohttp.encode_basic_auth(server.account_sid, server.auth_token),
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                ssl=_context(server) if server.url.startswith("https:") else True,
                allow_redirects=False,
                timeout=patience,
            ) as response:
                yield response
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError) as problem:
            raise Failed(
                f"{server.url} (from {server.source}) is not the URL of a server: {one_line(problem)}"
            ) from None
        except TimeoutError:
            raise NoAnswer(f"{_where(server)}: no answer within {patience.total or patience.sock_read:g} s") from None
        except (aiohttp.ClientError, OSError) as problem:
            raise NoAnswer(f"{_where(server)}: {_reason(problem)}") from None


def _context(server: Server) -> ssl.SSLContext:
    """The folder's own authority signs for the local server."""
    from pointsman.tls.authority import CERTIFICATE_FILE

    context = ssl.create_default_context()
    own = server.data / "tls" / CERTIFICATE_FILE
    if own.is_file():
        context.load_verify_locations(own)
    return context


def _read_page(page: Row) -> tuple[list[Row], str | None]:
    return page[page["meta"]["key"]], page["meta"]["next_page_url"]


def _read_page_2010(page: Row) -> tuple[list[Row], str | None]:
    return next(each for each in page.values() if isinstance(each, list)), page["next_page_uri"]


def _path(url: str) -> str:
    """Where the next page is on *this* server: credentials go nowhere else."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _where(server: Server) -> str:
    return f"No server answers at {server.url} (from {server.source})"


def _reason(problem: Exception) -> str:
    cause = problem.os_error if isinstance(problem, aiohttp.ClientConnectorError) else problem
    number = getattr(cause, "errno", None)
    return os.strerror(number) if isinstance(number, int) and number > 0 else one_line(cause) or type(problem).__name__


def _read(status: int, body: bytes, server: Server) -> Row:
    """Raises: `Failed`, with the server's message and code."""
    if status == 204:
        return {}
    try:
        answer = msgspec.json.decode(body)
        if not isinstance(answer, dict):
            raise ValueError
    except ValueError:
        raise Failed(f"{server.url} answered {status}, but not as a Pointsman server does: is it one?") from None
    if status < 300:
        return answer
    code = f", code {answer['code']}" if answer.get("code") else ""
    text = f"{one_line(answer.get('message') or 'The server refused')} (HTTP {status}{code})"
    if status == 401:
        text += f": {server.url} does not take the token of {server.account_sid}"
    kinds = {404: NotThere, 409: Conflicting, 500: NoAnswer, 502: NoAnswer, 503: NoAnswer, 504: NoAnswer}
    raise kinds.get(status, Failed)(text)


def one_line(text: object) -> str:
    """Text of others, fit for one line of a terminal."""
    return printable(text).strip()


def printable(text: object) -> str:
    """Without control characters."""
    return "".join(c if c.isprintable() else " " for c in str(text))


# --- running a command --------------------------------------------------------------------------------------------


def talk(
    data: Path | None,
    url: str | None,
    work: Callable[[Client], Awaitable[None]],
    *,
    failed: int = FAILED,
    passing: tuple[type[Exception], ...] = (),
) -> None:
    """Run a command's `work` with a client. What the user can mend becomes one line and exit code `failed`, but for
    what the command wants to hear of itself."""
    try:
        asyncio.run(_talk(data, url, work))
        sys.stdout.flush()
    except passing:
        raise
    except (Failed, Unreachable) as problem:
        typer.echo(f"pointsman: {problem}", err=True)
        raise typer.Exit(failed) from None
    except BrokenPipeError:
        # The reader has what it wanted, as `head` does. Nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


async def _talk(data: Path | None, url: str | None, work: Callable[[Client], Awaitable[None]]) -> None:
    client = Client(data, url)
    try:
        await work(client)
    finally:
        await client.close()
