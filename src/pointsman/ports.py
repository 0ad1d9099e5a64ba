"""What the shell's parts promise one another. Each is known to the others by these protocols alone; `bootstrap`
wires the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from pointsman.core.commands import Command, Values
from pointsman.core.events import Event
from pointsman.core.record import Logged, Origin
from pointsman.core.types import AccountSid, Millis, No, Reservation, Role, Sid, Task, WorkspaceSid

if TYPE_CHECKING:  # the process that writes an SQLite file starts sooner without the engine
    from pointsman.core.engine.view import View
    from pointsman.stats import Question, Tallied

T = TypeVar("T")


# --- what is stored -----------------------------------------------------------------------------------------------
# Of rows there are a hundred in a commit: to the process that writes they go without the names of their columns.


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Which state of a workspace a commit left behind.

    A version alone does not name a history (a lost acknowledgement, a replica that lagged, a restore), so each commit
    also writes a random `token`; a copy in memory is current only if both agree.
    """

    version: int
    token: str
    seq: int  # of its newest event
    next_no: No  # the number that its next entity gets
    now_ms: Millis  # the newest time that it has seen
    deadline_ms: Millis | None  # when it wants its next tick


class EntityRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """An entity as stored. `live` rows are loaded into memory; the others have ended or gone.

    Ended tasks and reservations are read from the store until `vanish_ms` (a reservation vanishes with its task);
    a tombstone has an empty body, and vanishes too, once every copy in memory has surely seen it.
    """

    no: No
    kind: str
    sid: Sid
    live: bool
    body: str  # JSON; "" for a tombstone
    task: No | None = None  # of a reservation
    worker: No | None = None  # of a reservation
    vanish_ms: Millis | None = None


ReadRow = Callable[[EntityRow], Any]


def as_stored(row: EntityRow) -> EntityRow:
    return row


class EventRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """An event as stored. `body` is a `core.record.Record` as JSON; the numbers beside it serve the filters, and what
    was measured the statistics (`stats.during.measured`)."""

    seq: int
    type: str
    at_ms: Millis
    body: str
    task: No | None = None
    worker: No | None = None
    reservation: No | None = None
    queue: No | None = None
    workflow: No | None = None
    channel: No | None = None
    age_s: int | None = None
    queue_age_s: int | None = None
    split_age_s: int | None = None
    previous: No | None = None
    spent_ms: int | None = None
    uncounted: int | None = None


class SnapshotRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The words of one version of an entity's texts: `core.record.Words` as JSON."""

    no: No
    text: int
    body: str


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request of a delivery and what came of it."""

    url: str
    at_ms: Millis
    took_ms: int
    status: int | None = None  # of HTTP; None if there was no answer
    content_type: str | None = None
    reply: str | None = None  # the body, cut to a limit
    problem: str | None = None  # why it does not count as an answer, in one line


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A callback to the application: of an assignment (kind "assignment") or of an event (kind "event").

    It is named by the event that it tells of. `parameters` is not kept: they follow from that event.
    """

    workspace: WorkspaceSid
    kind: str
    seq: int
    url: str
    fallback_url: str | None = None
    task: No | None = None
    reservation: No | None = None
    created_ms: Millis
    due_ms: Millis  # not sent by another node before
    verdict: str | None = None  # None while it is not finished
    failed: bool = False
    warning: str | None = None
    attempts: tuple[Attempt, ...] = ()
    finished_ms: Millis | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one commit writes for one workspace."""

    head: Head
    entities: Sequence[EntityRow] = ()
    events: Sequence[EventRow] = ()
    snapshots: Sequence[SnapshotRow] = ()
    deliveries: Sequence[Delivery] = ()
    event_cursor: int | None = None  # event callbacks start after this event: the callback URL is new
    deleted: bool = False  # the workspace goes with this commit


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """What a commit made known."""

    workspace: WorkspaceSid
    events: Sequence[EventRow]
    deliveries: Sequence[Delivery]  # assignment callbacks, to be sent at once by the node that committed


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events, all conditions together; numbers where the API has sids. Times are inclusive. `queue` is also one
    that a task left."""

    seq: int | None = None
    type: str | None = None
    start_ms: Millis | None = None
    end_ms: Millis | None = None
    task: No | None = None
    worker: No | None = None
    reservation: No | None = None
    queue: No | None = None
    workflow: No | None = None
    channel: No | None = None


