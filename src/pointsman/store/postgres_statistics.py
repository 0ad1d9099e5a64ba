"""Statistics in PostgreSQL: events are summed up step by step, and asked for, each in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pointsman.stats import Question, Tallied
from pointsman.stats.windows import Size
from pointsman.store import rows, tallies
from pointsman.store.sql import statements, with_conditions

if TYPE_CHECKING:
    from pointsman.store.postgres_pool import Connection

SQL = statements("postgres")


async def roll_up(connection: Connection, workspace: int, limit: int) -> int:
    """The next events of one workspace; a node that finds another at it has nothing to do."""
    await connection.execute(SQL["begin_roll_up"], workspace)
    position = await connection.fetchrow(SQL["hold_unsummed"], workspace)
    if position is None:
        return 0
    after, newest, now_s = position
    until = min(newest, after + limit)
    most = (until - after) * tallies.SUMS_AN_EVENT  # to forget: as many as may have come, so they never pile up
    for size, from_s in tallies.kept_from_s(now_s):
        await connection.execute(SQL["roll_up"], workspace, after, until, int(size), from_s)
        await connection.execute(SQL["forget_tallies"], workspace, int(size), from_s, most)
    await connection.execute(SQL["set_roll_up"], workspace, until, tallies.seconds_from_s(now_s))
    return int(until - after)


class Reading:
    """One question to one workspace."""

    def __init__(self, connection: Connection, workspace: int, question: Question) -> None:
        self._connection, self._workspace, self._question = connection, workspace, question

    async def tallied(self) -> Tallied:
        rolled, seconds_from_s = await self._connection.fetchrow(SQL["rolled_up"], self._workspace) or (0, 0)
        adding = tallies.Adding()
        for read in tallies.reads(self._question, rolled, seconds_from_s):
            adding.add(await (self._events(read) if read.size is Size.EVENT else self._tallies(read)))
        waits = await self._waits() if self._question.split else []
        return Tallied(adding.sums(), waits, await self._stays() if self._question.stays else [])

    async def _tallies(self, read: tallies.Read) -> list[Any]:
        values = (self._workspace, int(read.size), read.start_s, read.end_s)
        return await self._ask("tally_sums", values, tallies.of_tally(self._question, _listed))

    async def _events(self, read: tallies.Read) -> list[Any]:
        first, end = await self._bounds(read)
        if first >= end:
            return []
        conditions = tallies.of_events(self._question, read.start_s, read.end_s, _listed)
        return await self._ask("event_sums", (self._workspace, first, end), conditions)

    async def _waits(self) -> list[Any]:
        asked = tallies.whole(self._question)
        conditions = tallies.of_events(self._question, asked.start_s, asked.end_s, _listed)
        return await self._ask("event_waits", (self._workspace, *await self._bounds(asked)), conditions)

    async def _stays(self) -> list[Any]:
        start_ms = self._question.start_s * 1000
        first = (await self._seq_at(start_ms))[0]
        values = (self._workspace, first, tallies.SEQ_MAX, start_ms, *self._question[-2:])
        return await self._ask("event_stays", values, tallies.of_workers(self._question, _listed))

    async def _bounds(self, read: tallies.Read) -> tuple[int, int]:
        """The numbers of the events of that time, as far as they are wanted: first, and end."""
        first, end = (await self._seq_at(read.start_s * 1000))[0], (await self._seq_at(read.end_s * 1000))[1]
        return max(first, read.after + 1), min(end, read.until + 1)

    async def _seq_at(self, at_ms: int) -> tuple[int, int]:
        found = await self._connection.fetchrow(SQL["event_at"], self._workspace, at_ms)
        assert found is not None, "it has one row"
        return found[0], found[1]

    async def _ask(self, name: str, values: Sequence[Any], conditions: Sequence[rows.Condition]) -> list[Any]:
        texts, more = rows.numbered(conditions, len(values) + 1)
        found = await self._connection.fetch(with_conditions(SQL[name], texts), *values, *more)
        return [tuple(row) for row in found]


def _listed(column: str, numbers: Sequence[int]) -> rows.Condition:
    return (f"{column} = ANY ({{}}::bigint[])", list(numbers))
