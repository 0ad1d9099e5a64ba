"""Policies of capability tokens, against the page of the protocol and against a slow, obvious reader of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.bridge.legacy.policies import NO_FILTER, Demand, Filter, Path, Policy, allows, canonical, covers
from pointsman.wire.forms import Pairs

WS, WK, WQ = ("".join((prefix, "0" * 31, "1")) for prefix in ("WS", "WK", "WQ"))
WT, WR = f"WT{'a' * 32}", f"WR{'b' * 32}"
API = "https://taskrouter.twilio.com/v1/"
WORKSPACE = f"{API}Workspaces/{WS}"
WORKER = f"{WORKSPACE}/Workers/{WK}"
ACTIVITY = {"ActivitySid": Demand(required=True)}


def policy(method: str, url: str, allow: bool = True, query: Filter = NO_FILTER, post: Filter = NO_FILTER) -> Policy:
    return Policy(canonical(url), method, allow, query, post)


def ask(policies: Sequence[Policy], method: str, url: str, query: Pairs = (), form: Pairs = ()) -> bool:
    return allows(policies, method, canonical(url), query, form)


@pytest.mark.parametrize(
    ("pattern", "path", "reached"),
    [
        ("Activities", "Activities", True),
        ("Activities", "activities", False),
        ("Activities", "Activities/WA1", False),
        ("Tasks/*", "Tasks/WT1", True),
        ("Tasks/*", "Tasks", False),
        ("Tasks/*", "Tasks/WT1/Reservations", False),
        ("Tasks/**", "Tasks/WT1", True),
        ("Tasks/**", "Tasks/WT1/Reservations/WR1", True),
        ("Tasks/**", "Tasks", False),
        ("Tasks/**", "TaskQueues/WQ1", False),
        ("Tasks/*/Reservations/*", "Tasks/WT1/Reservations/WR1", True),
        ("Tasks/**/Reservations/**", "Tasks/WT1/Reservations/WR1", True),
        ("Tasks/**/Reservations/**", "Tasks/WT1/Reservations", False),
        ("Tasks/**/Reservations/**", "Tasks/Reservations/WR1", False),
        ("**", "Tasks/WT1", True),
        ("*/WT1", "Tasks/WT1", True),
        ("**/**", "Tasks", False),
        ("**/**", "Tasks/WT1", True),
    ],
)
def test_a_star_is_one_segment_and_two_are_any_deeper_path(pattern: str, path: str, reached: bool) -> None:
    """[docs]"""
    assert covers(tuple(pattern.split("/")), tuple(path.split("/"))) is reached


@pytest.mark.parametrize(
    "url",
    [
        WORKER,
        f"{WORKER}/",
        f"{WORKER}?PageSize=5",
        WORKER.replace("taskrouter.twilio.com", "taskrouter.ie1.us1.twilio.com"),
        WORKER.replace("https://taskrouter.twilio.com", "http://127.0.0.1:8080"),
        WORKER.replace("https://taskrouter.twilio.com", "https://example.com/behind/a/proxy"),
        WORKER.replace("Workers", "%57orkers"),
    ],
)
def test_only_the_path_behind_v1_counts_whatever_host_is_named(url: str) -> None:
    """A policy names the public host; a page may have been given another REST base [inferred]."""
    assert ask([policy("GET", WORKER)], "GET", url)
    assert ask([policy("GET", url)], "GET", WORKER)


def test_a_url_without_v1_matches_nothing() -> None:
    assert canonical(f"https://taskrouter.twilio.com/v2/Workspaces/{WS}") == ()
    assert not ask([policy("GET", "https://taskrouter.twilio.com/**")], "GET", WORKER)


def test_the_workspace_clients_ready_url_ends_with_a_slash() -> None:
    """[sdk1]"""
    assert ask([policy("GET", WORKSPACE)], "GET", f"{WORKSPACE}/")


@pytest.mark.parametrize(
    ("method", "granted", "asked", "allowed"),
    [
        ("GET", f"{WORKER}/Reservations/**", f"{WORKER}/Reservations", True),
        ("GET", f"{WORKSPACE}/Tasks/**", f"{WORKSPACE}/Tasks", True),
        ("GET", f"{WORKSPACE}/Tasks/**/Reservations/**", f"{WORKSPACE}/Tasks/{WT}/Reservations", True),
        ("POST", f"{WORKSPACE}/Tasks/**", f"{WORKSPACE}/Tasks", False),
        ("DELETE", f"{WORKSPACE}/Tasks/**", f"{WORKSPACE}/Tasks", False),
        ("GET", f"{WORKER}/**", WORKER, False),
        ("GET", f"{WORKSPACE}/**", WORKSPACE, False),
        ("GET", f"{WORKER}/Reservations/*", f"{WORKER}/Reservations", False),
        ("GET", f"{WORKSPACE}/Tasks/**", f"{WORKSPACE}/Workers", False),
    ],
)
def test_reading_what_is_below_a_collection_is_reading_the_collection(
    method: str, granted: str, asked: str, allowed: bool
) -> None:
    """The worker's default token has no other policy for the list that the SDK asks for first [inferred]."""
    assert ask([policy(method, granted)], method, asked) is allowed


