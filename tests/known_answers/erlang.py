"""M/M/n: one stream of customers, n servers alike.

Source: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges", 1917; in any textbook as Erlang C. With a = load · n the offered work and rates in services a unit of time:

    The number in the system grows at rate a and shrinks at rate min(k, n), so p(k) = p(0) a^k / k! up to n and
    p(n) (a/n)^(k-n) beyond. A customer waits if he finds n or more (Poisson arrivals see time averages):
    C = p(n) / (1 - a/n) in a world where p sums to 1. Given that, as many are before him as a geometric variable of
    ratio a/n says, and these leave at rate n, so that his wait is exponential of rate n - a.
"""

from __future__ import annotations

import math


def wait_probability(servers: int, work: float) -> float:
    """Erlang C, from the recursion of Erlang B: B(k) = a B(k-1) / (k + a B(k-1))."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = work * blocked / (k + work * blocked)
    return blocked / (1 - work / servers * (1 - blocked))


def mean_wait(servers: int, work: float) -> float:
    return wait_probability(servers, work) / (servers - work)


def wait_exceeds(servers: int, work: float, time: float) -> float:
    """The probability of waiting longer than `time`."""
    return wait_probability(servers, work) * math.exp(-(servers - work) * time)
