"""Lists of entities: filtered, in order, a page at a time.

What is looked at in one go is bounded, and others have their turn in between: a list may have to look at 15,000
workers or 500,000 tasks before it finds the rows of its page.
"""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_left, bisect_right, insort
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from pointsman.core.engine.view import View
from pointsman.core.errors import NotFound
from pointsman.core.ids import number_of
from pointsman.core.types import SID_PREFIX, Entity, No, Reservation, Sid, Task, Worker
from pointsman.operations.call import Call, Reply
from pointsman.ports import EndedQuery, Place, UnknownWorkspace
from pointsman.resources import TASK, TRANSFER, WORKER_CHANNEL, WORKSPACE, Filter, Resource
from pointsman.wire.bodies import Body, render
from pointsman.wire.forms import read_filters
from pointsman.wire.pages import DEFAULT, PageRequest, Sorting, envelope, read_page, read_sorting, token_of

LOOK_ROWS = 1_000  # looked at in one go, ...
LOOK_S = 0.005  # ... and no longer than this, if an expression is evaluated for each
SHOW_ROWS = 100  # rendered in one go
ENDED_ROWS = 500  # read from the store in one go
QUERY_QUICK_BYTES = 1_024  # a longer one may hold an expression that takes a while to read

Filters = Sequence[tuple[Filter, Any]]


class Asked(NamedTuple):
    """What a request wants to see."""

    resource: Resource
    filters: Filters
    sorting: Sorting
    page: PageRequest

    @property
    def by_number(self) -> bool:
        return not self.sorting.keys

    @property
    def descends(self) -> bool:
        """Whether the numbers are looked at from the highest: then the page is full at the first rows that it finds."""
        return self.by_number and (self.sorting.number < 0) is not self.page.backwards

    @property
    def endable(self) -> bool:
        """Whether rows that have ended may be among them."""
        may = all(each.ended(wanted) for each, wanted in self.filters if each.ended)
        return self.resource.kind in (Task, Reservation) and may


class Found(NamedTuple):
    """A row of the list: where it stands, and, if it has ended, as it was read from the store."""

    place: Place
    sid: Sid
    ended: Task | Reservation | None = None


class Page(NamedTuple):
    rows: list[Found]
    before: bool  # whether there are rows before it
    after: bool


def lister(resource: Resource) -> Callable[[Call], Awaitable[Reply]]:
    """The handler of a resource's list."""

    async def show(call: Call) -> Reply:
        if resource is WORKSPACE:
            return await _list_workspaces(call, await _read(resource, call))
        return await answer_list(resource, call, lambda view, entity: call.show(resource, view, entity, call.base))

    return show


async def answer_list(resource: Resource, call: Call, body: Callable[[View, Any], Body]) -> Reply:
    """The page that the request asks for of what is in a workspace; `body` says how a row is shown."""
    asked = await _read(resource, call)
    rows = await _find_live(call, asked)
    if asked.endable:  # after the live ones: what ends in between is found twice, never missed
        rows = _merge(asked, rows, await _find_ended(call, asked))
    page = _cut(rows, asked.page)
    bodies, tag = await _show(call, asked, page.rows, body)
    return Reply(200, _envelope(call, asked, page, bodies), tag if resource.versioned else None)


async def _read(resource: Resource, call: Call) -> Asked:
    query = call.query
    read = partial(read_filters, resource, query, call.services.limits)
    quick = len(call.query_string) <= QUERY_QUICK_BYTES
    filters = read() if quick else await asyncio.to_thread(read)
    sorting = read_sorting(resource, query)
    return Asked(resource, filters, sorting, read_page(query, (SID_PREFIX[resource.kind],), sorting))


def keeps(view: View, filters: Filters, entity: Entity) -> bool:
    return all(each.keeps(view, entity, wanted) for each, wanted in filters)


# --- finding ------------------------------------------------------------------------------------------------------


async def _find_live(call: Call, asked: Asked) -> list[Found]:
    """The rows of the page, and one more if there are more, among what is live."""
    found: list[Found] = []
    reached: No | None = asked.page.cursor or None if asked.by_number else None
    parent = [call.sid("TaskSid")] if asked.resource.parent == "task" else []
    while True:
        look = partial(_look, call, asked, found, reached)
        found, reached = await call.router.read(call.workspace, look, parent)
        if reached is None or (asked.by_number and len(found) > asked.page.size):
            return found
        async with call.services.scans:  # few at once, and others between any two looks
            await asyncio.sleep(0)


