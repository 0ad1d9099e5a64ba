"""The open sockets of the current SDK, and which of them a request may be about: a client says only its token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pointsman.bridge.session import Session
from pointsman.bridge.tokens import Grant
from pointsman.core.types import Sid, WorkspaceSid


class Sessions:
    """Each list is in the order of opening, the oldest first."""

    def __init__(self) -> None:
        self._of_token: dict[bytes, list[Session]] = {}
        self._of_worker: dict[tuple[WorkspaceSid, Sid | None], list[Session]] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter([each for sharing in self._of_worker.values() for each in sharing])

    def add(self, session: Session) -> None:
        self._of_token.setdefault(session.grant.token, []).append(session)
        self._of_worker.setdefault(_worker(session.grant), []).append(session)

    def remove(self, session: Session) -> None:
        _remove(self._of_token, session.grant.token, session)
        _remove(self._of_worker, _worker(session.grant), session)

    def of_token(self, token: bytes) -> Sequence[Session]:
        return self._of_token.get(token, ())

    def of_worker(self, grant: Grant) -> Sequence[Session]:
        """Those of the token's worker, whichever token has opened them: a client goes on with its socket when it gets
        another token [sdk]."""
        return self._of_worker.get(_worker(grant), ())

    def starting(self, grant: Grant) -> Session | None:
        """The session whose client lists its reservations as it starts. Clients that share a token do not say which of
        them asks: of those that have not listed them yet it is the newest, since an older one may be of a client that
        has lost its connection and has come back."""
        return next((each for each in reversed(self.of_token(grant.token)) if each.connection.starting), None)

    def loading(self, grant: Grant) -> Sequence[Session]:
        """The sessions whose clients may be the one that is shown what clients load as they start."""
        sharing = self.of_token(grant.token)
        return sharing if len(sharing) == 1 else [each for each in sharing if each.connection.held_back]


def _worker(grant: Grant) -> tuple[WorkspaceSid, Sid | None]:
    return grant.workspace, grant.worker


def _remove(found: dict[Any, list[Session]], key: object, session: Session) -> None:
    found[key].remove(session)
    if not found[key]:
        del found[key]
