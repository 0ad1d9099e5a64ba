"""Failed logins: how many, from whom, and for how long. Time is an argument."""

from __future__ import annotations

import pytest

from pointsman.operations import throttle
from pointsman.operations.throttle import FailedLogins

HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_so_many_at_once_and_then_one_for_each_share_of_the_minute(clock: Clock) -> None:
    failed = FailedLogins(30, clock)
    assert [failed.count(HERE) for _ in range(30)] == [None] * 30
    assert failed.count(HERE) == 2
    clock.now_s += 1.5
    assert failed.count(HERE) == 1, "rounded up: who waits so long finds room"
    clock.now_s += 0.5
    assert failed.count(HERE) is None
    assert failed.count(HERE) == 2


@pytest.mark.parametrize("per_minute", [1, 7, 30, 59, 1_000])
def test_after_a_quiet_minute_all_of_them_are_there_again(clock: Clock, per_minute: int) -> None:
    failed = FailedLogins(per_minute, clock)
    for _ in range(3):
        assert [failed.count(HERE) for _ in range(per_minute)] == [None] * per_minute
        assert failed.count(HERE) is not None
        clock.now_s += 60


def test_what_is_refused_is_not_counted_again(clock: Clock) -> None:
    """Hammering does not lengthen the wait."""
    failed = FailedLogins(1, clock)
    failed.count(HERE)
    assert {failed.count(HERE) for _ in range(100)} == {60}


def test_each_address_for_itself(clock: Clock) -> None:
    failed = FailedLogins(1, clock)
    failed.count(HERE)
    assert failed.count(HERE) == 60
    assert failed.count(THERE) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("a" * 64, "a" * 64 + "b"),
    ],
)
def test_addresses_that_one_client_can_have_are_one(clock: Clock, one: str, other: str) -> None:
    """Of IPv6 a customer has 64 bits to choose from."""
    failed = FailedLogins(1, clock)
    failed.count(one)
    assert failed.count(other) == 60
    assert failed.count("2001:db8:0:1::1") is None


def test_zero_means_no_limit(clock: Clock) -> None:
    failed = FailedLogins(0, clock)
    assert {failed.count(HERE) for _ in range(1_000)} == {None}
    assert len(failed) == 0


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number; and who has paid is forgotten with the next failure of anybody."""
    monkeypatch.setattr(throttle, "ADDRESSES_MAX", 100)
    failed = FailedLogins(1, clock)
    for n in range(1_000):
        failed.count(f"10.0.{n // 256}.{n % 256}")
    assert len(failed) == 100
    clock.now_s += 61
    failed.count(HERE)
    assert len(failed) == 1
