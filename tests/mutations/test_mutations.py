"""Every fault that is planted in the engine is noticed (`scripts/test --long mutations`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutations.faults import FAULTS, Fault
from tests.mutations.planting import SOURCE, WATCHES, Watch, first_to_notice, noticed, planted


def test_there_are_enough_faults_and_each_has_its_name() -> None:
    assert len(FAULTS) >= 30
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_still_fits_the_source(fault: Fault, tmp_path: Path) -> None:
    """Whoever changes the line changes the fault."""
    copy = planted(fault, tmp_path)
    changed = (copy / "pointsman" / "core" / fault.file).read_text()
    assert changed != (SOURCE / "pointsman" / "core" / fault.file).read_text()
    compile(changed, fault.file, "exec")


@pytest.mark.parametrize("watch", WATCHES, ids=lambda watch: watch.name)
def test_without_a_fault_nothing_is_noticed(watch: Watch, request: pytest.FixtureRequest) -> None:
    """Else all the others would mean nothing."""
    if not request.config.getoption("--long"):
        pytest.skip("takes minutes: scripts/test --long mutations")
    assert not noticed(SOURCE, watch)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_noticed(fault: Fault, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("takes minutes: scripts/test --long mutations")
    who = first_to_notice(fault, tmp_path)
    print(f"noticed by: {who}")
    assert who is not None
