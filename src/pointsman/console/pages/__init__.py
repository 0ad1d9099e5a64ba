"""The pages, in the order of the navigation. A new one is a module here and a line below."""

from pointsman.console.pages import (
    activities,
    deliveries,
    desk,
    events,
    overview,
    settings,
    statistics,
    task_channels,
    task_queues,
    tasks,
    workers,
    workflows,
    workspace_settings,
    workspaces,
)
from pointsman.console.routes import Section

SECTIONS: tuple[Section, ...] = (
    workspaces.SECTION,
    overview.SECTION,
    tasks.SECTION,
    workers.SECTION,
    task_queues.SECTION,
    workflows.SECTION,
    activities.SECTION,
    task_channels.SECTION,
    statistics.SECTION,
    events.SECTION,
    deliveries.SECTION,
    desk.SECTION,
    workspace_settings.SECTION,
    settings.SECTION,
)
