"""Who hands a task on, if several had it when its form was opened."""

from __future__ import annotations

import pytest

from pointsman.console.pages.task_moves import _chosen
from pointsman.console.visit import Trouble

ALICE, BOB = {"sid": "WR1", "worker_name": "Alice"}, {"sid": "WR2", "worker_name": "Bob"}


def test_one_of_several_is_chosen_and_a_single_one_needs_no_choice() -> None:
    assert _chosen([ALICE, BOB], "WR2") is BOB
    assert _chosen([ALICE], "") is ALICE
    with pytest.raises(Trouble, match="expected one of those who have the task"):
        _chosen([ALICE, BOB], "")


def test_nobody_hands_on_what_was_chosen_for_another() -> None:
    """Who was chosen has left the task meanwhile."""
    with pytest.raises(Trouble, match="expected one of those who have the task"):
        _chosen([ALICE], "WR2")
    with pytest.raises(Trouble, match="Nobody has accepted the task"):
        _chosen([], "WR2")
