"""Our bodies beside the published samples."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core.engine.view import View
from pointsman.core.types import Entity
from pointsman.resources import RESOURCES, Resource
from pointsman.wire.bodies import render
from tests.spec import ABSENT, SPEC
from tests.world import World

BASE = "https://taskrouter.twilio.com"
SAMPLES = {
    "workspace": "workspaces",
    "activity": "activities",
    "task_channel": "task_channels",
    "worker": "workers",
    "worker_channel": "worker_channels",
    "worker_reservation": "worker_reservations",
    "task_queue": "task_queues",
    "workflow": "workflows",
    "task": "tasks",
    "task_reservation": "task_reservations",
}

pytestmark = pytest.mark.skipif(not SPEC.is_dir(), reason=ABSENT)


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.worker("Alice")
    queue = world.queue("all")
    world.workflow(("1==1", queue))
    world.task()
    return world


def example(world: World, resource: Resource) -> Entity:
    if resource.name == "workspace":
        return world.state.workspace
    return next(iter(world.state.table(resource.kind).values()))


def shape(value: Any) -> Any:
    return sorted(value) if isinstance(value, dict) else None


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_a_body_has_the_keys_of_the_sample(world: World, resource: Resource) -> None:
    """[sample]: the same keys, and the same links."""
    sample = json.loads((SPEC / "samples" / f"{SAMPLES[resource.name]}.fetch.json").read_text())
    body = render(resource, View(world.state, world.state.now_ms), example(world, resource), BASE)
    assert set(body) == set(sample)
    assert shape(body.get("links")) == shape(sample.get("links"))


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_urls_have_the_shape_of_the_sample(world: World, resource: Resource) -> None:
    sample = json.loads((SPEC / "samples" / f"{SAMPLES[resource.name]}.fetch.json").read_text())
    body = render(resource, View(world.state, world.state.now_ms), example(world, resource), BASE)

    def segments(url: str | None) -> list[str] | None:
        return None if url is None else [part for part in url.split("/") if len(part) != 34]

    assert segments(body["url"]) == segments(sample["url"])
    for name, url in (body.get("links") or {}).items():
        if url is not None and sample["links"][name] is not None:
            assert segments(url) == segments(sample["links"][name]), name
