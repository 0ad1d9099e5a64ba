"""Whether what is there fits the quickstart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.cli.client import Row
from pointsman.cli.quickstart_parts import FLOW, QUEUES, Wish, configuration, differences

WISH = Wish("Quickstart", None, single_tasking=False)
SIDS = {name: f"WQ{at}" for at, name in enumerate(QUEUES)}
There = dict[tuple[str, str], Row]


def there(**changes: Any) -> There:
    """As the quickstart makes it, but for `changes`."""
    document = changes.get("document", configuration(SIDS))
    expressions = changes.get("expressions", QUEUES)
    found: There = {
        ("task_queue", name): {"sid": SIDS[name], "target_workers": expressions[name]} for name in expressions
    }
    found[("worker", "Alice")] = {"attributes": changes.get("alice", '{"languages":["en","es"]}')}
    found[("activity", "WrapUp")] = {"available": changes.get("available", False)}
    found[("workflow", FLOW)] = {"configuration": document}
    return found


def edited(text: str, other: str) -> str:
    document = configuration(SIDS)
    assert json.dumps(text)[1:-1] in document
    return document.replace(json.dumps(text)[1:-1], json.dumps(other)[1:-1])


def test_what_it_made_itself_fits() -> None:
    """And so does what people have tuned."""
    assert [*differences({"multi_task_enabled": True}, there(), WISH)] == []
    tuned = there(
        alice='{"languages":["en","es"],"contact_uri":"+1555"}',
        expressions={name: text.replace('"', "'").replace(" ", "  ") for name, text in QUEUES.items()},
        document=edited('selected_language == "es"', "selected_language=='es'"),
    )
    assert [*differences({"multi_task_enabled": True}, tuned, WISH)] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"available": True}, "its activity WrapUp is an available one"),
        ({"alice": '{"languages":["en"]}'}, "its worker Alice has other languages"),
        ({"alice": "{}"}, "its worker Alice has other languages"),
        (
            {"expressions": {**QUEUES, "Customer Care Requests - Spanish": "1 == 1"}},
            "its queue Customer Care Requests - Spanish has another expression",
        ),
        ({"document": '{"task_routing":{}}'}, f"its workflow {FLOW} has other filters"),
        ({"document": edited("WQ1", "WQ7")}, f"its workflow {FLOW} has other filters"),
    ],
)
def test_what_the_journey_could_not_bear(changes: dict[str, Any], said: str) -> None:
    """A line for each."""
    assert [*differences({"multi_task_enabled": True}, there(**changes), WISH)] == [said]


def test_the_kind_of_workspace_must_be_the_same() -> None:
    """Since one can't be made into the other."""
    single = WISH._replace(single_tasking=True)
    assert [*differences({"multi_task_enabled": False}, {}, single)] == []
    assert len([*differences({"multi_task_enabled": True}, {}, single)]) == 1
    assert len([*differences({"multi_task_enabled": False}, {}, WISH)]) == 1
