"""What each type accepts, and what it makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.resources.types import Bool, Choice, FieldType, Int, Json, SidOf, Text, Timestamp, Url

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
        (SidOf("WA"), "", ""),
        (Url(), "https://user:pw@example.com:8443/a?b=c#rc=2", "https://user:pw@example.com:8443/a?b=c#rc=2"),
        (Url(), "", ""),
        (Json(100), '{ "b": 1, "a": [true, null, "ü/"] }', '{"b":1,"a":[true,null,"ü/"]}'),
        (Json(100), '{"n": 123456789012345678901234567890}', '{"n":123456789012345678901234567890}'),
        (Timestamp(), "2026-03-02T09:00:00Z", 1772442000000),
        (Timestamp(), "2026-03-02T10:00:00.5+01:00", 1772442000500),
        (Timestamp(), "2026-03-02", 1772409600000),
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
        (Json(100), ""),
        (Json(100), "{"),
        (Json(100), "[1]"),
        (Json(100), '"text"'),
        (Json(100), '{"a": NaN}'),
        (Json(10), '{"a": "too long"}'),
        (Json(100_000), "[" * 50_000),
        (Json(100), '{"a": "\ud800"}'),
        (Timestamp(), "yesterday"),
        (Timestamp(), "2026-13-02T09:00:00Z"),
        (Timestamp(0), "1969-12-31T00:00:00Z"),
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
    """Stored compactly, with the order of their keys: read again they are the same."""
    import json

    text = json.dumps({"value": value})
    assert list(json.loads(Json(1_000_000).read(text)).items()) == [("value", value)]
