"""The cases of the conformance suites: a workspace is filled, read in every way, worked in, and emptied again.

Each chapter calls operations of one resource, with every parameter that a library takes, and builds on what the
chapters before it made (`the.ana` is the worker Ana). What a result must be beyond its shape and what was set is said
where it is called. Sources: TaskRouter REST, the sections of the resources.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.acceptance.cases import configuration, endings, history, telephone, work
from tests.acceptance.suite import Place

CHAPTERS: tuple[Callable[[Place], None], ...] = (
    configuration.workspaces,
    configuration.activities,
    configuration.task_channels,
    configuration.task_queues,
    configuration.workflows,
    configuration.workers,
    configuration.queues_by_their_workers,
    configuration.worker_channels,
    work.tasks,
    work.lists_of_tasks,
    work.re_evaluation,
    work.reservations,
    telephone.telephone,
    work.going_away,
    history.events,
    history.statistics_of_the_workspace,
    history.statistics_of_workflows,
    history.statistics_of_queues,
    history.statistics_of_many_queues,
    history.statistics_of_workers,
    endings.endings,
)
