"""Workflows. Waiting tasks keep the configuration that they entered with, unless they are to be evaluated again."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide.checks import check_name_free, in_order, pick, place
from pointsman.core.engine.state import State
from pointsman.core.errors import InUse, Invalid, NotFound
from pointsman.core.ids import Ids
from pointsman.core.types import Change, Configuration, Gone, Job, Millis, TaskQueue, Workflow
from pointsman.core.workflow.rules import read_rules

RE_EVALUATE = "re-evaluate"


def create(state: State, command: cmd.CreateWorkflow, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    values = command.values
    _check_name(state, values["friendly_name"], None)
    check_configuration(state, values["configuration"])
    no = state.new_no()
    configuration = _new_configuration(state, values["configuration"], now_ms, ids)
    workflow = Workflow(
        no=no,
        sid=ids.sid("WW", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        friendly_name=values["friendly_name"],
        configuration=configuration.no,
        assignment_callback_url=values.get("assignment_callback_url") or None,
        fallback_assignment_callback_url=values.get("fallback_assignment_callback_url") or None,
        task_reservation_timeout_s=values.get("task_reservation_timeout", 120),
    )
    yield ev.WorkflowCreated(workflow=workflow, also=(configuration,), at_ms=now_ms)


def update(state: State, command: cmd.UpdateWorkflow, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    before, values = state.find(Workflow, command.workflow), command.values
    name = values.get("friendly_name", before.friendly_name)
    _check_name(state, name, before)
    also: list[Change] = []
    changes = pick(values, ("friendly_name", "assignment_callback_url", "fallback_assignment_callback_url"))
    for url in ("assignment_callback_url", "fallback_assignment_callback_url"):
        if url in changes:
            changes[url] = changes[url] or None
    if "task_reservation_timeout" in values:
        changes["task_reservation_timeout_s"] = values["task_reservation_timeout"]
    if "configuration" in values:
        check_configuration(state, values["configuration"])
        if values["configuration"] != state.configurations[before.configuration].document:
            configuration = _new_configuration(state, values["configuration"], now_ms, ids)
            changes["configuration"] = configuration.no
            also = [configuration, *_superseded(state, before)]
    if values.get("re_evaluate_tasks") and state.census.of_workflow(before.no).waiting:
        no = state.new_no()
        also.append(
            Job(
                no=no,
                sid=ids.sid("XJ", no),
                created_ms=now_ms,
                updated_ms=now_ms,
                work=RE_EVALUATE,
                subject=before.no,
            )
        )
    if changes or also:
        renamed = name != before.friendly_name
        after = replace(before, **changes, text=before.text + renamed, updated_ms=now_ms)
        yield ev.WorkflowUpdated(workflow=after, also=tuple(also), at_ms=now_ms)


def delete(state: State, command: cmd.DeleteWorkflow, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    workflow = state.find(Workflow, command.workflow)
    if state.census.of_workflow(workflow.no).waiting:
        raise InUse(f"Cannot delete workflow {workflow.sid} because pending or reserved tasks are controlled by it")
    gone = [_gone(state.configurations[workflow.configuration]), *_superseded(state, None)]
    yield ev.WorkflowDeleted(
        workflow=workflow, gone=Gone(no=workflow.no, sid=workflow.sid), also=tuple(gone), at_ms=now_ms
    )


def _superseded(state: State, replaced: Workflow | None) -> list[Gone]:
    """Configurations that nothing follows any longer: old versions without waiting tasks, and, if it has none, the
    one that is replaced now."""
    current = {workflow.configuration for workflow in state.workflows.values() if workflow is not replaced}
    return [
        _gone(configuration)
        for configuration in in_order(state.configurations)
        if configuration.no not in current and not _followed(state, configuration)
    ]


def _followed(state: State, configuration: Configuration) -> bool:
    return bool(state.counts[("configuration", configuration.no)])


def _gone(configuration: Configuration) -> Gone:
    return Gone(no=configuration.no, sid=configuration.sid)


def _new_configuration(state: State, document: str, now_ms: Millis, ids: Ids) -> Configuration:
    no = state.new_no()
    return Configuration(no=no, sid=ids.sid("XC", no), created_ms=now_ms, updated_ms=now_ms, document=document)


def _check_name(state: State, name: str, own: Workflow | None) -> None:
    check_name_free(state, "workflow", name, own, f"Workflow named {name} already exists for {place(state)}")


def check_configuration(state: State, document: str) -> None:
    """Every queue that it names must exist [docs: workflows]."""
    for where, sid in read_rules(document).queues():
        try:
            state.find(TaskQueue, sid)
        except NotFound:
            raise Invalid(
                f"Configuration: {where} names TaskQueue {sid}, which does not exist in {place(state)}"
            ) from None
