"""Capability tokens, as the official libraries and some applications make them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.jwt.taskrouter.capabilities import (
    TaskQueueCapabilityToken,
    WorkerCapabilityToken,
    WorkspaceCapabilityToken,
)

from pointsman.bridge.legacy.policies import Demand, allows, canonical
from pointsman.bridge.legacy.tokens import LENGTH_MAX, BadToken, Capability, ExpiredToken, read_token
from pointsman.bridge.tokens import CLOCK_SKEW_MS

AC, WS, WK, WQ = (f"{prefix}{'0' * 31}1" for prefix in ("AC", "WS", "WK", "WQ"))
KEY, OTHER = "k" * 32, "o" * 32
NOW_S = 1_800_000_000
URL = f"https://taskrouter.twilio.com/v1/Workspaces/{WS}"
CLAIMS: dict[str, Any] = {
    "version": "v1",
    "iss": AC,
    "account_sid": AC,
    "workspace_sid": WS,
    "channel": WK,
    "worker_sid": WK,
    "friendly_name": WK,
    "exp": NOW_S + 3_600,
    "policies": [{"url": f"{URL}/Workers/{WK}", "method": "GET", "allow": True, "query_filter": {}, "post_filter": {}}],
}


def made(algorithm: str = "HS256", key: str = KEY, **claims: Any) -> str:
    """A token of `CLAIMS` with these instead; None leaves one out."""
    merged = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(merged, key, algorithm=algorithm)


def read(text: str, now_s: int = NOW_S) -> Capability:
    return read_token(text, [KEY, OTHER], now_s * 1_000)  # type: ignore[arg-type]


def test_either_token_of_the_account_may_have_signed_it() -> None:
    first, second = read(made()), read(made(key=OTHER))
    assert first.signer != second.signer
    assert first._replace(signer=second.signer) == second
    with pytest.raises(BadToken, match="not signed with an auth token"):
        read(made(key="x" * 32))
    with pytest.raises(BadToken, match="not signed with an auth token"):
        read_token(made(), [], NOW_S * 1_000)  # type: ignore[arg-type]


def test_it_says_whose_it_is_until_when_and_what_it_allows() -> None:
    capability = read(made())
    assert capability[:4] == (AC, WS, WK, (NOW_S + 3_600) * 1_000)
    assert allows(capability.policies, "GET", canonical(f"{URL}/Workers/{WK}"))


@pytest.mark.parametrize("more", [{"friendly_name": None}, {"friendly_name": "Ana"}, {"iat": NOW_S + 9_999}])
def test_libraries_differ_in_order_and_in_claims_that_nobody_reads(more: dict[str, Any]) -> None:
    """[helper]"""
    turned = dict(reversed((CLAIMS | more).items()))
    text = jwt.encode({name: value for name, value in turned.items() if value is not None}, KEY, algorithm="HS256")
    assert read(text) == read(made())


def test_it_is_good_until_its_last_second() -> None:
    read(made(), NOW_S + 3_599)
    with pytest.raises(ExpiredToken):
        read(made(), NOW_S + 3_600)
    read(made(exp=NOW_S + 0.5))
    with pytest.raises(BadToken, match="no exp"):
        read(made(exp=None))


def test_the_clock_of_its_maker_may_be_a_little_ahead() -> None:
    """The Python library always sets nbf to now [helper]."""
    read(made(nbf=NOW_S + CLOCK_SKEW_MS // 1_000))
    with pytest.raises(BadToken, match="not valid yet"):
        read(made(nbf=NOW_S + CLOCK_SKEW_MS // 1_000 + 1))


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"account_sid": None}, "account_sid is not a sid: expected AC"),
        ({"account_sid": 7}, "account_sid is not a sid"),
        ({"workspace_sid": "WS1"}, "workspace_sid is not a sid"),
        ({"channel": None}, "channel is not a sid: expected WK or WQ or WS"),
        ({"channel": AC}, "channel is not a sid"),
        ({"channel": f"WS{'9' * 32}"}, "not its workspace_sid"),
        ({"iss": f"AC{'9' * 32}"}, "iss is not its account_sid"),
        ({"exp": "soon"}, "exp is not a number"),
        ({"exp": True}, "exp is not a number"),
        ({"exp": 10**300}, "exp is not a number"),
        ({"nbf": []}, "nbf is not a number"),
        ({"policies": "all"}, "policies are not a list"),
        ({"policies": ["all"]}, "Policy 1 of the token is not an object"),
        ({"policies": [{"url": URL}]}, "Policy 1 of the token is not an object with url and method"),
        ({"policies": [{"url": "https://[", "method": "GET"}]}, "Policy 1 of the token can't be read"),
        ({"policies": [{"url": URL, "method": "GET"}] * 201}, "too many policies"),
        ({"policies": [{"url": URL, "method": "GET", "query_filter": "x"}]}, "a filter is an object"),
        ({"policies": [{"url": URL, "method": "GET", "post_filter": {"A": 1}}]}, "the filter of A is neither"),
        ({"policies": [{"url": URL, "method": "GET", "post_filter": {"A": {"required": "no"}}}]}, "the filter of A"),
        ({"friendly_name": "x" * LENGTH_MAX}, "too long"),
    ],
)
def test_a_token_that_does_not_say_what_it_must_is_refused_with_the_reason(claims: dict[str, Any], why: str) -> None:
    with pytest.raises(BadToken, match=why):
        read(made(**claims))


HS384 = made("HS384", "k" * 48)
DEEP = urlsafe_b64encode(b'{"a":' + b"[" * 20_000).decode().rstrip("=") + ".e30.AAAA"


def unsigned(header: dict[str, Any]) -> str:
    parts = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, CLAIMS)]
    return ".".join([*parts, ""])


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b", "a.b.c", "....", "é.é.é", unsigned({"alg": "none"}), unsigned({"alg": "HS256"}), HS384, DEEP],
)
def test_what_is_no_such_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read(text)


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda data: data.decode("latin-1")))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read(text)


@pytest.mark.parametrize("empty", [{}, [], None])
def test_an_empty_filter_may_be_spelled_in_the_way_of_any_language(empty: object) -> None:
    row = {"url": URL, "method": "get", "allow": True, "query_filter": empty, "post_filter": empty}
    policy = read(made(policies=[row])).policies[0]
    assert (policy.method, policy.query_filter, policy.post_filter) == ("GET", {}, {})


def test_a_filter_may_demand_in_three_ways() -> None:
    """[docs]"""
    demands = {"A": "x", "B": {"required": True}, "C": {"required": True, "value": "x"}, "D": {"required": False}}
    row = {"url": URL, "method": "POST", "allow": True, "post_filter": demands}
    assert read(made(policies=[row])).policies[0].post_filter == {
        "A": Demand(True, "x"),
        "B": Demand(True),
        "C": Demand(True, "x"),
        "D": Demand(False),
    }


def test_only_true_allows() -> None:
    """`allow` missing means false [docs]."""
    for given_ in ({}, {"allow": None}, {"allow": False}, {"allow": "true"}, {"allow": 1}):
        assert not read(made(policies=[{"url": URL, "method": "GET", **given_}])).policies[0].allow


# --- the official Python library ----------------------------------------------------------------------------------


def library(token: Any) -> Capability:
    return read_token(token.to_jwt(), [KEY], token.payload["exp"] * 1_000 - 1_000)


def test_the_python_library_makes_a_workers_token() -> None:
    policies = library(WorkerCapabilityToken(AC, KEY, WS, WK)).policies
    reservations, task = f"{URL}/Workers/{WK}/Reservations", f"{URL}/Tasks/WT{'a' * 32}"
    for url in (f"{URL}/Workers/{WK}", reservations, f"{reservations}/WR1", task, f"{task}/Reservations/WR1"):
        assert allows(policies, "GET", canonical(url)), url
    assert allows(policies, "GET", canonical(f"{URL}/Activities"))
    assert allows(policies, "POST", canonical(f"https://event-bridge.twilio.com/v1/wschannels/{AC}/{WK}"))
    for method, url in (("POST", task), ("POST", f"{URL}/Workers/{WK}"), ("GET", f"{URL}/Workers")):
        assert not allows(policies, method, canonical(url)), url


def test_the_python_library_grants_activity_and_reservation_updates() -> None:
    token = WorkerCapabilityToken(AC, KEY, WS, WK, allow_update_activities=True, allow_update_reservations=True)
    policies, worker = library(token).policies, canonical(f"{URL}/Workers/{WK}")
    assert allows(policies, "POST", worker, form=[("ActivitySid", "WA1")])
    assert not allows(policies, "POST", worker, form=[("ActivitySid", "WA1"), ("Attributes", "{}")])
    assert allows(policies, "POST", canonical(f"{URL}/Tasks/WT1/Reservations/WR1"))


def test_the_python_library_makes_tokens_of_queues_and_workspaces() -> None:
    queue = library(TaskQueueCapabilityToken(AC, KEY, WS, WQ))
    assert queue.channel == WQ
    assert allows(queue.policies, "GET", canonical(f"{URL}/TaskQueues/{WQ}"))
    every = {f"allow_{verb}_{what}": True for verb in ("update", "delete") for what in ("self", "subresources")}
    workspace = library(WorkspaceCapabilityToken(AC, KEY, WS, **every))
    assert workspace.channel == WS
    assert allows(workspace.policies, "POST", canonical(f"{URL}/Tasks"))
    assert allows(workspace.policies, "DELETE", canonical(URL))
    assert not allows(workspace.policies, "GET", canonical(f"{URL}/Tasks"))
