"""What a path leads to."""

from __future__ import annotations

import pytest

from pointsman.operations import Paths

PATHS = (
    "/v1/Workspaces",
    "/v1/Workspaces/{Sid}",
    "/v1/Workspaces/{WorkspaceSid}/Workers/Statistics",
    "/v1/Workspaces/{WorkspaceSid}/Workers/{Sid}",
    "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Statistics",
    "/Accounts.json",
    "/Accounts/{Sid}.json",
    "/Both/{Sid}.json",
    "/Both/{Sid}",
)


@pytest.fixture
def paths() -> Paths[str]:
    paths: Paths[str] = Paths()
    for path in PATHS:
        paths.add(path, path)
    return paths


@pytest.mark.parametrize(
    ("asked", "path", "names"),
    [
        ("/v1/Workspaces", PATHS[0], {}),
        ("/v1/Workspaces/WS1", PATHS[1], {"Sid": "WS1"}),
        ("/v1/Workspaces/WS1/Workers/Statistics", PATHS[2], {"WorkspaceSid": "WS1"}),
        ("/v1/Workspaces/WS1/Workers/WK1", PATHS[3], {"WorkspaceSid": "WS1", "Sid": "WK1"}),
        ("/v1/Workspaces/WS1/Workers/WK1/Statistics", PATHS[4], {"WorkspaceSid": "WS1", "WorkerSid": "WK1"}),
        ("/v1/Workspaces/WS1/Workers/Statistics/Statistics", PATHS[4], None),
        ("/Accounts.json", PATHS[5], {}),
        ("/Accounts/AC1.json", PATHS[6], {"Sid": "AC1"}),
        ("/Accounts/AC1.json.json", PATHS[6], {"Sid": "AC1.json"}),
        ("/Accounts/Workers.json", PATHS[6], {"Sid": "Workers"}),
        ("/v1/Workspaces/Workers/Workers/Accounts", PATHS[3], {"WorkspaceSid": "Workers", "Sid": "Accounts"}),
        ("/Both/XX.json", PATHS[7], {"Sid": "XX"}),
        ("/Both/XX", PATHS[8], {"Sid": "XX"}),
    ],
)
def test_what_is_found(paths: Paths[str], asked: str, path: str, names: dict[str, str] | None) -> None:
    found = paths.find(asked)
    assert found is not None
    assert found[0] == path
    assert names is None or found[1] == names


@pytest.mark.parametrize(
    "asked",
    ["", "/", "*", "v1/Workspaces", "/v1", "/v1/Workspaces/", "/v1/Workspaces//Workers/WK1", "/Accounts/.json", "//"],
)
def test_what_is_nowhere(paths: Paths[str], asked: str) -> None:
    assert paths.find(asked) is None
