"""Limits on requests; time is an argument."""

from __future__ import annotations

import pytest

from pointsman.api.rates import Limit, RateLimits, Rates, Verdict, read_rate_limits

FILTERS, ALL = Limit("expression_filters", 3), Limit("requests", 10)


class Asking:
    def __init__(self) -> None:
        self.now_s = 100.0
        self.rates = Rates(lambda: self.now_s)

    def ask(self, *limits: Limit, account: str = "AC1") -> Verdict:
        verdict = self.rates.ask(account, limits)
        assert verdict is not None
        return verdict


def test_a_second_holds_as_many_requests_as_the_limit_says() -> None:
    asking = Asking()
    assert [asking.ask(FILTERS).remaining for _ in range(3)] == [2, 1, 0]
    refused = asking.ask(FILTERS)
    assert (refused.remaining, round(refused.wait_s, 3)) == (0, 0.333)
    assert refused.headers == {
        "X-Rate-Limit-Limit": "3",
        "X-Rate-Limit-Remaining": "0",
        "X-Rate-Limit-Config": "expression_filters;q=3;w=1",
        "Retry-After": "1",
    }


def test_tokens_come_back_evenly_and_never_more_than_a_second_of_them() -> None:
    asking = Asking()
    for _ in range(3):
        asking.ask(FILTERS)
    asking.now_s += 0.34
    assert asking.ask(FILTERS).wait_s == 0
    assert asking.ask(FILTERS).wait_s > 0
    asking.now_s += 3_600
    assert [asking.ask(FILTERS).wait_s > 0 for _ in range(4)] == [False, False, False, True]


def test_over_a_long_time_no_more_pass_than_the_limit_allows() -> None:
    asking = Asking()
    passed = 0
    for _ in range(10_000):
        asking.now_s += 0.01
        passed += not asking.ask(FILTERS).wait_s
    assert passed in (302, 303), "a hundred seconds of three, and the full bucket"


def test_each_account_has_its_own() -> None:
    asking = Asking()
    for _ in range(3):
        asking.ask(FILTERS)
    assert asking.ask(FILTERS).wait_s > 0
    assert asking.ask(FILTERS, account="AC2").wait_s == 0


def test_what_one_limit_refuses_takes_nothing_from_another() -> None:
    asking = Asking()
    for _ in range(3):
        assert asking.ask(ALL, FILTERS).limit == FILTERS, "it has least left"
    for _ in range(20):
        assert asking.ask(ALL, FILTERS).limit == FILTERS
    assert asking.ask(ALL).remaining == 6


def test_a_clock_that_goes_back_gives_nothing() -> None:
    asking = Asking()
    for _ in range(3):
        asking.ask(FILTERS)
    asking.now_s -= 50
    assert asking.ask(FILTERS).wait_s > 0


def test_no_limit_no_verdict() -> None:
    assert Asking().rates.ask("AC1", (Limit("requests", 0),)) is None


def test_settings() -> None:
    settings = {f"rate_limit_{name}_per_second": 0 for name in RateLimits._fields}
    assert read_rate_limits(settings) == RateLimits()
    assert read_rate_limits({**settings, "rate_limit_expression_filters_per_second": 3}).expression_filters == FILTERS
    with pytest.raises(ValueError, match="rate_limit_requests_per_second -1"):
        read_rate_limits({**settings, "rate_limit_requests_per_second": -1})