def test_nothing_that_matches_is_a_denial() -> None:
    """[docs]"""
    assert not ask([], "GET", WORKER)
    assert not ask([policy("GET", WORKSPACE)], "GET", WORKER)
    assert not ask([policy("GET", WORKER)], "POST", WORKER)


@pytest.mark.parametrize(
    ("specific", "general"),
    [
        (f"{WORKSPACE}/Tasks/*/Reservations/{WR}", f"{WORKSPACE}/Tasks/{WT}/**"),  # the longer path
        (f"{WORKSPACE}/Tasks/**/Reservations/**", f"{WORKSPACE}/Tasks/{WT}/**"),
        (f"{WORKSPACE}/Tasks/{WT}/Reservations/*", f"{WORKSPACE}/Tasks/*/Reservations/*"),  # a literal before *
        (f"{WORKSPACE}/Tasks/{WT}/Reservations/**", f"{WORKSPACE}/Tasks/*/Reservations/{WR}"),  # from the left
        (f"{WORKSPACE}/Tasks/*/Reservations/*", f"{WORKSPACE}/Tasks/*/Reservations/**"),  # * before **
    ],
)
@pytest.mark.parametrize("allow", [True, False])
def test_the_most_specific_policy_decides(specific: str, general: str, allow: bool) -> None:
    """[docs]; whichever stands first."""
    policies = [policy("GET", specific, allow), policy("GET", general, not allow)]
    asked = f"{WORKSPACE}/Tasks/{WT}/Reservations/{WR}"
    assert ask(policies, "GET", asked) is allow
    assert ask(policies[::-1], "GET", asked) is allow


def test_a_policy_with_a_filter_decides_where_it_matches_and_the_one_without_elsewhere() -> None:
    """[docs]"""
    offline = {"ActivitySid": Demand(required=True, value="WA1")}
    policies = [policy("POST", WORKER), policy("POST", WORKER, allow=False, post=offline)]
    assert not ask(policies, "POST", WORKER, form=[("ActivitySid", "WA1")])
    assert ask(policies, "POST", WORKER, form=[("ActivitySid", "WA2")])
    assert ask(policies, "POST", WORKER, form=[("Attributes", "{}")])


def test_of_two_as_specific_the_one_that_denies_decides() -> None:
    """[ours]"""
    assert not ask([policy("GET", WORKER), policy("GET", WORKER, allow=False)], "GET", WORKER)


