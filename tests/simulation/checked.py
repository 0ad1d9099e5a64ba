"""A workspace in which every step is checked from all sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.invariants import entities, indexes, offer_violations, violations
from pointsman.core.engine.route import route
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.errors import Rejected
from pointsman.core.ids import CountingIds
from pointsman.core.types import (
    Gone,
    Millis,
    Reservation,
    Task,
)
from tests.simulation.auditor.books import Books
from tests.simulation.auditor.routing import Offer, Skip, next_decision
from tests.simulation.history import Move, Names
from tests.world import START_MS

ITEMS_MAX = 10_000
ENDED_KEPT = 6  # ended entities that commands may still name
IDS = CountingIds()


class Checked:
    """Each command is stepped five times over, and all must agree: decided, then routed one decision at a time beside
    the slow router; undone, and stepped again; on a copy loaded from rows; on a copy with a small limit; and put,
    as rows, into a copy that only ever catches up."""

    def __init__(self) -> None:
        self.state, self.follower = State(), State()
        self.books, self.names = Books(), Names()
        self.ended: list[Task | Reservation] = []
        self.refused = 0

    def move(self, move: Move) -> None:
        """Carry out a move of the workload; how batches end matters little here, where each is undone and loaded."""
        if self.state.deleted:
            return
        now_ms = max(self.state.now_ms, START_MS) + move.pause_ms
        due_ms = self.state.next_deadline_ms() if self.state.exists else None
        if move.wakes and due_ms is not None and due_ms <= now_ms:
            self.names.note(move.label, self.do(cmd.Tick(), now_ms))
        if move.command is not None:
            self.names.note(move.label, self.do(self.names.sids_of(move.command), now_ms))

    def do(self, command: cmd.Command, now_ms: int) -> Sequence[ev.Event]:
        state, now = self.state, Millis(now_ms)
        for each in self.ended:
            state.lend(each)
        before = picture(state)
        copies = [self._loaded(), self._loaded()] if state.exists else []
        try:
            decided = step(state, command, now, IDS, items_max=0)
        except Rejected as refused:
            self.refused += 1
            assert picture(state) == before, "a refused command changes nothing"
            assert state.at_rest
            for copy in copies:
                assert str(refused) == refusal(copy, command, now)
            state.forget()
            return ()
        self._keep(decided.events)
        events = list(decided.events)
        if not state.deleted:
            events += self._routed_beside_the_auditor(decided.events)
        assert list(violations(state)) == []
        after = picture(state)

        state.undo(0)
        state.next_no, state.now_ms, state.deleted = before["next_no"], before["now_ms"], False
        state.settle()
        assert picture(state) == before, "undoing gives the state before"
        again = step(state, command, now, IDS, ITEMS_MAX)
        assert written(again.events) == written(events), "the same commands, times and ids: the same events"
        assert again.decided == len(decided.events)
        assert picture(state) == after

        for copy, items_max in zip(copies, (ITEMS_MAX, 1), strict=False):
            theirs = step(copy, command, now, IDS, items_max).events
            for _ in range(ITEMS_MAX):
                if copy.at_rest:
                    break
                theirs += applied(copy, items_max)
            assert written(theirs) == written(events), f"loaded, or with a limit of {items_max}, it goes another way"
            assert picture(copy) == after
        self._follow(after)
        return events

    def _keep(self, events: Sequence[ev.Event]) -> None:
        self.books.now_ms = self.state.now_ms
        for event in events:
            self.books.apply(event)

    def _routed_beside_the_auditor(self, decided: Sequence[ev.Event]) -> list[ev.Event]:
        state, routed = self.state, list[ev.Event]()
        fresh = set(touched(decided))
        while True:
            expected = next_decision(self.books, fresh, set(), None)
            events: list[ev.Event] = []
            for _ in range(ITEMS_MAX):
                if events or state.at_rest:
                    break
                events = applied(state, items_max=1)
            assert decision(events) == expected
            if not events:
                return routed
            self._keep(events)
            routed += events
            fresh |= set(touched(events))

    def _loaded(self) -> State:
        """A copy from rows alone, as another node would load it."""
        copy = State()
        copy.now_ms, copy.next_no = self.state.now_ms, self.state.next_no
        copy.load(reversed(entities(self.state)))
        copy.settle()
        for each in self.ended:
            copy.lend(each)
        return copy

    def _follow(self, after: dict[str, Any]) -> None:
        """Commit: the follower reads the rows, what has ended leaves memory."""
        rows = rows_since(self.state, 0)
        self.ended = [*self.ended, *self.state.ended.values()][-ENDED_KEPT:]
        gone = {row.no for row in rows if isinstance(row, Gone)} - {each.no for each in self.ended}
        self.ended = [each for each in self.ended if each.no not in gone and still_there(each, self.state)]
        self.follower.now_ms, self.follower.next_no = self.state.now_ms, self.state.next_no
        self.follower.deleted = self.state.deleted
        self.follower.load(rows)
        self.follower.settle()
        self.state.forget()
        assert picture(self.follower) | {"ended": []} == after | {"ended": []}, "caught up, it is another state"


class Bare:
    """The engine alone; a step may be given a limit so small that routing is left for later."""

    def __init__(self) -> None:
        self.state, self.books, self.names = State(), Books(), Names()

    def move(self, move: Move, items_max: int) -> None:
        """Only the command of a move, at its time. A refused one must change nothing."""
        state = self.state
        now_ms = Millis(max(state.now_ms, START_MS) + move.pause_ms)
        before = picture(state)
        try:
            events = step(state, self.names.sids_of(move.command or cmd.Tick()), now_ms, IDS, items_max).events
        except Rejected:
            assert picture(state) == before
            return
        state.forget()
        self.names.note(move.label, events)
        self.books.now_ms = now_ms
        for event in events:
            self.books.apply(event)

    def rest(self, label: int) -> None:
        """Route until nothing is left, at the time of the last command."""
        for _ in range(ITEMS_MAX):
            if self.state.deleted or not self.state.exists or self.state.at_rest:
                break
            events = applied(self.state, ITEMS_MAX)
            self.names.note(label, events)
            for event in events:
                self.books.apply(event)
        self.state.forget()


def picture(state: State) -> dict[str, Any]:
    if not state.exists:
        return {"next_no": state.next_no, "now_ms": state.now_ms}
    return {
        "next_no": state.next_no,
        "now_ms": state.now_ms,
        "deleted": state.deleted,
        "entities": entities(state),
        "ended": sorted(state.ended),
        **indexes(state),
    }


def written(events: Sequence[ev.Event]) -> list[tuple[str, bytes]]:
    return [(type(event).__name__, msgspec.json.encode(event)) for event in events]


def applied(state: State, items_max: int) -> list[ev.Event]:
    """Route, and check each offer at the moment when it is made."""
    events: list[ev.Event] = []
    for event in route(state, state.now_ms, IDS, items_max):
        state.apply(event)
        events.append(event)
        if isinstance(event, ev.ReservationCreated):
            assert list(offer_violations(state, event)) == []
    return events


def decision(events: Sequence[ev.Event]) -> Offer | Skip | None:
    """What routing has decided, as its events tell."""
    offers = [event for event in events if isinstance(event, ev.ReservationCreated)]
    if offers:
        assert len({event.task.no for event in offers}) == 1
        return Offer(offers[0].task.no, [event.worker.no for event in offers])
    for event in events:
        if isinstance(event, ev.WorkflowTargetMatched | ev.WorkflowSkipped):
            return Skip(event.task.no)
    assert not events, f"routing does nothing else: {events}"
    return None


def touched(events: Sequence[ev.Event]) -> Iterator[int]:
    """The tasks that events have put."""
    for event in events:
        yield from (change.no for change in event.changed() if isinstance(change, Task))


def rows_since(state: State, mark: int) -> list[Any]:
    """The last value of each entity that was put since `mark`, as a commit would write it."""
    last: dict[int, Any] = {}
    for before, after in state.changes_since(mark):
        one = after or before
        assert one is not None
        ended = getattr(one, "ended_ms", None) is not None
        last[one.no] = after if after is not None and not ended else Gone(no=one.no, sid=one.sid)
    return sorted(last.values(), key=lambda row: -row.no)  # any order will do


def still_there(ended: Task | Reservation, state: State) -> bool:
    return ended.no in state.ended or all(before is not ended for before, _ in state.changes_since(0))


def refusal(state: State, command: cmd.Command, now: Millis) -> str:
    try:
        step(state, command, now, IDS)
    except Rejected as refused:
        return str(refused)
    raise AssertionError("refused by one copy, carried out by another")
