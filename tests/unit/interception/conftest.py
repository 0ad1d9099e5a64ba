"""One stand-in server for all these tests: clients are slow to start, servers needn't be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.interception.stand_in import StandIn, serve


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    data = tmp_path_factory.mktemp("a folder with blanks")
    with serve(data=data) as (port, seen):
        yield StandIn(
            url="http://127.0.0.1:8080",
            tls_url=f"https://127.0.0.1:{port}",
            data=data,
            account_sid="AC" + "0" * 32,
            auth_token="a" * 32,
            seen=seen,
        )


@pytest.fixture
def server(_server: StandIn) -> StandIn:
    """The stand-in, with nothing seen yet."""
    _server.seen.clear()
    return _server
