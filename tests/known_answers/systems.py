"""Systems whose answers are known: types of customers, servers with skills, and who of several idle servers is taken.

Customers of each type come in a Poisson stream; the first come is the first served; a server works at a rate of its
own, and what a customer needs of it is exponential. Rates are per unit of time, which is 100 seconds of the engine's
clock: long beside its milliseconds, short beside the 24 hours that a task may live.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

UNIT_MS = 100_000


class Idle(Enum):
    """Which of several idle servers takes a new customer."""

    SINCE_LAST_CALL = "alis"  # the one whose last service ended first: "assign to the longest idle server"
    SINCE_LAST_OFFER = "engine"  # the one whose last service began first: the engine's own order


class Server(NamedTuple):
    name: str
    skills: frozenset[int]  # the types that it serves
    rate: float = 1.0


class System(NamedTuple):
    rates: tuple[float, ...]  # of arrival, by type
    servers: tuple[Server, ...]
    idle: Idle = Idle.SINCE_LAST_OFFER


class Customer(NamedTuple):
    no: int
    came_ms: int
    type: int
    need: float  # of mean 1; the service takes this divided by the server's rate

    def service_ms(self, server: Server) -> int:
        return round(self.need / server.rate * UNIT_MS)


class Served(NamedTuple):
    """What became of a customer."""

    customer: Customer
    server: int
    wait_ms: int

    @property
    def wait(self) -> float:
        return self.wait_ms / UNIT_MS


def customers(system: System, seed: int, count: int) -> Iterator[Customer]:
    """The first `count` customers; the same for each system with these rates of arrival."""
    draw = random.Random(seed)
    total, at, types = sum(system.rates), 0.0, range(len(system.rates))
    for no in range(count):
        at += draw.expovariate(total)
        (kind,) = draw.choices(types, system.rates)
        yield Customer(no, round(at * UNIT_MS), kind, draw.expovariate(1.0))


def one_skill(count: int, load: float) -> System:
    """M/M/n."""
    return System((count * load,), tuple(Server(f"server {n}", frozenset({0})) for n in range(count)))


def n_model(
    rates: tuple[float, float], dedicated: float, flexible: float, idle: Idle, pools: tuple[int, int] = (1, 1)
) -> System:
    """Servers D serve type 0 alone, servers F both types; their rates, and how many there are of each."""
    servers = [Server(f"D{n}", frozenset({0}), dedicated) for n in range(pools[0])]
    servers += [Server(f"F{n}", frozenset({0, 1}), flexible) for n in range(pools[1])]
    return System(rates, tuple(servers), idle)


def skilled(types: int, servers_each: int, load: float, skills_each: int) -> System:
    """So many servers with skills k, k+1, …, k+skills_each-1 around the circle of types, for each k."""
    servers = tuple(
        Server(f"server {n}-{k}", frozenset((k + more) % types for more in range(skills_each)))
        for k in range(types)
        for n in range(servers_each)
    )
    return System((load * servers_each,) * types, servers, Idle.SINCE_LAST_CALL)
