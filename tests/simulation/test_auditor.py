"""The auditor can fail: faults planted in the engine, and streams of events that were tampered with, are noticed, in
words that name the rule; and what it finds is made short. It knows nothing of the engine."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine import endings, offers, route, travel
from pointsman.core.engine.deadlines import Deadlines
from pointsman.core.engine.decide import reservation as decide_reservation
from pointsman.core.engine.decide import task as decide_task
from pointsman.core.engine.decide import worker as decide_worker
from pointsman.core.engine.state import State
from pointsman.core.errors import InvalidTransition
from pointsman.core.types import ReservationStatus
from pointsman.core.workflow.path import Stop
from tests.simulation import audited
from tests.simulation.audited import Audited, Failed
from tests.simulation.auditor import auditor
from tests.simulation.history import History, Setting
from tests.simulation.simulate import Failure, play, shortened, simulate, verdict_on

SEEDS, MOVES = 60, 120
Plant = Callable[[pytest.MonkeyPatch], None]


def test_the_auditor_shares_nothing_with_the_engine_but_entities_and_words() -> None:
    allowed = {f"pointsman.core.{name}" for name in ("types", "events", "commands", "errors", "limits")}
    for path in sorted(Path(auditor.__file__).parent.glob("*.py")):
        for name in imports(path):
            own = name.startswith("tests.simulation.auditor")
            plain = name.split(".")[0] in sys.stdlib_module_names | {"msgspec"}
            assert own or plain or name in allowed, f"{path.name} imports {name}"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from pointsman.core import events` is a module of its own
            inner = node.module in ("pointsman.core", "tests.simulation.auditor")
            yield from (f"{node.module}.{each.name}" if inner else str(node.module) for each in node.names)


# --- planted faults -----------------------------------------------------------------------------------------------


def imported(module: ModuleType, name: str) -> Any:
    """What a module has from another."""
    return getattr(module, name)


def shortest_idle_first(patch: pytest.MonkeyPatch) -> None:
    former = route._first_of

    def last_of(state: State, cls: Any, workers: list[int], count: int) -> list[int]:
        return former(state, cls, workers, len(workers))[::-1][:count]

    patch.setattr(route, "_first_of", last_of)


def one_too_many(patch: pytest.MonkeyPatch) -> None:
    former = State.is_free

    def is_free(state: State, worker: int, channel: int) -> bool:
        own = state.capacity_of(worker, channel).no
        state.held[own] -= 1
        try:
            return former(state, worker, channel)
        finally:
            state.held[own] += 1

    patch.setattr(State, "is_free", is_free)


def offers_last_a_second_longer(patch: pytest.MonkeyPatch) -> None:
    former = offers.reservation_timeout_s
    patch.setattr(offers, "reservation_timeout_s", lambda state, task: former(state, task) + 1)


def versions_of_ended_offers_stay(patch: pytest.MonkeyPatch) -> None:
    former = imported(offers, "end_offer")

    def end_offer(reservation: Any, status: Any, now_ms: Any, **more: Any) -> Any:
        return replace(former(reservation, status, now_ms, **more), version=reservation.version)

    patch.setattr(offers, "end_offer", end_offer)


def the_task_is_canceled_before_its_offers(patch: pytest.MonkeyPatch) -> None:
    former = imported(decide_task, "cancel")

    def cancel(*arguments: Any) -> Iterator[ev.Event]:
        found = list(former(*arguments))
        yield from [each for each in found if isinstance(each, ev.TaskCanceled)]
        yield from [each for each in found if not isinstance(each, ev.TaskCanceled)]

    patch.setattr(decide_task, "cancel", cancel)


def the_default_filter_takes_what_timed_out(patch: pytest.MonkeyPatch) -> None:
    former = imported(travel, "next_stop")

    def next_stop(rules: Any, place: Any, traveller: Any, *, timed_out: bool) -> Any:
        stop = former(rules, place, traveller, timed_out=timed_out)
        if stop is None and rules.default is not None:
            return Stop(replace(place, filter=-1), rules.default, None, None)
        return stop

    patch.setattr(travel, "next_stop", next_stop)


def no_deadline_is_seen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Deadlines, "first", lambda self, now_ms: None)


def nobody_is_offered_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(route, "_takers", lambda state, task: [])
    patch.setattr(route, "_first_for", lambda *asked: None)


def late_answers_are_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide_reservation, "_has_lapsed", lambda *asked: False)


def rescinded_offers_are_refused_as_any_other(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide_reservation, "Rescinded", InvalidTransition)


def taken_names_are_given_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide_worker, "check_name_free", lambda *arguments: None)


def others_are_not_rescinded(patch: pytest.MonkeyPatch) -> None:
    former = offers.accept

    def accept(*arguments: Any) -> Iterator[ev.Event]:
        yield from (each for each in former(*arguments) if not isinstance(each, ev.ReservationRescinded))

    patch.setattr(offers, "accept", accept)


def skipping_is_asked_of_those_who_are_free(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(route, "presence", lambda state, queue: {"available": 0, "unavailable": 0})


def the_activity_is_not_given_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offers, "restore_activity", lambda state, reservation, now_ms: iter(()))
    patch.setattr(endings, "restore_activity", lambda state, reservation, now_ms: iter(()))


PLANTED: dict[Plant, str] = {
    shortest_idle_first: "6.3",
    one_too_many: "it is at capacity",
    offers_last_a_second_longer: "routing.md 3.3",
    versions_of_ended_offers_stay: "wire-observations 3",
    the_task_is_canceled_before_its_offers: "wire-observations 4 (6)",
    the_default_filter_takes_what_timed_out: "never the default filter",
    no_deadline_is_seen: "The next tick is wanted at None",
    nobody_is_offered_anything: "had to come, and nothing did",
    late_answers_are_taken: "It was carried out, but had to be refused (InvalidTransition)",
    rescinded_offers_are_refused_as_any_other: "than it had to be (Rescinded)",
    taken_names_are_given_again: "a friendly name is unique",
    others_are_not_rescinded: "wire-observations 4 (8)",
    skipping_is_asked_of_those_who_are_free: "skip_if",
    the_activity_is_not_given_back: "gets back the activity from before the offer",
}


@pytest.mark.parametrize(("plant", "words"), PLANTED.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_planted_fault_is_noticed_in_words_that_name_the_rule(
    monkeypatch: pytest.MonkeyPatch, plant: Plant, words: str
) -> None:
    plant(monkeypatch)
    verdicts: list[str] = []
    for seed in range(SEEDS):
        verdict = play(seed, MOVES)[2]
        if verdict is not None:
            verdicts.append(verdict)
            if words in verdict:
                return
    assert not verdicts, f"other words: {verdicts[:3]}"
    raise AssertionError("it was not noticed")


# --- streams that were tampered with --------------------------------------------------------------------------------


def without(kind: type[ev.Event]) -> Callable[[list[ev.Event]], list[ev.Event]]:
    return lambda events: [each for each in events if not isinstance(each, kind)]


def twice(kind: type[ev.Event]) -> Callable[[list[ev.Event]], list[ev.Event]]:
    return lambda events: [copy for each in events for copy in ([each, each] if isinstance(each, kind) else [each])]


def swapped(first: type[ev.Event], second: type[ev.Event]) -> Callable[[list[ev.Event]], list[ev.Event]]:
    def tamper(events: list[ev.Event]) -> list[ev.Event]:
        for place, (one, other) in enumerate(pairwise(events)):
            if isinstance(one, first) and isinstance(other, second):
                return [*events[:place], other, one, *events[place + 2 :]]
        return events

    return tamper


def with_version(events: list[ev.Event]) -> list[ev.Event]:
    return [
        replace(each, task=replace(each.task, version=each.task.version + 1))
        if isinstance(each, ev.ReservationAccepted)
        else each
        for each in events
    ]


def accepted_twice(events: list[ev.Event]) -> list[ev.Event]:
    """The others are not rescinded but canceled."""
    return [
        ev.ReservationCanceled(
            reservation=replace(each.reservation, status=ReservationStatus.CANCELED),
            task=each.task,
            worker=each.worker,
            at_ms=each.at_ms,
        )
        if isinstance(each, ev.ReservationRescinded)
        else each
        for each in events
    ]


TAMPERED = {
    "a missing task.updated": (without(ev.TaskUpdated), "task.updated"),
    "a missing task-queue.entered": (without(ev.TaskQueueEntered), "task-queue.entered"),
    "a missing worker.activity.update": (without(ev.WorkerActivityUpdated), "worker.activity.update"),
    "a second reservation.created": (twice(ev.ReservationCreated), "reservation.created"),
    "a second task.completed": (twice(ev.TaskCompleted), "wire-observations 4 (5)"),
    "completed in another order": (swapped(ev.TaskCompleted, ev.ReservationCompleted), "wire-observations 4 (5)"),
    "wrapped up in another order": (swapped(ev.ReservationWrapup, ev.TaskWrapup), "wire-observations 4 (4)"),
    "another version": (with_version, "wire-observations 3: a task's version"),
    "canceled for rescinded": (accepted_twice, "the others are rescinded before it"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_stream_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    tamper, words = TAMPERED[name]
    former = imported(audited, "step")

    def step(*arguments: Any) -> Any:
        stepped = former(*arguments)
        return stepped._replace(events=tamper(list(stepped.events)))

    monkeypatch.setattr(audited, "step", step)
    found = next(verdict for seed in range(SEEDS) if (verdict := play(seed, MOVES)[2]) is not None)
    assert words in found


# --- histories and failures -----------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_history_byte_for_byte() -> None:
    first, second, other = (repr(play(seed, 80)[0].moves).encode() for seed in (7, 7, 8))
    assert first == second != other


def test_a_failure_is_made_short_and_tells_seed_history_and_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    versions_of_ended_offers_stay(monkeypatch)
    outcomes = (simulate(seed, 60) for seed in range(SEEDS))
    failure = next(each for each in outcomes if isinstance(each, Failure))
    assert len(failure.shortest.moves) <= 8 < len(failure.found.moves)
    text = str(failure)
    assert f"pointsman simulate --seed {failure.found.seed}" in text
    assert "CreateWorker" in text
    assert "CreateTask" in text
    assert "wire-observations 3" in text
    assert verdict_on(failure.shortest) == failure.shortest_verdict


def test_what_does_not_matter_is_left_out_of_a_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it takes for a task to be offered, and no more."""
    former = imported(audited, "step")

    def step(state: Any, command: cmd.Command, *more: Any) -> Any:
        stepped = former(state, command, *more)
        if any(isinstance(event, ev.ReservationCreated) for event in stepped.events):
            raise RuntimeError("offered")
        return stepped

    monkeypatch.setattr(audited, "step", step)
    history, _, verdict = play(3, 60)
    assert verdict == "A fault: RuntimeError: offered"
    kinds = [type(move.command).__name__ for move in shortened(history).moves]
    assert set(kinds) <= {"CreateWorkspace", "CreateTaskQueue", "CreateWorkflow", "CreateWorker", "CreateTask"}


def test_a_move_may_name_what_was_never_made() -> None:
    """So any part of a history can be left out."""
    history = History(
        seed=0,
        setting=Setting(),
        moves=tuple(move for move in play(1, 60)[0].moves if not isinstance(move.command, cmd.CreateWorker)),
    )
    assert verdict_on(history) is None


def test_a_verdict_is_about_one_command_at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    others_are_not_rescinded(monkeypatch)
    history, _, verdict = next(found for seed in range(SEEDS) if (found := play(seed, MOVES))[2] is not None)
    assert verdict is not None
    with pytest.raises(Failed, match="rescinded"):
        Audited(history.setting).run(history.moves)
