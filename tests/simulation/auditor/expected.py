"""How the rules speak: what must come next and why, or why a command must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pointsman.core.errors import Rejected
from pointsman.core.events import Event


class Due(NamedTuple):
    """The next event must be this one; `rule` names section and rule."""

    event: Event
    rule: str


Dues = Iterator[Due]


class MustRefuse(Exception):
    """The command must be refused so; `words` must stand in the message."""

    def __init__(self, kind: type[Rejected], rule: str, words: str = "") -> None:
        super().__init__(rule)
        self.kind, self.rule, self.words = kind, rule, words
