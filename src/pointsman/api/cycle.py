"""One request and its answer on a connection. The HTTP server's own looks at each header with two patterns; that took a
tenth of the time of a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from pointsman.front import REASON, WHOLE_BODY

BODILESS = (204, 304)
REASON_LENGTH_MAX = 512  # characters


class Cycle(RequestResponseCycle):
    """Tells its application, in the scope, of a body that has arrived as a whole: `WHOLE_BODY`. An answer
    whose length is known is sent in one piece, its head with its body. Doors say its reason phrase by
    `front.say_reason`."""

    _held = b""  # a head that waits for its body
    _reason: bytes | None = None  # the usual one

    async def run_asgi(self, app: Any) -> None:
        """The scope leads here while the application runs, and no longer: a ring of each request would be left for the
        collector of garbage to find."""
        scope: Any = self.scope
        scope[WHOLE_BODY], scope[REASON] = self.whole_body, self.say_reason
        try:
            await super().run_asgi(app)
        finally:
            del scope[WHOLE_BODY], scope[REASON]

    def whole_body(self) -> bytes | None:
        """None, if it has not arrived yet."""
        return None if self.more_body or self.waiting_for_100_continue else bytes(self.body)

    def say_reason(self, text: str) -> None:
        """The reason phrase, which ASGI can't set: the first browser SDK shows it as the message of an error, and reads
        nothing else [sdk1]."""
        assert not self.response_started, "the status line is out"
        self._reason = phrase(text)

    async def send(self, message: Any) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if not self.response_started:
            assert message["type"] == "http.response.start", "an answer begins with its head"
            self.response_started, self.waiting_for_100_continue = True, False
            head = self._head(message["status"], message.get("headers", ()))
            if self.chunked_encoding is False:
                self._held = head
            else:
                self.transport.write(head)
        elif not self.response_complete:
            assert message["type"] == "http.response.body", "after its head comes its body"
            is_last = not message.get("more_body", False)
            piece = self._held + self._piece(message.get("body", b""), is_last)
            if piece:
                self._held = b""
                self.transport.write(piece)
            if is_last:
                self._complete()

    def _head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        status_line = STATUS_LINE[status][:-2] if self._reason is None else b"HTTP/1.1 %d %b" % (status, self._reason)
        pairs = [*self.default_headers, *headers]
        lines = [status_line, *[b": ".join(pair) for pair in pairs]]
        said = dict(pairs)
        if b"content-length" in said:
            self.expected_content_length, self.chunked_encoding = int(said[b"content-length"]), False
        elif b"transfer-encoding" in said:
            self.chunked_encoding = said[b"transfer-encoding"].lower() == b"chunked" or None
        said_close = b"close" in said.get(b"connection", b"").lower()
        if not self.keep_alive and not said_close:
            lines.append(b"connection: close")
        self.keep_alive = self.keep_alive and not said_close
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in BODILESS:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked")
        head = b"\r\n".join(lines)
        if not head.count(b"\n") == head.count(b"\r") == len(lines) - 1 or b"\0" in head:
            raise RuntimeError("a header of the answer has a line break or NUL in it")
        return head + b"\r\n\r\n"

    def _piece(self, body: bytes, is_last: bool) -> bytes:
        """As it goes over the connection."""
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            return b""
        if not self.chunked_encoding:
            self.expected_content_length -= len(body)
            assert self.expected_content_length >= 0, "the body is longer than was said"
            return body
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        return chunk + b"0\r\n\r\n" if is_last else chunk

    def _complete(self) -> None:
        assert self.expected_content_length == 0, "the body is shorter than was said"
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


def phrase(text: str) -> bytes:
    """What of a text can stand in a status line: no line breaks, nor other controls, nothing beyond Latin-1."""
    shown = (char if char.isprintable() else " " for char in text[:REASON_LENGTH_MAX])
    return "".join(shown).strip().encode("latin-1", "replace")
