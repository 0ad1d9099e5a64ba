"""One signed request, and what came of it."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from pointsman import __version__
from pointsman.core.types import Millis
from pointsman.meters import Meters
from pointsman.ports import Attempt
from pointsman.webhooks.limits import REPLY_BYTES_MAX, REPLY_KEPT_CHARACTERS, TEXT_KEPT_CHARACTERS
from pointsman.webhooks.resolver import Resolver
from pointsman.wire.callbacks import Address, address, form, signature


def now_ms() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


def one_line(text: str) -> str:
    """Text of others, fit for a log line and for any database."""
    return "".join(c if c.isprintable() else " " for c in text[:TEXT_KEPT_CHARACTERS]).strip()


def host_of(url: str) -> str:
    """Who would be asked; all that can't be asked are one."""
    try:
        return address(url).host
    except ValueError:
        return "invalid"


@dataclass(frozen=True, slots=True)
class Answer:
    """`problem` says why there is none, or why it is none. `body` is at most one byte longer than the limit."""

    at_ms: Millis
    took_ms: int
    status: int | None = None
    content_type: str | None = None
    body: bytes = b""
    problem: str | None = None

    @property
    def refusal(self) -> str | None:
        """Why it does not take what was sent: only a 2xx does."""
        if self.problem is None and self.status is not None and not 200 <= self.status < 300:
            return f"status {self.status}, expected 2xx"
        return self.problem

    def attempt(self, url: str, problem: str | None) -> Attempt:
        """The attempt as it is kept: without credentials, and its reply cut."""
        try:
            shown = address(url).url
        except ValueError:
            shown = url.rpartition("@")[2]
        reply = self.body[: 4 * REPLY_KEPT_CHARACTERS].decode(errors="replace").replace("\0", "�")
        return Attempt(
            url=shown,
            at_ms=self.at_ms,
            took_ms=self.took_ms,
            status=self.status,
            content_type=one_line(self.content_type) if self.content_type is not None else None,
            reply=reply[:REPLY_KEPT_CHARACTERS] if self.status is not None else None,
            problem=one_line(problem) if problem else None,
        )


class Poster:
    """How many requests are in flight is the business of the gates, so the session has no limit of its own."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, resolver=Resolver()),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"Pointsman/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        await self._session.close()

    async def post(
        self, url: str, parameters: Mapping[str, str], token: str, limit_s: float, headers: Mapping[str, str]
    ) -> Answer:
        """Send once. Whatever goes wrong is told in the answer."""
        at_ms, began = now_ms(), time.monotonic()
        status: int | None = None
        content_type: str | None = None
        body, problem = b"", None
        try:
            async with asyncio.timeout(limit_s), self._request(address(url), parameters, token, headers) as response:
                status, content_type = response.status, response.headers.get("Content-Type")
                body = await _read(response)
        except TimeoutError:
            problem = f"no complete answer within {limit_s:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = str(error) or type(error).__name__
        took_s = time.monotonic() - began
        self._meters.called_back(status, took_s)
        return Answer(at_ms, round(took_s * 1000), status, content_type, body, problem)

    def _request(
        self, where: Address, parameters: Mapping[str, str], token: str, more: Mapping[str, str]
    ) -> aiohttp.client._RequestContextManager:
        headers = {
            **more,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature(token, where.signed_url, parameters),
        }
        if where.user is not None:
            credentials = f"{where.user}:{where.password or ''}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
        return self._session.post(
            URL(where.url, encoded=True),  # as it was signed: not normalized further
            data=form(parameters),
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(),  # ours is around the whole
        )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, up to one byte more than the limit."""
    found = bytearray()
    while len(found) <= REPLY_BYTES_MAX:
        piece = await response.content.read(REPLY_BYTES_MAX + 1 - len(found))
        if not piece:
            break
        found += piece
    return bytes(found)
