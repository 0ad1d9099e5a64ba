"""Assignment callbacks: sent at once, answered once, and their replies carried out.

What can come of one (`Delivery.verdict`):

- `accepted`, `rejected`: the application's instruction was carried out (`executed`: an instruction of another name).
- `no instruction`: it answered, and deliberately or not (`warning`) left the reservation as it was.
- `refused`: its instruction could not be carried out (`warning` says why); the reservation is as it was. Failed.
- `failed`: neither URL answered; the reservation was canceled (`warning` says what became of the task). Failed.
- `superseded`: it was not sent, or not again, since its reservation was no longer pending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import structlog
from msgspec.structs import replace

from pointsman.core.commands import FailAssignment, UpdateReservation
from pointsman.core.engine.offers import workflow_behind
from pointsman.core.engine.view import View
from pointsman.core.errors import Rejected
from pointsman.core.events import Event, ReservationCanceled, TaskCanceled
from pointsman.core.record import Logged, Origin
from pointsman.core.types import AccountSid, ReservationStatus, Sid, WorkspaceSid
from pointsman.ports import (
    Attempt,
    Commit,
    Delivery,
    EventQuery,
    EventRow,
    Router,
    Store,
    UnknownWorkspace,
)
from pointsman.webhooks.crew import Crew, Stopping
from pointsman.webhooks.gate import Gate
from pointsman.webhooks.ledger import Ledger
from pointsman.webhooks.limits import REPLY_BYTES_MAX, Limits
from pointsman.webhooks.post import Answer, Poster, host_of, now_ms, one_line
from pointsman.wire import callbacks, errors
from pointsman.wire.deliveries import delivery_sid

Token = Callable[[AccountSid], Awaitable[str]]
Key = tuple[WorkspaceSid, int]

# What follows for want of a reply is the router's own doing; what follows from one is the workflow's whose URL it is.
UNANSWERED = Origin(unusual_source="callback")
VERDICTS = {"accept": "accepted", "reject": "rejected"}

log = structlog.get_logger(__name__)


class Assignments:
    def __init__(
        self,
        store: Store,
        router: Router,
        token: Token,
        poster: Poster,
        ledger: Ledger,
        crew: Crew,
        limits: Limits,
        *,
        alone: bool,
    ) -> None:
        self._store, self._router, self._token = store, router, token
        self._poster, self._ledger, self._crew, self._limits = poster, ledger, crew, limits
        self._gate = Gate(limits.assignments_in_flight_per_host, limits.assignments_in_flight)
        self._held: dict[Key, str] = {}  # in our hands until their end is written: key -> host
        self._held_of: Counter[str] = Counter()  # host -> how many
        self._alone = alone  # nobody else takes deliveries

    def close(self) -> None:
        self._gate.close()

    # --- taking them in hand --------------------------------------------------------------------------------------

    def committed(self, commit: Commit) -> None:
        mine = [delivery for delivery in commit.deliveries if self._hold(delivery)]
        if mine:
            rows = {row.seq: row for row in commit.events}
            self._crew.start("assignment callbacks", self._begin, commit.workspace, mine, rows, claimed=False)

    def claimed(self, deliveries: Sequence[Delivery]) -> None:
        """Deliveries that somebody, perhaps this process before a restart, left unfinished."""
        of_workspace: dict[WorkspaceSid, list[Delivery]] = {}
        for delivery in deliveries:
            if self._hold(delivery):
                of_workspace.setdefault(delivery.workspace, []).append(delivery)
        for workspace, mine in of_workspace.items():
            self._crew.start("claimed assignment callbacks", self._begin, workspace, mine, {}, claimed=True)

    def _hold(self, delivery: Delivery) -> bool:
        """Not one that is in hand already; and not more than a few for a host: the rest wait in the store, until they
        are due and claimed."""
        key, host = (delivery.workspace, delivery.seq), host_of(delivery.url)
        if key in self._held or self._held_of[host] >= self._limits.assignments_held_per_host:
            return False
        self._held[key] = host
        self._held_of[host] += 1
        return True

    def _release(self, delivery: Delivery) -> None:
        host = self._held.pop((delivery.workspace, delivery.seq))
        self._held_of[host] -= 1
        if not self._held_of[host]:
            del self._held_of[host]

    async def _begin(
        self, workspace: WorkspaceSid, deliveries: list[Delivery], rows: dict[int, EventRow], *, claimed: bool
    ) -> None:
        """Find what each tells of, all together, then let each go its own way."""
        try:
            events = await self._events(workspace, deliveries, rows)
        except BaseException:
            for delivery in deliveries:
                self._release(delivery)
            raise
        for delivery in deliveries:
            event = events.get(delivery.seq)
            if event is None:
                self._finish(delivery, (), "superseded", "its event is gone, and its reservation with it")
            else:
                self._crew.start("assignment callback", self._run, delivery, event, claimed)

    async def _events(
        self, workspace: WorkspaceSid, deliveries: list[Delivery], rows: dict[int, EventRow]
    ) -> dict[int, Logged]:
        wanted: list[EventRow] = []
        for delivery in deliveries:
            row = rows.get(delivery.seq)
            wanted += [row] if row is not None else await self._fetch(workspace, delivery.seq)
        try:
            logged = await self._crew.patiently(lambda: self._router.logged(workspace, wanted))
        except UnknownWorkspace:
            return {}
        return {event.seq: event for event in logged}

    async def _fetch(self, workspace: WorkspaceSid, seq: int) -> list[EventRow]:
        query = EventQuery(seq=seq)
        return await self._crew.patiently(
            lambda: self._store.events(workspace, query, before=None, after=None, limit=1)
        )

    # --- one delivery ---------------------------------------------------------------------------------------------

    async def _run(self, delivery: Delivery, event: Logged, claimed: bool) -> None:
        try:
            assert event.record.reservation is not None, "an assignment callback tells of a reservation"
            await self._deliver(delivery, event, event.record.reservation.sid, claimed)
        except BaseException as problem:
            if not isinstance(problem, Exception) or isinstance(problem, Stopping):
                self._release(delivery)  # unfinished: it is claimed after the restart
                raise
            log.exception("assignment_callback_fault", workspace=delivery.workspace, seq=delivery.seq)
            self._finish(delivery, (), "failed", f"a fault of ours: {type(problem).__name__}", event)

    async def _deliver(self, delivery: Delivery, event: Logged, reservation: Sid, claimed: bool) -> None:
        """The URL, then the fallback URL; the first that answers decides."""
        token = await self._crew.patiently(lambda: self._token(event.account))
        parameters = callbacks.assignment(event)
        headers = {"I-Twilio-Idempotency-Token": delivery_sid(delivery.workspace, delivery.kind, delivery.seq)}
        attempts: list[Attempt] = []
        for url in (delivery.url, delivery.fallback_url):
            if not url:
                continue
            async with self._gate.slot(host_of(url)) as waited:
                if self._crew.stopping:
                    raise Stopping
                if not attempts and (claimed or waited):
                    obstacle = await self._obstacle(delivery, claimed)
                    if obstacle is not None:
                        self._leave(delivery, event, obstacle)
                        return
                answer = await self._poster.post(url, parameters, token, self._limits.assignment_s, headers)
            reply = read(answer)
            attempts.append(answer.attempt(url, reply.problem))
            if reply.problem is None:
                verdict, warning = await self._obey(event, reservation, reply)
                self._finish(delivery, attempts, verdict, warning, event)
                return
        outcome = await self._give_up(delivery.workspace, reservation)
        self._finish(delivery, attempts, "failed", outcome, event)

    async def _obstacle(self, delivery: Delivery, claimed: bool) -> str | None:
        """Why a delivery that was left lying, here or in the store, is not sent any more: "superseded", or "taken"."""
        if claimed:
            row = await self._crew.patiently(
                lambda: self._store.delivery(delivery.workspace, delivery.kind, delivery.seq)
            )
            if row is None or row.verdict is not None:
                return "taken"
        if not self._alone and now_ms() >= delivery.due_ms:
            return "taken"
        try:
            pending = await self._crew.patiently(
                lambda: self._router.read(delivery.workspace, lambda view: _is_pending(view, delivery))
            )
        except UnknownWorkspace:
            pending = False
        return None if pending else "superseded"

    def _leave(self, delivery: Delivery, event: Logged, obstacle: str) -> None:
        if obstacle == "superseded":
            self._finish(delivery, (), "superseded", "its reservation is no longer pending", event)
        else:  # somebody else sends it, or has, or it is claimed again
            self._release(delivery)

    async def _obey(self, event: Logged, reservation: Sid, reply: callbacks.Reply) -> tuple[str, str | None]:
        """Carry the instruction out; (verdict, warning)."""
        workspace = event.workspace
        if reply.values is None:
            return ("refused" if reply.instruction else "no instruction"), reply.warning
        command = UpdateReservation(reservation=reservation, values=reply.values)
        try:
            origin = await self._origin(event)
            await self._crew.patiently(lambda: self._router.execute(workspace, command, _nothing, origin))
        except Rejected as refused:
            return "refused", errors.noted(refused)
        except UnknownWorkspace:
            return "refused", f"workspace {workspace} does not exist any more"
        return VERDICTS.get(reply.instruction or "", "executed"), reply.warning

    async def _origin(self, event: Logged) -> Origin:
        """Who speaks in a reply: the workflow that was asked, as far as it is still known."""
        if event.record.workflow is not None:
            sid: Sid | None = event.words[event.record.workflow].sid
        else:
            sid = await self._crew.patiently(
                lambda: self._router.read(event.workspace, lambda view: _asked_workflow(view, event))
            )
        return Origin(actor=sid, kind="workflow") if sid else UNANSWERED

    async def _give_up(self, workspace: WorkspaceSid, reservation: Sid) -> str:
        """Neither URL answered; say what became of the reservation."""
        command = FailAssignment(reservation=reservation)
        try:
            return await self._crew.patiently(
                lambda: self._router.execute(workspace, command, lambda _, events: _outcome(events), UNANSWERED)
            )
        except (Rejected, UnknownWorkspace):
            return "the reservation had ended meanwhile"

    def _finish(
        self,
        delivery: Delivery,
        attempts: Sequence[Attempt],
        verdict: str,
        warning: str | None,
        event: Logged | None = None,
    ) -> None:
        finished = replace(
            delivery,
            verdict=verdict,
            failed=verdict in ("failed", "refused"),
            warning=one_line(warning) if warning else None,
            attempts=tuple(attempts),
            finished_ms=now_ms(),
        )
        self._ledger.add(finished, lambda: self._release(delivery))
        _say(finished, event)


def read(answer: Answer) -> callbacks.Reply:
    if answer.problem is not None or answer.status is None:
        return callbacks.Reply(problem=answer.problem or "no answer")
    if len(answer.body) > REPLY_BYTES_MAX:
        return callbacks.Reply(problem=f"the reply is longer than {REPLY_BYTES_MAX} bytes")
    return callbacks.read_reply(answer.status, answer.content_type or "", answer.body)


def _nothing(view: View, events: Sequence[Event]) -> None:
    return None


def _is_pending(view: View, delivery: Delivery) -> bool:
    reservation = view.state.reservations.get(delivery.reservation or 0)
    return reservation is not None and reservation.status is ReservationStatus.PENDING


def _asked_workflow(view: View, event: Logged) -> Sid | None:
    """Of a task without a workflow of its own."""
    task = view.state.tasks.get(event.record.task.no) if event.record.task else None
    workflow = workflow_behind(view.state, task) if task else None
    return workflow.sid if workflow else None


def _outcome(events: Sequence[Event]) -> str:
    ended = next((event for event in events if isinstance(event, ReservationCanceled)), None)
    if ended is None:
        return "the reservation had been answered meanwhile"
    canceled = next((event for event in events if isinstance(event, TaskCanceled)), None)
    if canceled is not None and canceled.task.no == ended.task.no:
        return f"the reservation was canceled, and its task with it: {canceled.reason}"
    return "the reservation was canceled, and its task will be offered again after a pause"


def _say(delivery: Delivery, event: Logged | None) -> None:
    """One line a delivery: sids and reasons, no attributes, no credentials."""
    record = event.record if event else None
    tell = log.warning if delivery.failed or delivery.warning else log.info
    tell(
        "assignment_callback",
        workspace=delivery.workspace,
        task=event.words[(record.task.no, record.task.text)].sid if event and record and record.task else None,
        reservation=record.reservation.sid if record and record.reservation else None,
        host=host_of(delivery.url),
        took_ms=sum(attempt.took_ms for attempt in delivery.attempts),
        verdict=delivery.verdict,
        warning=delivery.warning,
        problems=[attempt.problem for attempt in delivery.attempts if attempt.problem],
    )
