"""Any system of typed customers and skilled servers under FCFS-ALIS, from its product form.

Source: I. Adan and G. Weiss, "A skill based parallel service system under FCFS-ALIS", Stochastic Systems 4 (2014);
J. Visschers, I. Adan and G. Weiss, "A product form solution to a system with multi-type jobs and multi-type servers",
Queueing Systems 70 (2012). The derivation for two servers is in docs/concepts/known-answers.md.

A state is (M1, n1, M2, n2, …, Mi, ni; Mi+1, …, MJ): the busy servers in the order in which their customers came, after
each of them how many wait who came next, whom only the servers up to there serve; then the idle ones, the longest idle
last. With U(S) the types that only servers of S serve, C(S) those that some server of S serves, and the rates λ and μ
added over sets:

    π = B · Π over busy j of  λ(U(M1..Mj))^nj / μ(M1..Mj)^(nj+1)  · Π over idle j of  1 / λ(C(Mj..MJ))

The figures need only sums over the n, which are geometric, and over the orders. A factor depends on a set alone, so the
orders of a set are summed by who is its last: J! orders cost 2^J steps.
"""

from __future__ import annotations

from functools import cached_property
from itertools import combinations

from tests.known_answers.systems import System

Servers = frozenset[int]


class ProductForm:
    def __init__(self, system: System) -> None:
        self.system = system
        everybody: Servers = frozenset(range(len(system.servers)))
        sets = [frozenset(each) for size in range(len(everybody) + 1) for each in combinations(sorted(everybody), size)]
        self.all = everybody
        self._busy: dict[Servers, float] = {frozenset(): 1.0}  # the sum over the orders of these, and over the n
        self._idle: dict[Servers, float] = {frozenset(): 1.0}
        self._waits: list[dict[Servers, float]] = [{frozenset(): 0.0} for _ in system.rates]  # of (sum of n/λ) · busy
        for servers in sets[1:]:
            spare = self._spare(servers)
            self._busy[servers] = sum(self._busy[servers - {last}] for last in servers) / spare
            self._idle[servers] = sum(self._idle[servers - {first}] for first in servers) / self._reached(servers)
            for kind, waits in enumerate(self._waits):
                own = self._busy[servers] / spare if kind in self._bound(servers) else 0.0
                waits[servers] = sum(waits[servers - {last}] for last in servers) / spare + own

    def wait_probability(self, kind: int) -> float:
        """A customer waits if all who serve his type are busy (Poisson arrivals see time averages)."""
        return sum(self._weight(busy) for busy in self._busy if kind in self._bound(busy)) / self._total

    def mean_wait(self, kind: int) -> float:
        """By Little: of those who wait after Mj, the share λ(kind)/λ(U(M1..Mj)) is of this type."""
        waits = self._waits[kind]
        return sum(waits[busy] * self._idle[self.all - busy] for busy in waits) / self._total

    def utilization(self, server: int) -> float:
        return sum(self._weight(busy) for busy in self._busy if server in busy) / self._total

    @cached_property
    def _total(self) -> float:
        return sum(self._weight(busy) for busy in self._busy)

    def _weight(self, busy: Servers) -> float:
        return self._busy[busy] * self._idle[self.all - busy]

    def _bound(self, servers: Servers) -> list[int]:
        """The types that only these serve."""
        others = [server.skills for n, server in enumerate(self.system.servers) if n not in servers]
        return [kind for kind in range(len(self.system.rates)) if not any(kind in skills for skills in others)]

    def _spare(self, servers: Servers) -> float:
        """μ(S) - λ(U(S)): the sum over n of λ^n / μ^(n+1) is 1 over this; the mean of n is λ over this."""
        spare = sum(self.system.servers[n].rate for n in servers) - sum(
            self.system.rates[kind] for kind in self._bound(servers)
        )
        assert spare > 0, "the system is not stable"
        return spare

    def _reached(self, servers: Servers) -> float:
        """λ(C(S))."""
        skills = frozenset[int]().union(*(self.system.servers[n].skills for n in servers))
        return sum(self.system.rates[kind] for kind in sorted(skills))
