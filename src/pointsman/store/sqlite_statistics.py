"""Statistics in SQLite: events are summed up step by step, and asked for, each a transaction of one connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from pointsman.core.types import WorkspaceSid
from pointsman.ports import UnknownWorkspace
from pointsman.stats import Question, Tallied
from pointsman.stats.windows import Size
from pointsman.store import rows, tallies
from pointsman.store.sql import with_conditions
from pointsman.store.sqlite_work import SQL, fetch_all, fetch_one, rendered, to_json, transaction


def roll_up(connection: sqlite3.Connection, limit: int) -> int:
    done = 0
    for workspace, after, newest, now_s in fetch_all(connection, SQL["unsummed"]):
        until = min(newest, after + limit)
        with transaction(connection):
            for size, from_s in tallies.kept_from_s(now_s):
                span = {"workspace": workspace, "after": after, "until": until, "size_s": size, "from_s": from_s}
                connection.execute(SQL["roll_up"], span)
                most = (until - after) * tallies.SUMS_AN_EVENT  # as many as may have come, so they never pile up
                connection.execute(SQL["forget_tallies"], (workspace, size, from_s, most))
            connection.execute(SQL["set_roll_up"], (workspace, until, tallies.seconds_from_s(now_s)))
        done += until - after
    return done


def tallied(connection: sqlite3.Connection, sid: WorkspaceSid, question: Question) -> Tallied:
    found = fetch_one(connection, SQL["workspace_id"], (sid,))
    if found is None:
        raise UnknownWorkspace(sid)
    return _Reading(connection, found[0], question).tallied()


class _Reading:
    """One question to one workspace."""

    def __init__(self, connection: sqlite3.Connection, workspace: int, question: Question) -> None:
        self._connection, self._workspace, self._question = connection, workspace, question

    def tallied(self) -> Tallied:
        rolled, seconds_from_s = fetch_one(self._connection, SQL["rolled_up"], (self._workspace,)) or (0, 0)
        adding = tallies.Adding()
        for read in tallies.reads(self._question, rolled, seconds_from_s):
            adding.add(self._events(read) if read.size is Size.EVENT else self._tallies(read))
        waits = self._waits() if self._question.split else []
        return Tallied(adding.sums(), waits, self._stays() if self._question.stays else [])

    def _tallies(self, read: tallies.Read) -> list[Any]:
        values = (self._workspace, read.size, read.start_s, read.end_s)
        return self._ask("tally_sums", values, tallies.of_tally(self._question, self._listed))

    def _events(self, read: tallies.Read) -> list[Any]:
        first, end = self._bounds(read)
        if first >= end:
            return []
        conditions = tallies.of_events(self._question, read.start_s, read.end_s, self._listed)
        return self._ask("event_sums", (self._workspace, first, end), conditions)

    def _waits(self) -> list[Any]:
        asked = tallies.whole(self._question)
        conditions = tallies.of_events(self._question, asked.start_s, asked.end_s, self._listed)
        return self._ask("event_waits", (self._workspace, *self._bounds(asked)), conditions)

    def _stays(self) -> list[Any]:
        start_ms = self._question.start_s * 1000
        values = (self._workspace, self._seq_at(start_ms)[0], tallies.SEQ_MAX, start_ms, *self._question[-2:])
        return self._ask("event_stays", values, tallies.of_workers(self._question, self._listed))

    def _bounds(self, read: tallies.Read) -> tuple[int, int]:
        """The numbers of the events of that time, as far as they are wanted: first, and end."""
        first, end = self._seq_at(read.start_s * 1000)[0], self._seq_at(read.end_s * 1000)[1]
        return max(first, read.after + 1), min(end, read.until + 1)

    def _seq_at(self, at_ms: int) -> tuple[int, int]:
        low, high = fetch_one(self._connection, SQL["event_at"], {"workspace": self._workspace, "at_ms": at_ms})
        return low, high

    def _ask(self, name: str, values: Sequence[Any], conditions: Sequence[rows.Condition]) -> list[Any]:
        texts, more = rendered(conditions)
        return fetch_all(self._connection, with_conditions(SQL[name], texts), (*values, *more))

    @staticmethod
    def _listed(column: str, numbers: Sequence[int]) -> rows.Condition:
        return (f"{column} IN (SELECT value FROM json_each({{}}))", to_json(numbers))  # noqa: S608  # a column of ours
