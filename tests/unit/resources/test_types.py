"""What each type accepts, and what it makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.expression import Context
from pointsman.core.limits import Limits
from pointsman.resources.types import (
    Bool,
    Choice,
    Condition,
    FieldType,
    Int,
    Json,
    Numbers,
    Ordering,
    SidOf,
    Text,
    Timestamp,
    Url,
)

ATTRIBUTES = Json("attributes_length_max")
SID = "WA" + "a1" * 16


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Text(), "", ""),
        (Text(5), "héllo", "héllo"),
        (Int(0, 10), " 7 ", 7),
        (Int(0, 10), "010", 10),
        (Bool(), "YES", True),
        (Bool(), "1", True),
        (Bool(), "on", False),
        (Choice("FIFO", "LIFO"), "lifo", "LIFO"),
        (SidOf("WA"), SID, SID),
        (SidOf("WA", clearable=True), "", ""),
        (Timestamp(), "2026-03-02T10:00:00 01:00", 1772442000000),
        (Url(), "https://user:pw@example.com:8443/a?b=c#rc=2", "https://user:pw@example.com:8443/a?b=c#rc=2"),
        (ATTRIBUTES, '{"a":' + "[" * 99 + "]" * 99 + "}", '{"a":' + "[" * 99 + "]" * 99 + "}"),
        (Url(), "http://bücher.example", "http://bücher.example"),
        (Url(), "http://[::1]:1/", "http://[::1]:1/"),
        (Url(), "", ""),
        (ATTRIBUTES, '{ "b": 1, "a": [true, null, "ü/"] }', '{"b":1,"a":[true,null,"ü/"]}'),
        (ATTRIBUTES, '{"n": 123456789012345678901234567890}', '{"n":123456789012345678901234567890}'),
        (Timestamp(), "2026-03-02T09:00:00Z", 1772442000000),
        (Timestamp(), "2026-03-02T10:00:00.5+01:00", 1772442000500),
        (Timestamp(), "2026-03-02", 1772409600000),
        (Timestamp(), "9999-12-31T23:59:59.9999999Z", 253402300799999),
        (Numbers(1, 60, 3), "5", (5,)),
        (Numbers(1, 60, 3), "30, 5,05", (30, 5)),
    ],
)
def test_what_is_valid_becomes_a_typed_value(kind: FieldType, text: str, value: object) -> None:
    """TaskRouter REST, values in requests [oai][inferred]."""
    assert kind.read(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Text(5), "longer"),
        (Text(5, required=True), "  "),
        (Text(), "nul\x00"),
        (Text(pattern=r"[a-z]+"), "no-hyphen"),
        (Int(0, 10), "11"),
        (Int(0, 10), "-1"),
        (Int(0, 10), "1.5"),
        (Int(0, 10), "٣"),
        (Int(0, 10), "1_0"),
        (Int(0, 10), "9" * 4_000),
        (Choice("FIFO", "LIFO"), "SIRO"),
        (SidOf("WA"), "WK" + "a1" * 16),
        (SidOf("WA"), "WAshort"),
        (Url(), "example.com"),
        (Url(), "ftp://example.com"),
        (Url(), "http://example.com/\r\nX-Injected: 1"),
        (Url(), "http://" + "a" * 3_000),
        (Url(), "http:///path"),
        (Url(), "http://:80/"),
        (Url(), "http://user@/"),
        (Url(), "http://x:0/"),
        (Url(), "http://x:99999/"),
        (Url(), "http://x:port/"),
        (Url(), "http://[::1/"),
        (Url(), "http://a..b/"),
        (Url(), "http://a\\@b/"),
        (Url(), "http://<b>/"),
        (Url(), "http://x%00/"),
        (Url(), "http://" + "a" * 64 + ".example/"),
        (ATTRIBUTES, ""),
        (ATTRIBUTES, "{"),
        (ATTRIBUTES, "[1]"),
        (ATTRIBUTES, '"text"'),
        (ATTRIBUTES, '{"a": NaN}'),
        (ATTRIBUTES, '{"a": "' + "x" * 4_096 + '"}'),
        (Json("configuration_bytes_max"), "[" * 50_000),
        (ATTRIBUTES, '{"a":' + "[" * 100 + "]" * 100 + "}"),
        (ATTRIBUTES, '{"a": "\ud800"}'),
        (Timestamp(), "yesterday"),
        (Timestamp(), "2026-13-02T09:00:00Z"),
        (Timestamp(0), "1969-12-31T00:00:00Z"),
        (Timestamp(), "0001-01-01T00:00:00+01:00"),
        (Timestamp(), "9999-12-31T23:59:59-01:00"),
        (Numbers(1, 60, 3), "5,"),
        (Numbers(1, 60, 3), "0"),
        (Numbers(1, 60, 3), "5;10"),
        (Numbers(1, 60, 3), "5,5,5,5"),
    ],
)
def test_what_is_not_says_what_was_expected(kind: FieldType, text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        kind.read(text)
    assert "expected" not in str(refused.value), "the caller adds the name and the word"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_attributes_keep_their_meaning(value: object) -> None:
    """Stored compactly, with the order of their keys: read again they are the same. [routing 1.3, docs: worker]
    [design 7, ours]"""
    import json

    text = json.dumps({"value": value})
    assert list(json.loads(Json("configuration_bytes_max").read(text)).items()) == [("value", value)]


def test_how_long_json_may_be_is_the_operators_choice() -> None:
    text = '{"a": "too long"}'
    assert ATTRIBUTES.read(text)
    with pytest.raises(ValueError, match="at most 10 characters; it has 17"):
        ATTRIBUTES.read(text, Limits(attributes_length_max=10))
    with pytest.raises(ValueError, match="at most 10 bytes"):
        Json("configuration_bytes_max").read('{"ü":"ü"}', Limits(configuration_bytes_max=10))


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("DateStatusChanged:asc", (("date_status_changed", False),)),
        ("datestatuschanged:DESC", (("date_status_changed", True),)),
        ("Priority:desc, DateStatusChanged", (("priority", True), ("date_status_changed", False))),
    ],
)
def test_an_ordering_is_names_with_directions(text: str, pairs: tuple[tuple[str, bool], ...]) -> None:
    assert Ordering(("date_status_changed", "priority")).read(text) == pairs


@pytest.mark.parametrize("text", ["Height:asc", "Priority:up", "Priority:asc,Priority:desc", ","])
def test_what_is_no_ordering_says_what_is(text: str) -> None:
    """[routing 4.10, oai]"""
    kind = Ordering(("priority", "date_created", "age"), frozenset({"date_created", "age"}))
    with pytest.raises(ValueError, match="Priority or DateCreated or Age, then :asc or :desc"):
        kind.read(text)
    with pytest.raises(ValueError, match="not Age with DateCreated"):
        kind.read("DateCreated:asc,Age:desc")


def test_a_condition_says_where_it_is_wrong() -> None:
    assert Condition(Context.QUEUE).read("level > 3").matches(None, {"level": 4}, None, None)
    with pytest.raises(ValueError, match="column 7"):
        Condition(Context.QUEUE).read("level &")
