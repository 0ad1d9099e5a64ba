"""What only several nodes and a network must withstand: races, lost answers, lost nodes, wrong addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from pointsman.ports import Store, StoreUnavailable, StoreUnusable
from pointsman.store import open_store, postgres
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import HOME, batch, commit, create, head, live, numbers


@asynccontextmanager
async def two_nodes(database: Database) -> AsyncIterator[tuple[Store, Store]]:
    """Opened at the same moment, on an empty database."""
    nodes = database.store(), database.store()
    await asyncio.gather(*(node.open() for node in nodes))
    try:
        yield nodes
    finally:
        await asyncio.gather(*(node.close() for node in nodes))


async def test_nodes_that_start_at_once_make_the_tables_once(postgres_database: Database) -> None:
    async with two_nodes(postgres_database) as (one, other):
        await create(one)
        await commit(other, 2)
        await commit(one, 3)


async def test_a_node_that_waited_for_the_lock_sees_what_the_other_committed(postgres_database: Database) -> None:
    async with two_nodes(postgres_database) as (one, other):
        await create(one, entities=[live(1)])

        async def follow() -> tuple[int, list[int]]:
            async with other.transaction(HOME) as transaction:
                found = await transaction.lock()
                assert await transaction.knows(1, "token-1")
                return found.version, numbers(await transaction.changes_since(1))

        async with one.transaction(HOME) as transaction:
            await transaction.lock()
            waiting = asyncio.create_task(follow())
            await asyncio.sleep(0.1)
            assert not waiting.done()
            await transaction.commit(batch(2, entities=[live(2), live(1, body='{"v":2}')]))
        assert await waiting == (2, [1, 2])


async def test_nodes_that_compete_for_a_workspace_lose_nothing(postgres_database: Database) -> None:
    async with two_nodes(postgres_database) as nodes:
        await create(nodes[0])

        async def add(no: int) -> None:
            async with nodes[no % 2].transaction(HOME) as transaction:
                found = await transaction.lock()
                await transaction.commit(batch(found.version + 1, entities=[live(no)]))

        await asyncio.gather(*(add(no) for no in range(1, 41)))
        found, entities = await nodes[0].load(HOME)
        assert found.version == 41
        assert numbers(entities) == list(range(1, 41))


async def test_a_node_that_dies_holding_the_lock_lets_go_of_it(postgres_database: Database) -> None:
    async with two_nodes(postgres_database) as (one, other):
        await create(one)
        with pytest.raises(StoreUnavailable):
            async with one.transaction(HOME) as transaction:
                await transaction.lock()
                await end_sessions(postgres_database, "idle in transaction")
                await transaction.commit(batch(2, entities=[live(1)]))
        await asyncio.wait_for(commit(other, 2, entities=[live(2)]), 5)
        assert numbers((await one.load(HOME))[1]) == [2]  # and the first one has come back


async def test_a_store_recovers_when_all_its_connections_were_cut(postgres_database: Database) -> None:
    async with postgres_database.opened() as store:
        await create(store)
        await asyncio.gather(*(store.now_ms() for _ in range(5)))
        await end_sessions(postgres_database, "idle")
        for _ in range(8):  # each attempt may meet a connection that does not know yet
            try:
                await commit(store, 2)
                break
            except StoreUnavailable:
                await asyncio.sleep(0.01)
        assert (await store.load(HOME))[0] == head(2)


async def end_sessions(database: Database, state: str) -> None:
    connection = await asyncpg.connect(database.address)
    try:
        await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = $1 AND pid <> pg_backend_pid()",
            state,
        )
        await asyncio.sleep(0.05)
    finally:
        await connection.close()


# --- lost answers -----------------------------------------------------------------------------------------------------


class Proxy:
    """A network between the node and its database that fails at the worst moment: at the next COMMIT."""

    def __init__(self, database: Database) -> None:
        assert database.address is not None
        parts = urlsplit(database.address)
        self._socket = parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432"
        self._name = parts.path
        self._open: set[asyncio.StreamWriter] = set()
        self.deliver_commit = True  # whether the COMMIT whose answer is lost reaches the database
        self.armed = False
        self.stay_down = False
        self.address = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Proxy]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.address = f"postgresql://postgres:secret@127.0.0.1:{port}{self._name}"
        try:
            yield self
        finally:
            server.close()
            for writer in self._open:
                writer.close()
            await asyncio.sleep(0.05)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.stay_down:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket)
        self._open |= {writer, far_writer}
        answers = asyncio.create_task(self._answers(far_reader, writer))
        try:
            while chunk := await reader.read(65_536):
                if self.armed and b"COMMIT" in chunk:
                    self.armed = False
                    answers.cancel()  # before it can pass on the answer
                    await asyncio.wait([answers])
                    if self.deliver_commit:
                        far_writer.write(chunk)
                        await far_reader.read(65_536)
                    break
                far_writer.write(chunk)
        except ConnectionError:
            pass
        finally:
            answers.cancel()
            writer.close()
            far_writer.close()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65_536):
                writer.write(chunk)
        except ConnectionError:
            pass
        writer.close()


@asynccontextmanager
async def behind_a_proxy(database: Database) -> AsyncIterator[tuple[Store, Proxy]]:
    async with Proxy(database).listening() as proxy:
        store = open_store(proxy.address, database.folder)
        await store.open()
        try:
            yield store, proxy
        finally:
            await store.close()


async def test_a_commit_whose_answer_was_lost_is_recognised(postgres_database: Database) -> None:
    async with behind_a_proxy(postgres_database) as (store, proxy):
        await create(store)
        proxy.armed = True
        await commit(store, 2, entities=[live(2)])
        assert not proxy.armed
        assert await store.load(HOME) == (head(2), [live(2)])
        await commit(store, 3)


async def test_a_workspace_whose_creation_was_not_acknowledged_is_recognised(postgres_database: Database) -> None:
    async with behind_a_proxy(postgres_database) as (store, proxy):
        proxy.armed = True
        await create(store, entities=[live(1)])
        assert not proxy.armed
        assert await store.load(HOME) == (head(1), [live(1)])


async def test_a_commit_that_never_arrived_is_reported_as_not_done(postgres_database: Database) -> None:
    async with behind_a_proxy(postgres_database) as (store, proxy):
        await create(store)
        proxy.armed, proxy.deliver_commit = True, False
        with pytest.raises(StoreUnavailable, match="did not take place"):
            await commit(store, 2, entities=[live(2)])
        assert await store.load(HOME) == (head(1), [])
        await commit(store, 2)


async def test_while_the_database_is_away_nobody_claims_to_know(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SETTLE_PAUSES_S", (0.0, 0.01))
    async with behind_a_proxy(postgres_database) as (store, proxy):
        await create(store)
        proxy.armed = proxy.stay_down = True
        with pytest.raises(StoreUnavailable, match="not known whether") as caught:
            await commit(store, 2)
        assert "secret" not in str(caught.value)
        proxy.stay_down = False
        assert (await store.load(HOME))[0] == head(2)


# --- wrong addresses --------------------------------------------------------------------------------------------------


async def refusal(url: str, error: type[Exception] = StoreUnusable) -> str:
    with pytest.raises(error) as caught:
        await open_store(url, None).open()  # type: ignore[arg-type]
    message = str(caught.value)
    assert "secret" not in message
    assert "\n" not in message
    return message


async def test_a_wrong_address_is_refused_in_one_line_without_the_password(postgres_database: Database) -> None:
    async with Proxy(postgres_database).listening() as proxy:
        good = proxy.address
        assert "does not exist" in await refusal(good.replace("/test_", "/nowhere_"))
        assert "does not exist" in await refusal(good.replace("postgres:secret", "nobody:secret"))
    for bad in (
        "postgresql://me:se/secret@host/x",
        "postgresql://me:x@secret@host:port/x",
        "postgresql://h:1:secret/x",
    ):
        await refusal(bad)
    assert "can't be reached" in await refusal("postgresql://me:secret@127.0.0.1:1/x", StoreUnavailable)


async def test_a_host_that_is_not_known_is_refused() -> None:
    assert "the host is not known" in await refusal("postgresql://me:secret@nowhere.invalid/x")


async def test_a_user_who_may_not_make_tables_is_refused(postgres_database: Database) -> None:
    connection = await asyncpg.connect(postgres_database.address)
    try:
        await connection.execute("CREATE ROLE guest LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        assert postgres_database.address is not None
        assert "permission denied" in await refusal(postgres_database.address.replace("postgres:@", "guest:@"))
    finally:
        await connection.execute("DROP ROLE guest")
        await connection.close()