@pytest.mark.parametrize(
    ("demands", "sent", "allowed"),
    [
        ({}, [], True),
        ({}, [("Anything", "x")], True),
        (ACTIVITY, [("ActivitySid", "WA1")], True),
        (ACTIVITY, [("ActivitySid", "")], True),
        (ACTIVITY, [], False),
        (ACTIVITY, [("ActivitySid", "WA1"), ("Attributes", "{}")], False),
        (ACTIVITY, [("activitysid", "WA1")], False),
        ({"A": Demand(True, "x")}, [("A", "x")], True),
        ({"A": Demand(True, "x")}, [("A", "y")], False),
        ({"A": Demand(True, "x")}, [], False),
        ({"A": Demand(True, "x")}, [("A", "x"), ("A", "y")], False),
        ({"A": Demand(False)}, [], True),
        ({"A": Demand(False)}, [("A", "x")], True),
        ({"A": Demand(False)}, [("B", "x")], False),
        ({"A": Demand(False, "x")}, [("A", "y")], False),
        ({"A": Demand(True), "B": Demand(False)}, [("A", "1"), ("B", "2")], True),
    ],
)
def test_a_filter_says_what_must_be_sent_and_forbids_the_rest(
    demands: Filter, sent: list[tuple[str, str]], allowed: bool
) -> None:
    """[docs]; the filter of a query goes against queries, that of a post against forms."""
    assert ask([policy("POST", WORKER, post=demands)], "POST", WORKER, form=sent) is allowed
    assert ask([policy("GET", WORKER, query=demands)], "GET", WORKER, query=sent) is allowed
    assert ask([policy("GET", WORKER, post=demands)], "GET", WORKER, query=sent)


# --- the same, slow and obvious -----------------------------------------------------------------------------------


def obviously_covers(pattern: Path, path: Path) -> bool:
    if not pattern or not path:
        return not pattern and not path
    if pattern[0] == "**":
        return any(obviously_covers(pattern[1:], path[count:]) for count in range(1, len(path) + 1))
    return pattern[0] in ("*", path[0]) and obviously_covers(pattern[1:], path[1:])


def obviously_fits(demands: Filter, sent: Pairs) -> bool:
    for name, demand in demands.items():
        values = [text for other, text in sent if other == name]
        if demand.required and not values:
            return False
        if demand.value is not None and any(text != demand.value for text in values):
            return False
    return not demands or all(name in demands for name, _ in sent)


def obviously_before(first: Policy, second: Policy) -> bool:
    if len(first.path) != len(second.path):
        return len(first.path) > len(second.path)
    for one, other in zip(first.path, second.path, strict=True):
        kinds = [0 if each not in ("*", "**") else len(each) for each in (one, other)]
        if kinds[0] != kinds[1]:
            return kinds[0] < kinds[1]
    filtered = [bool(each.query_filter) or bool(each.post_filter) for each in (first, second)]
    if filtered[0] != filtered[1]:
        return filtered[0]
    return not first.allow and second.allow


def obviously_allows(policies: Sequence[Policy], method: str, path: Path, query: Pairs, form: Pairs) -> bool:
    decider: Policy | None = None
    for each in policies:
        reached = obviously_covers(each.path, path)
        if method == "GET" and path[-1] != WT and each.path[-1] == "**":
            reached = reached or obviously_covers(each.path[:-1], path)
        fits = obviously_fits(each.query_filter, query) and (method == "GET" or obviously_fits(each.post_filter, form))
        if each.method == method and reached and fits and (decider is None or obviously_before(each, decider)):
            decider = each
    return decider is not None and decider.allow


PATHS = st.lists(st.sampled_from(["a", "b", WT]), min_size=1, max_size=5).map(tuple)
PATTERNS = st.lists(st.sampled_from(["a", "b", WT, "*", "**"]), min_size=1, max_size=5).map(tuple)
SENT = st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xy")), max_size=3)
FILTERS = st.dictionaries(
    st.sampled_from("AB"), st.builds(Demand, st.booleans(), st.none() | st.sampled_from("xy")), max_size=2
)
METHODS = st.sampled_from(["GET", "POST"])
POLICIES = st.lists(st.builds(Policy, PATTERNS, METHODS, st.booleans(), FILTERS, FILTERS), max_size=6)


@given(PATTERNS, PATHS)
def test_covering_agrees_with_the_slow_matcher(pattern: Path, path: Path) -> None:
    assert covers(pattern, path) == obviously_covers(pattern, path)


@given(POLICIES, METHODS, PATHS, SENT, SENT)
def test_deciding_agrees_with_the_slow_matcher(
    policies: list[Policy], method: str, path: Path, query: Pairs, form: Pairs
) -> None:
    assert allows(policies, method, path, query, form) == obviously_allows(policies, method, path, query, form)
