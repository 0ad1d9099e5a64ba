"""Events with the words that they quote. Words never change once written, so they are kept as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

from pointsman.core.record import Logged, Quote, Record, Words, quotes
from pointsman.core.types import AccountSid, WorkspaceSid
from pointsman.ports import EventRow, Store

WORDS_CACHED_MAX = 50_000
_record = msgspec.json.Decoder(Record).decode
_words = msgspec.json.Decoder(Words).decode


class Log:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: OrderedDict[tuple[WorkspaceSid, Quote], Words] = OrderedDict()

    def remember(self, workspace: WorkspaceSid, said: Iterable[tuple[Quote, Words]]) -> None:
        for quote, words in said:
            self._cache[(workspace, quote)] = words
        while len(self._cache) > WORDS_CACHED_MAX:
            self._cache.popitem(last=False)

    async def logged(self, workspace: WorkspaceSid, account: AccountSid, rows: Sequence[EventRow]) -> list[Logged]:
        records = [_record(row.body) for row in rows]
        wanted = {quote for record in records for quote in quotes(record)}
        words = {quote: self._cache[(workspace, quote)] for quote in wanted if (workspace, quote) in self._cache}
        missing = sorted(wanted - words.keys())
        if missing:
            found = await self._store.snapshots(workspace, missing)
            fresh = {(row.no, row.text): _words(row.body) for row in found}
            self.remember(workspace, fresh.items())
            words |= fresh
        return [
            Logged(workspace, account, row.seq, row.type, row.at_ms, record, words)
            for row, record in zip(rows, records, strict=True)
        ]
