"""An answer's reason phrase, which ASGI can't set: the first browser SDK shows it as the message of an error, and reads
nothing else [sdk1]. Doors say it by `front.say_reason`."""

from __future__ import annotations

from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from pointsman.front.reason import NAME

LENGTH_MAX = 512  # characters


def offer(cycle: RequestResponseCycle) -> None:
    """Let what answers this request say its reason."""
    scope: dict[str, Any] = cycle.scope  # type: ignore[assignment]
    scope[NAME] = partial(_say, cycle)


def phrase(text: str) -> bytes:
    """What of a text can stand in a status line: no line breaks, nor other controls, nothing beyond Latin-1."""
    shown = (char if char.isprintable() else " " for char in text[:LENGTH_MAX])
    return "".join(shown).strip().encode("latin-1", "replace")


def _say(cycle: RequestResponseCycle, text: str) -> None:
    assert not cycle.response_started, "the status line is out"
    cycle.transport = _Saying(cycle, text)  # type: ignore[assignment]


class _Saying:
    """In the place of a cycle's transport until the head of its answer is written."""

    def __init__(self, cycle: RequestResponseCycle, text: str) -> None:
        self._cycle, self._transport, self._phrase = cycle, cycle.transport, phrase(text)

    def write(self, head: bytes) -> None:
        self._cycle.transport = self._transport
        status_line, _, rest = head.partition(b"\r\n")
        version, status, _ = status_line.split(b" ", 2)
        self._transport.write(b"%s %s %s\r\n%s" % (version, status, self._phrase, rest))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