Place = tuple[int, ...]  # where a row stands in the order of a list: smaller comes first


class EndedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks or reservations that have ended and not vanished, all conditions together: of a task or worker alone,
    `holding` certain values in certain fields. And in which order: by `keys`, fields with numbers, each with 1 or -1
    for its direction, then by number; so the place of each is (key * direction, ..., no * number)."""

    kind: str
    task: No | None = None
    worker: No | None = None
    holding: Sequence[tuple[str, No | str]] = ()
    keys: Sequence[tuple[str, int]] = ()
    number: int = 1


class EventSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are kept: all from `first` to `last`. With none, `first` is the one that comes next."""

    first: int
    last: int


class EventAge(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are too old: those before `before_ms`; of those that callbacks still have to tell of, only those
    before `untold_ms`."""

    before_ms: Millis
    untold_ms: Millis
    listened: bool  # whether anybody is told of events: else the event cursor stands still


class DeliveryQuery(msgspec.Struct, frozen=True, kw_only=True):
    task: No | None = None
    failed: bool = False
    unfinished: bool = False
    kind: str | None = None
    seq_min: int | None = None
    seq_max: int | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    sid: AccountSid
    auth_token: str  # the primary: it also signs callbacks
    friendly_name: str
    created_ms: Millis
    secondary_token: str | None = None  # as good for requests, until it is promoted or dropped
    owner: AccountSid | None = None  # the account that made it; None: the server was started for it
    updated_ms: Millis | None = None  # None: not since it was made


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials of an account that can be revoked alone.

    A login is compared with the hash alone. The secret is the key by which access tokens are signed, so it has to be
    kept; None for a key that was made before it was: that one can log in and sign nothing.
    """

    sid: Sid
    account: AccountSid
    secret_hash: str
    friendly_name: str
    created_ms: Millis
    updated_ms: Millis
    secret: str | None = None
    role: Role = Role.FULL

    def __repr__(self) -> str:
        """Wherever it turns up: no secret."""
        return f"ApiKey({self.sid}, {self.account})"


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """A worker who has a socket, or had one until just now, and moves to an activity (None: the workspace's timeout
    activity) once the last has been closed for a while."""

    workspace: WorkspaceSid
    worker: Sid
    activity: Sid | None = None


class WorkspaceEntry(msgspec.Struct, frozen=True, kw_only=True):
    sid: WorkspaceSid
    account_sid: AccountSid
    deadline_ms: Millis | None


class UnknownWorkspace(Exception):
    """The workspace does not exist, or no longer."""


class StoreUnavailable(Exception):
    """The database can't be used now; the message says why in one line. Trying again later may help."""


class StoreUnusable(Exception):
    """The database can't be used at all (damaged, newer, taken, not writable); the message says why in one line."""


class Overloaded(Exception):
    """More was asked than can wait. Trying again later will help. `of` says of what, in a word, to be counted."""

    def __init__(self, message: str, of: str = "commands") -> None:
        super().__init__(message)
        self.of = of


class Conflict(Exception):
    """Somebody else committed in between; the batch was not written."""


class Transaction(Protocol):
    """One workspace, locked until the transaction ends."""

    async def lock(self) -> Head:
        """Lock the workspace and say where it stands. Raises: `UnknownWorkspace`."""

    async def changes_since(self, version: int) -> list[EntityRow]:
        """The entity rows written after `version`, by number, ended and gone ones too (not live)."""

    async def knows(self, version: int, token: str) -> bool:
        """Whether (version, token) is in the workspace's short log of commits: only then may a copy catch up."""

    async def commit(self, batch: Batch) -> None:
        """Write `batch` and make it durable. Raises: `Conflict`, if the workspace is not at the version before it."""


class Store(Protocol):
    """The database. Every method may raise `StoreUnavailable`."""

    @property
    def where(self) -> str:
        """How messages name it: what nobody needs to know who has no account."""

    async def open(self) -> None:
        """Connect, migrate the schema. Raises: `StoreUnusable`; `StoreUnavailable`, if trying again may help."""

    async def take_alone(self) -> None:
        """Keep every other server off this database until it is closed. Raises: `StoreUnusable`."""

    async def close(self) -> None: ...

    async def now_ms(self) -> Millis:
        """The database's clock."""

    async def account(self, sid: AccountSid) -> Account | None: ...

    async def accounts(self) -> list[Account]:
        """All accounts, oldest first."""

    async def put_account(self, account: Account) -> None:
        """Create it, or replace its name and tokens and when it was updated."""

    async def api_keys(self) -> list[ApiKey]:
        """The keys of all accounts, oldest first."""

    async def put_api_key(self, key: ApiKey) -> None:
        """Create it, or replace its name and when it was updated."""

    async def delete_api_key(self, sid: Sid) -> None:
        """Forget it, if it is there."""

    async def attendances(self) -> list[Attendance]:
        """Of all workspaces, also of those that are deleted."""

    async def put_attendance(self, attendance: Attendance) -> None:
        """Create it, or replace its activity."""

    async def delete_attendance(self, workspace: WorkspaceSid, worker: Sid) -> None:
        """Forget it, if it is there."""

    async def workspaces(self) -> list[WorkspaceEntry]:
        """All workspaces that are not deleted, oldest first."""

    async def create_workspace(self, sid: WorkspaceSid, account_sid: AccountSid, batch: Batch) -> None:
        """Make a workspace; `batch` is its first commit. Raises: `Conflict`, if the sid exists."""

    def transaction(self, workspace: WorkspaceSid) -> AbstractAsyncContextManager[Transaction]:
        """Begin; leaving without `commit` rolls back."""

    async def load(self, workspace: WorkspaceSid, read: ReadRow = as_stored) -> tuple[Head, list[Any]]:
        """One consistent view of the live entities, by number: what `read` makes of each row as it comes, maybe in
        another thread, so that the rows of a large workspace are never all in memory. Raises: `UnknownWorkspace`, and
        what `read` does."""

    async def ended(self, workspace: WorkspaceSid, numbers: Sequence[No], now_ms: Millis) -> list[EntityRow]:
        """Those of the entities that have ended and not vanished, with (for a task) its reservations and
        (for a reservation) its task, if they have ended too."""

    async def ended_page(
        self,
        workspace: WorkspaceSid,
        query: EndedQuery,
        now_ms: Millis,
        *,
        beyond: Place | None = None,
        backwards: bool = False,
        limit: int,
    ) -> list[EntityRow]:
        """In the order of `query`, those beyond a place; or `backwards` from it. By number alone it costs what it
        shows, in another order or `holding` something a look at each that has ended."""

    async def events(
        self, workspace: WorkspaceSid, query: EventQuery, *, before: int | None, after: int | None, limit: int
    ) -> list[EventRow]:
        """Events of `query` with before > seq (newest first), or after < seq (oldest first); `before` wins; with
        neither: newest first."""

    async def event_span(self, workspace: WorkspaceSid) -> EventSpan:
        """Which events are kept, also of a deleted workspace. Raises: `UnknownWorkspace`."""

    async def snapshots(self, workspace: WorkspaceSid, quotes: Sequence[tuple[No, int]]) -> list[SnapshotRow]: ...

    async def claim_deliveries(self, now_ms: Millis, lease_ms: int, limit: int) -> list[Delivery]:
        """Take unfinished assignment deliveries that are due, oldest first, and push their `due_ms` to
        now + lease, so that no other node takes them meanwhile."""

    async def finish_deliveries(self, deliveries: Sequence[Delivery], cursors: dict[WorkspaceSid, int]) -> None:
        """Write what became of deliveries (inserting those of events) and how far event callbacks have got.
        Cursors never go back; unknown workspaces are passed over."""

    async def deliveries(
        self, workspace: WorkspaceSid, query: DeliveryQuery, *, before: tuple[int, str] | None, limit: int
    ) -> list[Delivery]:
        """Newest first, by (seq, kind)."""

    async def delivery(self, workspace: WorkspaceSid, kind: str, seq: int) -> Delivery | None: ...

    async def event_cursor(self, workspace: WorkspaceSid) -> int:
        """The event up to which event callbacks have been delivered. Raises: `UnknownWorkspace`."""

    async def roll_up(self, limit: int) -> int:
        """Sum up the next `limit` events at most of each workspace, for statistics, and forget sums of seconds that are
        kept no longer; say how many events that were. Called again and again."""

    async def tallied(self, workspace: WorkspaceSid, question: Question) -> Tallied:
        """What happened, of one moment, however far it is summed up."""

    async def retire(self, workspace: WorkspaceSid, age: EventAge, limit: int) -> int:
        """Remove up to `limit` of the oldest events that are too old, and as many of the words that no event quotes
        any more, nor will; say how many rows. Called until it says 0. What is kept has no gaps, and its words."""

    async def sweep(self, now_ms: Millis, limit: int) -> int:
        """Remove up to `limit` vanished rows, finished deliveries past their time and the rows of deleted
        workspaces; say how many. Called until it says 0."""


# --- what is asked ------------------------------------------------------------------------------------------------


class Router(Protocol):
    """The one door to the workspaces, for the API, the console and the sockets alike.

    Every method may raise `UnknownWorkspace` and `StoreUnavailable`.
    """

    async def execute(
        self,
        workspace: WorkspaceSid,
        command: Command,
        answer: Callable[[View, Sequence[Event]], T],
        origin: Origin,
    ) -> T:
        """Step `command`; `answer` sees the state and the events right after it. Returns after the commit.

        Raises: `Rejected`: then nothing has changed.
        """

    async def create_workspace(
        self, account: AccountSid, values: Values, answer: Callable[[View, Sequence[Event]], T], origin: Origin
    ) -> T: ...

    async def read(self, workspace: WorkspaceSid, question: Callable[[View], T], sids: Sequence[Sid] = ()) -> T:
        """Ask the committed state. Of `sids`, those that have ended are fetched and shown in the view."""

    async def ended_page(
        self,
        workspace: WorkspaceSid,
        query: EndedQuery,
        *,
        beyond: Place | None = None,
        backwards: bool = False,
        limit: int,
    ) -> list[Task | Reservation]:
        """As `Store.ended_page` has them."""

    def workspaces(self, account: AccountSid) -> list[WorkspaceSid]:
        """The account's workspaces, oldest first."""

    def account_of(self, workspace: WorkspaceSid) -> AccountSid: ...

    def outage(self) -> str | None:
        """What keeps workspaces from being changed, since a commit has failed; None: nothing is known to."""

    async def logged(self, workspace: WorkspaceSid, rows: Sequence[EventRow]) -> list[Logged]:
        """Events with the words that they quote, ready to be rendered; also of a workspace that was just deleted."""


class EndpointState(msgspec.Struct, frozen=True, kw_only=True):
    """How a workspace's event callbacks do."""

    state: str  # "open", "failing", "parked" (one request at a time finds out whether it is back), "none" (no URL)
    url: str = ""
    since_ms: Millis | None = None  # since when it fails, or is parked
    next_ms: Millis | None = None  # when it is asked again, if it is parked
    problem: str | None = None  # of the last attempt
    waiting: int = 0  # events that are not delivered yet


class ReplayState(msgspec.Struct, frozen=True, kw_only=True):
    """Events that are sent again."""

    first: int
    last: int
    at: int  # so far it has got
    sent: int = 0
    failed: int = 0
    done: bool = False


class Busy(Exception):
    """It is under way already."""


class EventSender(Protocol):
    """Who sends event callbacks."""

    def endpoint(self, workspace: WorkspaceSid) -> EndpointState: ...

    def resume(self, workspace: WorkspaceSid) -> None:
        """Ask a parked endpoint at once whether it is back."""

    def replaying(self, workspace: WorkspaceSid) -> ReplayState | None:
        """The newest replay since the start."""

    def replay(self, workspace: WorkspaceSid, first: int, last: int, *, failed: bool) -> ReplayState:
        """Send the events from `first` to `last` again, or those of them that have failed. Raises: `Busy`."""


class Publisher(Protocol):
    """Who wants to know what was committed."""

    def committed(self, commit: Commit) -> None:
        """Called in order of the commits of a workspace, after them; returns at once."""
