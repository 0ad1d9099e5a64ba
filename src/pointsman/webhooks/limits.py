"""Every limit and pause of the sender, in one place. Those of TaskRouter cite their source; ours say why."""

from __future__ import annotations

from dataclasses import dataclass

REPLY_BYTES_MAX = 65_536  # [inferred]
REPLY_KEPT_CHARACTERS = 4_096  # of a reply, in the delivery's row
TEXT_KEPT_CHARACTERS = 500  # of a problem or warning: one line


@dataclass(frozen=True, kw_only=True)
class Limits:
    # TaskRouter's
    assignment_s: float = 5.0  # for the whole answer to an assignment callback [docs: handle-assignment-callbacks]
    event_s: float = 15.0  # the same for an event callback [docs: event reference]

    # Ours: sending
    assignments_in_flight_per_host: int = 64
    assignments_in_flight: int = 1_024  # in all; a host's only request is always let through
    assignments_held_per_host: int = 2_000  # in flight or waiting; more are left to the store until they are due
    events_in_flight_per_workspace: int = 32
    events_in_flight: int = 512  # in all; a workspace's only request is always let through
    event_window: int = 512  # events read, but not all finished, per workspace; the rest waits in the store
    event_retry_s_first: float = 1.0  # before another attempt of an event callback: doubles ...
    event_retry_s_max: float = 300.0  # ... up to this
    event_retry_for_s: float = 24 * 3_600.0  # after the event; then it has failed
    event_attempts_before_held: int = 3  # then it gives its place in the window to others
    event_failures_before_parked: int = 10  # in a row, of whatever events
    events_held_max: int = 10_000  # that wait for an event before them, each with a row; more stay in the window
    attempts_kept: int = 10  # of an event: the first, and the newest

    # Ours: the store
    claim_every_s: float = 3.0  # how often overdue deliveries are looked for
    claim_rows: int = 200
    lease_ms: int = 30_000  # a claimed delivery is ours for so long: two attempts, some waiting and the commits
    write_every_s: float = 0.25  # finished deliveries and cursors are written in bulk, no more often than this
    unwritten_max: int = 5_000  # finished, but not written: then no more events are read
    retry_s_first: float = 0.1  # while the store can't be used: doubles ...
    retry_s_max: float = 5.0  # ... up to this

    # Ours: the end
    stop_s: float = 6.0  # what is in flight may still finish: longer than an assignment callback takes

    # Each event delivery leaves a row. False: only those that did not succeed at the first attempt.
    keep_all_event_deliveries: bool = True