def _look(
    call: Call, asked: Asked, before: list[Found], reached: No | None, view: View
) -> tuple[list[Found], No | None]:
    """The best rows so far, with some of those beyond the number `reached`; and the number then reached, None: that
    was the last."""
    table, numbers = _candidates(view, call, asked)
    numbers = _beyond(numbers, reached, descending=asked.descends)
    part = numbers[:LOOK_ROWS]
    found = list(before)
    until = time.perf_counter() + LOOK_S if any(each.costly for each, _ in asked.filters) else math.inf
    for at, no in enumerate(part):
        if until < math.inf and at and time.perf_counter() > until:
            return found, part[at - 1]
        entity = table.get(no)
        if entity is None:
            continue  # the roll may be behind
        place = asked.sorting.place(entity, no)
        if _ahead(asked.page, place) and _near(asked.page, found, place) and keeps(view, asked.filters, entity):
            _take(asked.page, found, Found(place, entity.sid))
            if asked.by_number and len(found) > asked.page.size:
                return found, None
    return found, part[-1] if len(numbers) > len(part) else None


def _candidates(view: View, call: Call, asked: Asked) -> tuple[Mapping[No, Any], Sequence[No]]:
    """The live rows that the list is about, and the numbers, in order, of those worth looking at."""
    table = _table(view, asked.resource, call)
    for each, wanted in asked.filters:
        few = each.among(view, wanted) if each.among is not None else None
        if few is not None:
            return table, sorted(no for no in few if no in table)
    return table, view.state.task_roll.numbers if asked.resource is TASK else sorted(table)


def _beyond(numbers: Sequence[No], reached: No | None, *, descending: bool) -> Sequence[No]:
    """At least one more than one look takes, if there are so many."""
    most = LOOK_ROWS + 1
    if descending:
        end = len(numbers) if reached is None else bisect_left(numbers, reached)
        return numbers[max(end - most, 0) : end][::-1]
    start = 0 if reached is None else bisect_right(numbers, reached)
    return numbers[start : start + most]


def _ahead(page: PageRequest, place: Place) -> bool:
    """Whether a row stands on the side of the token that the page lies on."""
    return page.place is None or (place < page.place if page.backwards else place > page.place)


def _near(page: PageRequest, found: list[Found], place: Place) -> bool:
    """Whether it is one of those that `_take` keeps: of very many rows most are not, and need no further look."""
    if len(found) <= page.size:
        return True
    return place > found[0].place if page.backwards else place < found[-1].place


def _take(page: PageRequest, found: list[Found], row: Found) -> None:
    """Keep those nearest to the token, in order: as many as the page holds and one more. What is not kept is gone at
    once: a pile of rows would bring the garbage collector upon everybody."""
    insort(found, row)
    if len(found) > page.size + 1:
        found.pop(0 if page.backwards else -1)


def _table(view: View, resource: Resource, call: Call) -> Mapping[No, Any]:
    """Raises: `NotFound`, if what the list stands under is gone."""
    state = view.state
    if resource.parent == "task":
        task = view.find(Task, call.sid("TaskSid"))
        return {no: state.reservations[no] for no in state.live_of_task.get(task.no, ())}
    if resource.parent == "worker":
        worker = view.find(Worker, call.sid("WorkerSid"))
        if resource is WORKER_CHANNEL:
            own = [state.own_channel(worker.no, channel) for channel in state.channels]
            return {number_of(each.sid): each for each in own}
        if resource is TRANSFER:
            return {no: each for no, each in state.transfers.items() if each.worker_sid == worker.sid}
        return {no: state.reservations[no] for no in state.live_of_worker.get(worker.no, ())}
    return state.table(resource.kind)


async def _find_ended(call: Call, asked: Asked) -> list[Found]:
    """As `_find_live`, among what has ended and is still shown. The store puts it in order, which takes a look at each:
    so only if it can also tell what belongs to the list, and the first rows that it finds are those of the page."""
    in_order = asked.by_number or all(each.holding for each, _ in asked.filters)
    sorting, reached = (asked.sorting, asked.page.place) if in_order else (DEFAULT, None)
    query = EndedQuery(
        kind="task" if asked.resource.kind is Task else "reservation",
        task=number_of(call.sid("TaskSid")) if asked.resource.parent == "task" else None,
        worker=number_of(call.sid("WorkerSid")) if asked.resource.parent == "worker" else None,
        holding=await call.router.read(call.workspace, partial(_holding, asked.filters)),
        keys=sorting.keys,
        number=sorting.number,
    )
    found: list[Found] = []
    limit = min(asked.page.size + 1, ENDED_ROWS) if in_order else ENDED_ROWS  # that may be all that it takes
    while True:
        rows = await call.router.ended_page(
            call.workspace, query, beyond=reached, backwards=asked.page.backwards, limit=limit
        )
        for row in await call.router.read(call.workspace, partial(_kept, asked, rows)):
            _take(asked.page, found, row)
        if len(rows) < limit or (in_order and len(found) > asked.page.size):
            return found
        reached, limit = sorting.place(rows[-1], rows[-1].no), ENDED_ROWS


def _holding(filters: Filters, view: View) -> list[tuple[str, No | str]]:
    """What the store can look for itself."""
    told = [each.holding(view, wanted) for each, wanted in filters if each.holding is not None]
    return [each for each in told if each is not None]


