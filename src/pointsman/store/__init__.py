"""Where workspaces are kept: SQLite in the data folder, or PostgreSQL. One server at a time uses either, for now."""

from __future__ import annotations

from pathlib import Path

from pointsman.ports import Store, StoreUnusable

DATABASE_FILE = "pointsman.db"


def open_store(address: str | None, data: Path) -> Store:
    """Choose the store: PostgreSQL at `address`, a URL, or SQLite in the folder `data`. It is not open yet.

    Raises: `StoreUnusable`, if the address is of no known kind.
    """
    if address is None:
        from pointsman.store.sqlite import SqliteStore

        return SqliteStore(data / DATABASE_FILE)
    if address.startswith(("postgresql://", "postgres://")):
        from pointsman.store.postgres import PostgresStore  # asyncpg is loaded only where it is used

        return PostgresStore(address)
    raise StoreUnusable("The database's address must begin with postgresql:// (or be left out, for SQLite)")
