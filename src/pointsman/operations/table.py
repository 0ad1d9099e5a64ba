"""Every operation that is declared, with what answers it; and every way in which one can fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog

from pointsman.core.errors import Rejected
from pointsman.core.types import Role
from pointsman.meters import Meters
from pointsman.operations import accounts, desks, explanations, general, lint, logs, memberships, statistics, what_if
from pointsman.operations.call import Call, Caller, Refused, Reply, Services, workspace_in
from pointsman.operations.directory import Directory
from pointsman.operations.gate import Gate
from pointsman.operations.paths import Paths
from pointsman.ports import Overloaded, StoreUnavailable, UnknownWorkspace
from pointsman.resources import OPERATIONS, RESOURCES, Operation
from pointsman.wire import errors
from pointsman.wire.errors import Problem

log = structlog.get_logger()
Handler = Callable[[Call], Awaitable[Reply]]
HANDLERS: dict[tuple[str, str], Handler] = {
    **{(resource.name, name): made for resource in RESOURCES for name, made in general.handlers(resource).items()},
    **lint.HANDLERS,
    **logs.HANDLERS,
    **statistics.HANDLERS,
    **explanations.HANDLERS,
    **memberships.HANDLERS,
    **what_if.HANDLERS,
}


class Operations:
    """What can be asked for, whichever door it comes through."""

    def __init__(self, services: Services, directory: Directory, meters: Meters | None = None) -> None:
        self.services = services
        self._meters = meters or Meters()
        self.gate = Gate(self._meters)
        self._handlers = HANDLERS | accounts.handlers(directory) | desks.handlers(directory)
        self._paths: Paths[dict[str, Operation]] = Paths()
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in OPERATIONS:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        for path, methods in by_path.items():
            self._paths.add(path, methods)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation that a path and its method name, and what the path says by name.

        Raises: `Refused` (404, 405).
        """
        found = self._paths.find(path)
        if found is None:
            raise Refused(errors.not_found(path))
        methods, names = found
        if method not in methods:
            raise Refused(errors.method_not_allowed(method, path))
        return methods[method], names

    def check(self, operation: Operation, caller: Caller, names: Mapping[str, str]) -> None:
        """Whether the caller may ask this at all. Raises: `UnknownWorkspace`, if it is of another account; `Refused`
        (403), if he may only look, or do a worker's work alone."""
        if of_workspace(operation):
            workspace = workspace_in(names)
            if self.services.router.account_of(workspace) != caller.account.sid:
                raise UnknownWorkspace(workspace)
        if operation.changes and caller.role is Role.VIEWER:
            raise Refused(errors.forbidden("This API key may look, and change nothing: its role is viewer"))
        if caller.worker is not None:
            desks.check(operation, caller.worker, names)

    async def answer(self, operation: Operation, call: Call) -> Reply:
        """What was let in and checked. Raises: whatever `problem_of` knows how to tell."""
        try:
            if call.caller.worker is not None:
                await desks.check_call(operation, call.caller.worker, call)
            return await self._handlers[operation.resource, operation.name](call)
        except Overloaded as problem:
            self._meters.refused[problem.of] += 1
            raise
        except StoreUnavailable:
            self._meters.refused["store"] += 1
            raise

    async def perform(self, operation: Operation, call: Call) -> Reply:
        """Let in, check and answer. Raises: whatever `problem_of` knows how to tell."""
        with self.gate:
            self.check(operation, call.caller, call.names)
            return await self.answer(operation, call)


def of_workspace(operation: Operation) -> bool:
    return "/Workspaces/{" in operation.path


def problem_of(failure: Exception, path: str) -> tuple[Problem, dict[str, str]]:
    """How a failure is told, and in which headers besides. One that nobody foresaw is logged, with its traceback."""
    if isinstance(failure, Refused):
        return failure.problem, failure.headers
    if isinstance(failure, Rejected):
        return errors.refusal(failure, path), {}
    if isinstance(failure, UnknownWorkspace):
        return errors.not_found(path), {}
    if isinstance(failure, Overloaded):
        return errors.unavailable(str(failure)), errors.RETRY_AFTER
    if isinstance(failure, StoreUnavailable):
        return errors.unavailable(f"The database can't be used now: {failure}"), errors.RETRY_AFTER
    log.error("request_failed", path=path, exc_info=failure)
    return errors.INTERNAL, {}
