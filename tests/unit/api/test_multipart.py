"""Forms as multipart/form-data."""

from __future__ import annotations

import time

import pytest

from pointsman.api.multipart import charset_of, read_multipart
from pointsman.core.errors import Invalid

TYPE = "multipart/form-data; boundary=-x-"
NAMED = b'Content-Disposition: form-data; name="a"'


def body(*parts: bytes, end: bytes = b"---x---\r\n") -> bytes:
    return b"".join(b"---x-\r\n" + part + b"\r\n" for part in parts) + end


def field(name: bytes, text: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="' + name + b'"\r\n\r\n' + text


def test_fields_come_in_order_and_may_repeat() -> None:
    sent = body(field(b"FriendlyName", "Zoë".encode()), field(b"a", b""), field(b"a", b"two\r\nlines\r\n"))
    assert read_multipart(TYPE, sent, 10) == [("FriendlyName", "Zoë"), ("a", ""), ("a", "two\r\nlines\r\n")]


def test_what_follows_the_parts_is_nothing() -> None:
    sent = body(field(b"a", b"1"), end=b"---x---\r\nepilogue\r\n---x-\r\nno part")
    assert read_multipart(TYPE, sent, 10) == [("a", "1")]
    assert read_multipart(TYPE, b"---x---\r\n", 10) == []


def test_names_and_boundaries_may_be_quoted_or_not() -> None:
    kind = 'Multipart/Form-Data; charset=utf-8; Boundary="a b"'
    sent = b"--a b\r\ncontent-disposition: form-data; name=plain\r\n\r\n1\r\n"
    sent += b'--a b\r\nContent-Type: text/plain; charset="UTF-8"\r\n'
    sent += b'Content-Disposition: Form-Data; name="q\\"q"\r\n\r\n2\r\n--a b--'
    assert read_multipart(kind, sent, 10) == [("plain", "1"), ('q"q', "2")]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "does not end"),
        (b"---x-", "does not end"),
        (body(field(b"a", b"1"), end=b""), "does not end"),
        (body(field(b"a", b"1")).replace(b"\r\n", b"\n"), "can't be read"),
        (body(field(b"a", b"\xff\xfe")), "UTF-8"),
        (body(field(b"\xff", b"1")), "UTF-8"),
        (body(b'Content-Disposition: form-data; name="f"; filename="x.txt"\r\n\r\n1'), "f is a file"),
        (body(NAMED + b"\r\nContent-Type: text/plain; charset=latin-1\r\n\r\n1"), "latin-1"),
        (body(NAMED + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ=="), "base64"),
        (body(b"Content-Disposition: form-data\r\n\r\n1"), "no Content-Disposition"),
        (body(b'Content-Disposition: attachment; name="a"\r\n\r\n1'), "no Content-Disposition"),
        (body(b"\r\n1"), "no Content-Disposition"),
        (body(b"1"), "can't be read"),
        (b"---x-garbage\r\n" + field(b"a", b"1") + b"\r\n---x---", "can't be read"),
        (body(NAMED + b"\r\nX: " + b"a" * 10_000 + b"\r\n\r\n1"), "can't be read"),
        (body(*[field(b"a", b"1")] * 11), "Too many"),
    ],
)
def test_what_is_broken_is_told(sent: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read_multipart(TYPE, sent, 10)


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "m; boundary=" + "b" * 71])
def test_a_boundary_is_needed(kind: str) -> None:
    with pytest.raises(Invalid, match="boundary"):
        read_multipart(kind, body(field(b"a", b"1")), 10)


@pytest.mark.parametrize(
    "sent", [b"\r\n---x-" * 500_000, b"\r\n--" * 1_000_000, b"---x-\r\n" + b"A: b\r\n" * 600_000, b"-" * 4_000_000]
)
def test_four_megabytes_of_nonsense_cost_little(sent: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Invalid):
        read_multipart(TYPE, sent, 1_000)
    assert time.process_time() - began < 1


def test_the_charset_of_a_header() -> None:
    assert charset_of('a/b; x=1; Charset="UTF-8"') == "utf-8"
    assert charset_of("a/b; charset=latin-1") == "latin-1"
    assert charset_of("; " * 30_000) == "utf-8"
