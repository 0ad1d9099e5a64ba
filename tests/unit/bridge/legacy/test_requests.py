"""What a page asks, as the SDK writes it and as nobody should."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.bridge.legacy.requests import Asked, read_request
from pointsman.core.errors import Invalid

URL = "https://taskrouter.twilio.com/v1/Workspaces/WS1/Workers/WK1"


def asked(**row: Any) -> Asked:
    return read_request(msgspec.json.encode({"url": URL, "method": "GET", "token": "t"} | row))


def test_a_request_names_a_url_of_the_rest_api() -> None:
    request = asked(method="POST", params={"ActivitySid": "WA1", "Attributes": '{"shift":"late"}'})
    assert request == Asked(
        method="POST",
        base="https://taskrouter.twilio.com",
        segments=("Workspaces", "WS1", "Workers", "WK1"),
        query=[],
        form=[("ActivitySid", "WA1"), ("Attributes", '{"shift":"late"}')],
        token="t",
        event_type=None,
    )
    assert request.path == "/v1/Workspaces/WS1/Workers/WK1"


def test_the_params_of_a_get_are_its_query() -> None:
    """[sdk1]"""
    assert asked(params={"ReservationStatus": "pending"}).query == [("ReservationStatus", "pending")]


def test_a_page_is_followed_by_its_url() -> None:
    """`next_page_url` comes back as it was [sdk1]; params that repeat a name of it win."""
    url = f"{URL}?PageSize=2&PageToken=PAx&Name=a%20b"
    assert asked(url=url).query == [("PageSize", "2"), ("PageToken", "PAx"), ("Name", "a b")]
    assert asked(url=url, params={"PageSize": 5}).query == [("PageToken", "PAx"), ("Name", "a b"), ("PageSize", "5")]
    posted = asked(url=f"{URL}?a=b", method="POST", params={"a": "c"})
    assert (posted.query, posted.form) == ([("a", "b")], [("a", "c")])


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("text", "text"),
        ("", ""),
        (5, "5"),
        (0.5, "0.5"),
        (True, "true"),
        (False, "false"),
        ({"skills": ["es"]}, '{"skills":["es"]}'),
        ({}, "{}"),
        (["a", 1], '["a",1]'),
    ],
)
def test_a_value_is_spelled_as_a_form_would(value: Any, spelled: str) -> None:
    """Objects too: `create` leaves them to the server [sdk1]."""
    assert asked(method="POST", params={"A": value}).form == [("A", spelled)]


def test_null_is_absent() -> None:
    """[sdk1]"""
    assert asked(method="POST", params={"A": None, "B": "x"}).form == [("B", "x")]
    assert asked(params=None).query == []
    assert asked(event_type=None).event_type is None


def test_the_base_is_what_stands_before_v1() -> None:
    assert asked(url="http://localhost:8080/v1/Workspaces").base == "http://localhost:8080"
    assert asked(url="https://example.com/router/v1/Workspaces/WS1/").base == "https://example.com/router"
    assert asked(url="https://example.com/router/v1/Workspaces/WS1/").path == "/v1/Workspaces/WS1"


def test_a_separator_can_not_be_hidden_from_policies() -> None:
    """What is compared with policies and what is done are one path."""
    assert asked(url=f"{URL}%2FReservations").segments[-1] == "Reservations"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"url": None}, "Invalid url: expected a text"),
        ({"url": "Workspaces/WS1"}, "Invalid url: expected an absolute http or https URL"),
        ({"url": "/v1/Workspaces/WS1"}, "Invalid url"),
        ({"url": "ftp://x/v1/Workspaces"}, "Invalid url"),
        ({"url": "https://taskrouter.twilio.com/v2/Workspaces"}, "Invalid url"),
        ({"url": "https://taskrouter.twilio.com/v1/"}, "Invalid url"),
        ({"url": "https://taskrouter.twilio.com%2Fv1/Workspaces"}, "Invalid url"),
        ({"url": "https://[/v1/Workspaces"}, "Invalid url"),
        ({"url": f"{URL}?a=%ff"}, "Invalid url"),
        ({"url": URL + "x" * 20_000}, "Invalid url"),
        ({"method": "PATCH"}, "Invalid method: expected one of GET, POST, DELETE"),
        ({"method": 1}, "Invalid method"),
        ({"params": [1]}, "Invalid params: expected an object"),
        ({"params": "a=b"}, "Invalid params"),
        ({"params": {str(number): 1 for number in range(1_001)}}, "Too many params"),
        ({"token": 5}, "Invalid token: expected a text"),
    ],
)
def test_what_is_wrong_is_said(row: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        asked(**row)


@pytest.mark.parametrize("body", [b"", b"url=x", b"[]", b"null", b'"x"', b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match="The request is not"):
        read_request(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        name: JSON | st.just(URL) | st.just("GET") for name in ("url", "method", "params", "token", "event_type")
    },
)


@given(st.binary(max_size=60) | ROWS.map(msgspec.json.encode))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        read_request(body)
    except Invalid as problem:
        assert str(problem)
