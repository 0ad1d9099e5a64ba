"""What can be asked for, without HTTP."""

from __future__ import annotations

import asyncio
import re
from typing import cast

import pytest

from pointsman.core.errors import Invalid
from pointsman.core.limits import STANDARD
from pointsman.core.record import SYSTEM
from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from pointsman.meters import Meters
from pointsman.operations import Call, Caller, Operations, Refused, Services, problem_of
from pointsman.operations.directory import Directory
from pointsman.ports import Account, EventSender, Overloaded, Router, Store, StoreUnavailable, UnknownWorkspace
from pointsman.resources import OPERATIONS, Operation

OWN, OTHER = AccountSid("AC" + "1" * 32), AccountSid("AC" + "2" * 32)
WORKSPACE = WorkspaceSid("WS" + "0" * 32)


class Owned:
    """As much of a router as is asked before an operation is."""

    def account_of(self, workspace: WorkspaceSid) -> AccountSid:
        return OWN


async def nothing(account: AccountSid) -> bytes:
    return b""


@pytest.fixture
def operations() -> Operations:
    router, store, sender = cast(Router, Owned()), cast(Store, None), cast(EventSender, None)
    services = Services(router, store, "1", STANDARD, sender, asyncio.Semaphore(1), nothing)
    return Operations(services, Directory(store))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.resource}-{each.name}")
def test_every_operation_is_found_by_its_method_and_path(operations: Operations, operation: Operation) -> None:
    path = re.sub(r"\{(\w+)\}", lambda name: f"of-{name[1]}", operation.path)
    found, names = operations.find(operation.method, path)
    assert found is operation
    assert names == {name: f"of-{name}" for name in re.findall(r"\{(\w+)\}", operation.path)}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/Workspace", 404), ("GET", "/v1/Workspaces/", 404), ("DELETE", "/v1/Workspaces", 405)],
)
def test_what_is_no_operation_is_refused(operations: Operations, method: str, path: str, status: int) -> None:
    with pytest.raises(Refused) as refused:
        operations.find(method, path)
    assert refused.value.problem.status == status
    assert path in refused.value.problem.message


def test_a_workspace_of_another_account_is_as_good_as_none(operations: Operations) -> None:
    operation, names = operations.find("GET", f"/v1/Workspaces/{WORKSPACE}/Workers")
    other = Caller(Account(sid=OTHER, auth_token="t", friendly_name="Other", created_ms=Millis(1)), None)
    call = Call(operations.services, other, SYSTEM, "http://router", "/", names)
    with pytest.raises(UnknownWorkspace):
        asyncio.run(operations.perform(operation, call))


@pytest.mark.parametrize("failure", [Overloaded("much waits", "reads"), StoreUnavailable("it is full")])
def test_what_is_refused_for_now_is_counted(failure: Exception) -> None:
    class Failing(Owned):
        async def read(self, *question: object) -> None:
            raise failure

    meters = Meters()
    services = Services(
        cast(Router, Failing()),
        cast(Store, None),
        "1",
        STANDARD,
        cast(EventSender, None),
        asyncio.Semaphore(1),
        nothing,
    )
    operations = Operations(services, Directory(services.store), meters)
    operation, names = operations.find("GET", f"/v1/Workspaces/{WORKSPACE}/Workers")
    own = Caller(Account(sid=OWN, auth_token="t", friendly_name="Own", created_ms=Millis(1)), None)
    with pytest.raises(type(failure)):
        asyncio.run(operations.perform(operation, Call(services, own, SYSTEM, "http://router", "/", names)))
    assert meters.refused == {"reads" if isinstance(failure, Overloaded) else "store": 1}
    assert operations.gate.inside == 0


@pytest.mark.parametrize(
    ("failure", "status", "says"),
    [
        (Invalid("what is wrong"), 400, "what is wrong"),
        (UnknownWorkspace(WORKSPACE), 404, "/the/path"),
        (Overloaded("much waits"), 503, "much waits"),
        (StoreUnavailable("it is full"), 503, "it is full"),
        (RuntimeError("secret"), 500, "An error occurred"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_every_failure_is_told(failure: Exception, status: int, says: str) -> None:
    problem, headers = problem_of(failure, "/the/path")
    assert ("Retry-After" in headers) is (status == 503)
    assert problem.status == status and says in problem.message
    assert "secret" not in str(problem.body())