def _kept(asked: Asked, rows: Sequence[Task | Reservation], view: View) -> list[Found]:
    placed = [Found(asked.sorting.place(row, row.no), row.sid, row) for row in rows if keeps(view, asked.filters, row)]
    return [each for each in placed if _ahead(asked.page, each.place)]


def _merge(asked: Asked, live: list[Found], ended: list[Found]) -> list[Found]:
    """One row for each sid: what ended between the two looks is in both, and has ended."""
    found: list[Found] = []
    for row in {each.sid: each for each in (*live, *ended)}.values():
        _take(asked.page, found, row)
    return found


def _cut(found: list[Found], request: PageRequest) -> Page:
    """Make a page of what was found: up to one row more than it holds, beyond the end that it goes towards."""
    more = len(found) > request.size
    if request.backwards:
        return Page(found[-request.size :], more, True)
    return Page(found[: request.size], request.token is not None, more)


# --- showing ------------------------------------------------------------------------------------------------------


async def _show(
    call: Call, asked: Asked, rows: list[Found], body: Callable[[View, Any], Body]
) -> tuple[list[Body], str]:
    """The bodies of the rows, as they are by now, and an ETag for the page. What is gone, or is not what was asked for
    any longer, is left out."""
    if len(rows) <= SHOW_ROWS:
        return await _show_in_parts(call, asked, rows, body)
    async with call.services.scans:  # few at once, or they would all be half done for a long time
        return await _show_in_parts(call, asked, rows, body)


async def _show_in_parts(
    call: Call, asked: Asked, rows: list[Found], body: Callable[[View, Any], Body]
) -> tuple[list[Body], str]:
    bodies: list[Body] = []
    digest = blake2b(digest_size=8)
    for start in range(0, len(rows), SHOW_ROWS):
        if start:
            await asyncio.sleep(0)
        part = rows[start : start + SHOW_ROWS]
        # Live rows may end meanwhile; of ended reservations the task is needed too.
        sids = [each.sid for each in part] if asked.resource.kind is Reservation else []
        if asked.resource is TASK:
            sids = [each.sid for each in part if each.ended is None]
        shown = await call.router.read(call.workspace, partial(_render, call, asked, part, body), sids)
        for entity, made in shown:
            bodies.append(made)
            digest.update(f"{entity.sid} {getattr(entity, 'version', 0)}\n".encode())
    return bodies, f'"{digest.hexdigest()}"'


def _render(
    call: Call, asked: Asked, part: Sequence[Found], body: Callable[[View, Any], Body], view: View
) -> list[tuple[Entity, Body]]:
    known = View(view.state, view.now_ms, {**view.ended, **{each.ended.no: each.ended for each in part if each.ended}})
    owner = known.find(Worker, call.sid("WorkerSid")) if asked.resource.parent == "worker" else None
    shown: list[tuple[Entity, Body]] = []
    for each in part:
        try:
            if owner is not None and asked.resource is WORKER_CHANNEL:
                entity: Entity = view.state.worker_channel(owner, each.sid)
            else:
                entity = known.find(asked.resource.kind, each.sid)
        except NotFound:
            continue
        if isinstance(entity, Reservation) and not known.knows_task_of(entity):
            continue
        if keeps(known, asked.filters, entity):
            shown.append((entity, body(known, entity)))
    return shown


def _envelope(call: Call, asked: Asked, page: Page, bodies: list[Body]) -> Body:
    tag = asked.sorting.tag
    first = token_of(page.rows[0].sid, page.rows[0].place, tag) if page.before and page.rows else None
    last = token_of(page.rows[-1].sid, page.rows[-1].place, tag) if page.after and page.rows else None
    return envelope(asked.resource.key, bodies, asked.page, call.base + call.path, first=first, last=last)


async def _list_workspaces(call: Call, asked: Asked) -> Reply:
    """A workspace's sid ends in the time of its creation: that is its place, also when it is deleted."""
    token = asked.page.token or ""
    cursor = (number_of(token), token)
    mine = call.router.workspaces(call.account.sid)
    if asked.page.backwards:
        mine = [sid for sid in mine if (number_of(sid), sid) < cursor][::-1]
    else:
        mine = [sid for sid in mine if (number_of(sid), sid) > cursor]
    found: list[tuple[Found, Body]] = []
    for sid in mine:

        def ask(view: View) -> Body | None:
            workspace = view.state.workspace
            return render(WORKSPACE, view, workspace, call.base) if keeps(view, asked.filters, workspace) else None

        try:
            body = await call.router.read(sid, ask)
        except UnknownWorkspace:
            continue  # deleted since
        if body is not None:
            found.append((Found((number_of(sid),), sid), body))
            if len(found) > asked.page.size:
                break
    bodies = {row.sid: body for row, body in found}
    rows = [row for row, _ in found]
    page = _cut(rows[::-1] if asked.page.backwards else rows, asked.page)
    return Reply(200, _envelope(call, asked, page, [bodies[row.sid] for row in page.rows]))
