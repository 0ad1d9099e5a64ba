"""Faults to plant in the engine, one at a time: a name, a file of the core, what stands there and what comes instead.

Each is a slip that somebody might make; the tests must notice every one. What stands there must occur exactly once.
"""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    name: str
    file: str  # below the core
    old: str
    new: str


FAULTS = (
    # --- the order of tasks ---------------------------------------------------------------------------------------
    Fault(
        "FIFO serves the lowest priority first",
        "engine/waiting.py",
        "-task.priority, task.virtual_start_ms, task.no)",
        "task.priority, task.virtual_start_ms, task.no)",
    ),
    Fault(
        "FIFO serves the youngest of a priority first",
        "engine/waiting.py",
        "-task.priority, task.virtual_start_ms, task.no)",
        "-task.priority, -task.virtual_start_ms, task.no)",
    ),
    Fault(
        "LIFO serves the oldest first",
        "engine/waiting.py",
        "(0, -task.virtual_start_ms, -task.no)",
        "(0, task.virtual_start_ms, -task.no)",
    ),
    Fault(
        "PrioritizeQueueOrder is read the other way round",
        "engine/waiting.py",
        "found[line.order is not first]",
        "found[line.order is first]",
    ),
    Fault(
        "a queue's new order leaves its tasks where they are",
        "engine/indexes.py",
        "if before and after and before.task_order is not after.task_order:",
        "if before and after and before.task_order is after.task_order:",
    ),
    # --- the choice of workers ------------------------------------------------------------------------------------
    Fault(
        "the worker who was last reserved is first",
        "engine/state.py",
        "return IdleKey(last, one.status_changed_ms, worker)",
        "return IdleKey(-last, one.status_changed_ms, worker)",
    ),
    Fault(
        "idleness on an optimized channel looks at all channels",
        "engine/state.py",
        "last = self.capacity_of(worker, channel).last_reserved",
        "last = one.last_reserved",
    ),
    Fault(
        "order_by sorts backwards",
        "expression/ordering.py",
        "key += (0, -value if descending else value)",
        "key += (0, value if descending else -value)",
    ),
    Fault("workers without the attribute come first", "expression/ordering.py", "key += (1, 0)", "key += (-1, 0)"),
    Fault(
        "one worker more than MaxReservedWorkers is reserved",
        "engine/route.py",
        "return best_workers(state, cls, queue.max_reserved_workers if queue else 1)",
        "return best_workers(state, cls, queue.max_reserved_workers + 1 if queue else 1)",
    ),
    Fault(
        "a direct task forgets that its worker may be busy",
        "engine/state.py",
        "if trait.ignore_capacity:\n            return",
        "if trait.known is not None and trait.queue == DIRECT:\n            return",
    ),
    # --- capacity -------------------------------------------------------------------------------------------------
    Fault(
        "capacity is off by one",
        "engine/indexes.py",
        "and self.held.get(own.no, 0) < own.capacity",
        "and self.held.get(own.no, 0) <= own.capacity",
    ),
    Fault(
        "an unavailable channel is offered work",
        "engine/indexes.py",
        "            own.available\n            and self.held",
        "            self.held",
    ),
    Fault(
        "an unavailable activity is offered work",
        "engine/indexes.py",
        "and self.activities[self.workers[worker].activity].available",
        "and self.activities[self.workers[worker].activity] is not None",
    ),
    Fault(
        "without multitasking a worker gets a second offer",
        "engine/indexes.py",
        "and (self.workspace.multi_task_enabled or worker not in self.live_of_worker)",
        "and True",
    ),
    Fault(
        "wrapping gives capacity back",
        "types.py",
        "        ReservationStatus.COMPLETED,\n    }\n)\nRESERVATION_ENGAGED",
        "        ReservationStatus.COMPLETED,\n        ReservationStatus.WRAPPING,\n    }\n)\nRESERVATION_ENGAGED",
    ),
    Fault(
        "a new capacity frees nobody",
        "engine/indexes.py",
        '            self._refresh_channel(one.worker, one.channel)\n            if "channel" in self.watched:',
        '            if "channel" in self.watched:',
    ),
    Fault(
        "a reservation that ends frees nobody",
        "engine/indexes.py",
        "        elif own:\n            self._refresh_channel(one.worker, own.channel)",
        "        elif own and after is not None:\n            self._refresh_channel(one.worker, own.channel)",
    ),
    # --- queues and expressions -----------------------------------------------------------------------------------
    Fault(
        "a worker who joins a queue is not looked at",
        "engine/indexes.py",
        "                    self.idle.add(worker.no, channel, joined)\n        self._stir(worker.no)\n",
        "                    self.idle.add(worker.no, channel, joined)\n",
    ),
    Fault(
        "a worker's new attributes leave it in its old queues",
        "engine/indexes.py",
        "return (worker.attributes, worker.friendly_name, worker.activity)",
        'return ("", worker.friendly_name, worker.activity)',
    ),
    Fault(
        "a queue's new expression keeps its old members",
        "engine/membership.py",
        "if before and after and before.target_workers == after.target_workers:",
        "if before and after:",
    ),
    Fault(
        "a target's expression is not asked",
        "engine/state.py",
        "        if cls.expression is None:\n            return True\n",
        "        if cls.expression is None or not cls.reads_channel:\n            return True\n",
    ),
    Fault(
        "null equals null no longer",
        "expression/values.py",
        "return kind is not list and kind is not dict and bool(left == right)",
        "return kind is not list and kind is not dict and left is not None and bool(left == right)",
    ),
    Fault(
        "numeric strings are no numbers",
        "expression/values.py",
        "return (left, number_of(right)) if other is str and is_numeral(right) else None",
        "return None",
    ),
    Fault(
        "a known worker who does not exist is anybody",
        "engine/state.py",
        "only = self.known_worker(trait.known) or 0",
        "only = self.known_worker(trait.known) or next(iter(self.workers), 0)",
    ),
    # --- workflows ------------------------------------------------------------------------------------------------
    Fault(
        "the default filter follows a timeout",
        "workflow/path.py",
        "if rules.default is None or timed_out:",
        "if rules.default is None:",
    ),
    Fault(
        "each target's time begins when it is entered",
        "workflow/path.py",
        "deadline_ms = Millis(place.since_ms + (spent_s + target.timeout_s) * 1000)",
        "deadline_ms = Millis(now_ms + target.timeout_s * 1000)",
    ),
    Fault(
        "a skipped target's time counts",
        "workflow/path.py",
        "((targets[place.target].timeout_s or 0) if timed_out else 0)",
        "(targets[place.target].timeout_s or 0)",
    ),
    Fault(
        "falling through enters the first filter again",
        "workflow/path.py",
        "        place.filter + 1,\n",
        "        0,\n",
    ),
    Fault(
        "a target without a priority takes it back to 0",
        "engine/travel.py",
        "priority=task.priority if stop.target.priority is None else stop.target.priority,",
        "priority=stop.target.priority or 0,",
    ),
    Fault(
        "new attributes do not send a task through its workflow again",
        "engine/decide/task.py",
        "if task.status is TaskStatus.PENDING:\n",
        "if task.status is TaskStatus.ASSIGNED:\n",
    ),
    Fault(
        "a new configuration reaches waiting tasks by itself",
        "engine/travel.py",
        "return read_rules(state.configurations[task.place.configuration].document)",
        "return read_rules(state.configurations[state.workflows[task.workflow or 0].configuration].document)",
    ),
    Fault(
        "re-evaluation leaves out tasks that are reserved",
        "engine/decide/tick.py",
        "    elif task.status is TaskStatus.RESERVED:",
        "    elif task.status is TaskStatus.WRAPPING:",
    ),
    Fault(
        "skip_if counts every worker",
        "engine/route.py",
        "members: Bits = state.membership.members[queue]",
        "members: Bits = ~0",
    ),
    # --- reservations and time ------------------------------------------------------------------------------------
    Fault(
        "the first acceptance leaves younger offers open",
        "engine/offers.py",
        "        if other.no != reservation.no:\n            ended = ",
        "        if other.no < reservation.no:\n            ended = ",
    ),
    Fault(
        "a timeout leaves the worker's activity alone",
        "engine/offers.py",
        "    yield from move_worker(state, ended.worker, state.workspace.timeout_activity, now_ms)\n",
        "",
    ),
    Fault(
        "an offer's timer is not canceled by acceptance",
        "engine/transitions.py",
        "return reservation.deadline_ms if reservation.status is ReservationStatus.PENDING else None",
        "return reservation.deadline_ms",
    ),
    Fault(
        "a batch counts as many rounds as workers",
        "engine/offers.py",
        "    for no in workers:\n        yield from _offer_one(state, task, no, now_ms, ids)\n",
        "    for extra, no in enumerate(workers):\n"
        "        yield from _offer_one(state, replace(task, rounds=task.rounds + extra), no, now_ms, ids)\n",
    ),
    Fault(
        "a task may be offered once too often",
        "engine/offers.py",
        "elif task.rounds >= state.limits.assignments_max:",
        "elif task.rounds > state.limits.assignments_max:",
    ),
    Fault(
        "a rejecting worker is moved although it named no activity",
        "engine/offers.py",
        "    else:\n        yield from restore_activity(state, ended, now_ms)\n",
        "    else:\n        yield from move_worker(state, ended.worker, state.workspace.default_activity, now_ms)\n",
    ),
    Fault(
        "the TTL begins with the queue",
        "engine/transitions.py",
        "return Millis(task.created_ms + task.timeout_s * 1000)",
        "return Millis((task.queue_entered_ms or task.created_ms) + task.timeout_s * 1000)",
    ),
    Fault(
        "an assigned task has no limit of 24 hours",
        "engine/transitions.py",
        "    if task.assigned_ms is not None:\n        return Millis(task.assigned_ms + ASSIGNED_S_MAX * 1000)\n",
        "    if task.assigned_ms is not None:\n        return Millis(task.assigned_ms + ASSIGNED_S_MAX * 10_000)\n",
    ),
    Fault(
        "a late answer is accepted",
        "engine/decide/reservation.py",
        "if reservation.status not in RESERVATION_MOVES[wanted] or _has_lapsed(state, reservation, now_ms):",
        "if reservation.status not in RESERVATION_MOVES[wanted]:",
    ),
    Fault(
        "canceling a task leaves an offer open",
        "engine/endings.py",
        "    )\n    for pending in state.pending_of(task):\n",
        "    )\n    for pending in state.pending_of(task)[1:]:\n",
    ),
    Fault(
        "the pause after failed callbacks does not double",
        "engine/offers.py",
        "min(CALLBACK_PAUSE_S_FIRST * 2**task.failures, CALLBACK_PAUSE_S_MAX)",
        "CALLBACK_PAUSE_S_FIRST",
    ),
    Fault(
        "a queue is deleted although an older version of a workflow needs it",
        "engine/decide/task_queue.py",
        'if configuration.no not in current and not state.counts[("configuration", configuration.no)]:',
        "if configuration.no not in current:",
    ),
    # --- transfers, versions, undoing -----------------------------------------------------------------------------
    Fault(
        "a transfer that failed keeps the task reserved for nobody",
        "engine/transfers.py",
        "status=TaskStatus.ASSIGNED if state.engaged_of(task) else TaskStatus.PENDING,",
        "status=TaskStatus.PENDING,",
    ),
    Fault(
        "a cold transfer leaves the first worker where it is",
        "engine/decide/transfer.py",
        "if transfer.mode is TransferMode.COLD:",
        "if transfer.mode is TransferMode.WARM:",
    ),
    Fault(
        "the last but one to leave takes the task along",
        "engine/endings.py",
        "if task.transfer is not None or accepted:",
        "if task.transfer is not None:",
    ),
    Fault(
        "a worker's version does not grow with an offer",
        "engine/offers.py",
        "worker=replace(worker, version=worker.version + 1, last_reserved=no),",
        "worker=replace(worker, last_reserved=no),",
    ),
    Fault(
        "setting the same attributes raises a worker's version",
        "engine/decide/worker.py",
        'if values.get("attributes", worker.attributes) != worker.attributes:',
        'if "attributes" in values:',
    ),
    Fault(
        "undoing forgets that orders of idleness only grow",
        "engine/state.py",
        "            self.idle.clear()  # they trust that idle keys only grow, and now some shrink\n",
        "            pass\n",
    ),
    Fault(
        "a step that was cut short forgets who is left",
        "engine/route.py",
        "state.looks, firsts = 0, state.firsts",
        "state.looks, firsts = 0, []",
    ),
    Fault(
        "a queue finds the constant that it asks for in lists alone",
        "expression/asking.py",
        "for each in value if value.__class__ is list else (value,):",
        "for each in value if value.__class__ is list else ():",
    ),
    Fault(
        "something is offered before everybody has been looked at",
        "engine/route.py",
        "        if state.looks >= STEP_LOOKS_MAX:\n            return\n",
        "",
    ),
    Fault(
        "somebody is offered a task while a queue is being put in order",
        "engine/route.py",
        "    if state.indexes_are_behind and not state.index_some():\n        return\n",
        "    state.index_some()\n",
    ),
    Fault(
        "a new order forgets the tasks that nobody was looked for yet",
        "engine/waiting.py",
        "                    if no in self._fresh_outdated:\n",
        "                    if no < 0:\n",
    ),
    Fault(
        "what was found in another order of the queues still counts",
        "engine/indexes.py",
        "        for _, worker in self.firsts:\n            self.stirred[worker] = None\n        self.firsts.clear()\n",
        "",
    ),
    Fault(
        "what has come forward meanwhile is not asked again",
        "engine/indexes.py",
        "            self.overtaking[cls] = None\n",
        "            pass\n",
    ),
    Fault(
        "a worker who has changed goes on being asked where it was",
        "engine/indexes.py",
        "            self.asked.pop(worker, None)\n",
        "            pass\n",
    ),
    Fault(
        "a value is looked for outside of lists alone",
        "engine/waiting.py",
        "(value if value.__class__ is list else (value,))",
        "(value,)",
    ),
    Fault(
        "an order of idleness is dropped, and who was in it too",
        "engine/idle.py",
        "        if no not in self._inside:\n            self._inside.add(no)\n",
        "        if no not in self._inside and self._unasked < 3:\n            self._inside.add(no)\n",
    ),
    # --- the census -----------------------------------------------------------------------------------------------
    Fault(
        "the longest waiting is the youngest",
        "engine/census.py",
        "min(oldest, default=None), min(longest)[1]",
        "max(oldest, default=None), min(longest)[1]",
    ),
    Fault(
        "a task that has gone elsewhere still waits where it was",
        "engine/census.py",
        "            and (task.workflow, task.queue, task.channel) == self.key\n",
        "",
    ),
    Fault(
        "a task that waits again is not seen to",
        "engine/census.py",
        "                if waits:\n                    cell.push(after)",
        "                if waits:\n                    pass",
    ),
    Fault(
        "a new priority is counted beside the old one",
        "engine/census.py",
        "            or before.priority != after.priority\n",
        "",
    ),
)
