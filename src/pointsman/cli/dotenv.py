"""`.env` files: reading their values, and adding or replacing some while every other byte stays.

The grammar is that of the `dotenv` package for Node, which most of these files are written for: `KEY=value` or
`KEY: value`, `export` before it, values in three kinds of quotes that may go over several lines, comments, and of a key
that stands there twice the last counts.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
QUOTES = (b"'", b'"', b"`")
_ENTRY = re.compile(
    rb"""(?<![^\r\n])[^\S\r\n]*(?:export[^\S\r\n]+)?(?P<key>[\w.-]+)
    (?:[^\S\r\n]*=|:(?=[^\S\r\n]))[^\S\r\n]*
    (?P<value>'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^\#\r\n]*?)
    [^\S\r\n]*(?:\#[^\r\n]*)?(?=[\r\n]|\Z)""",
    re.VERBOSE,
)
_BARE = re.compile(rb"[\w.:/@+-]+")


class Unreadable(Exception):
    """The file is no `.env` that we can edit; the message says why, in one line."""


class Edit(NamedTuple):
    """What came of it: the keys, in the order in which they were wanted."""

    content: bytes
    added: list[str]
    replaced: list[str]
    kept: list[str]  # they have another value, which was left


def read(content: bytes) -> dict[str, str]:
    """Raises: `Unreadable`."""
    return {entry["key"].decode(): _unquoted(entry["value"]) for entry in _entries(_split(content)[1])}


def edit(content: bytes, wanted: Mapping[str, str], *, force: bool) -> Edit:
    """Give the keys of `wanted` their values: add those that are missing; with `force`, also replace other values.

    Raises: `Unreadable`.
    """
    there = read(content)
    different = [key for key, value in wanted.items() if key in there and there[key] != value]
    missing = [key for key in wanted if key not in there]
    changed = {key: wanted[key] for key in wanted if key in missing or (force and key in different)}
    text = content
    if force and different:
        text = _replace(text, changed)
    if missing:
        text = _append(text, {key: wanted[key] for key in missing})
    if read(text) != there | changed:
        raise Unreadable("a value begins with a quote that does not end")
    return Edit(text, missing, different if force else [], [] if force else different)


def _split(content: bytes) -> tuple[bytes, bytes]:
    """The byte order mark, which would be taken for a part of the first key, and the rest."""
    mark = BOM if content.startswith(BOM) else b""
    return mark, content[len(mark) :]


def _entries(text: bytes) -> list[re.Match[bytes]]:
    if b"\0" in text:  # most likely UTF-16, as some editors write it
        raise Unreadable("it is not text in UTF-8")
    return [*_ENTRY.finditer(text)]


def _replace(content: bytes, values: Mapping[str, str]) -> bytes:
    """In place, everywhere where the key stands: programs differ in which one they read."""
    mark, text = _split(content)
    parts = [mark]
    end = 0
    for entry in _entries(text):
        key = entry["key"].decode()
        if key in values:
            parts += [text[end : entry.start("value")], _quoted(values[key], entry["value"][:1])]
            end = entry.end("value")
            if text[end : end + 1] == b"#":  # a comment, and no part of the value
                parts.append(b" ")
    return b"".join([*parts, text[end:]])


def _append(content: bytes, values: Mapping[str, str]) -> bytes:
    _, text = _split(content)
    newline = b"\r\n" if b"\r\n" in text else b"\n"
    if text and not text.endswith((b"\n", b"\r")):
        content += newline
    return content + b"".join(key.encode() + b"=" + _quoted(value) + newline for key, value in values.items())


def _unquoted(value: bytes) -> str:
    quote = value[:1]
    if quote in QUOTES and len(value) >= 2 and value.endswith(quote):
        value = value[1:-1]
        if quote == b'"':
            value = value.replace(b"\\n", b"\n").replace(b"\\r", b"\r")
    return value.decode(errors="replace")


def _quoted(text: str, quote: bytes = b"") -> bytes:
    """In the quotes that it had, if they can hold it; else bare, if it can stand so; else in some that can hold it."""
    value = text.encode()
    if quote in QUOTES and _holds(quote, value):
        return quote + value + quote
    if _BARE.fullmatch(value):
        return value
    for quote in QUOTES:
        if _holds(quote, value):
            return quote + value + quote
    raise Unreadable("the value of a key has every kind of quote in it, and no file can say so")


def _holds(quote: bytes, value: bytes) -> bool:
    return quote not in value and not (quote == b'"' and b"\\" in value) and not value.endswith(b"\\")


# --- files --------------------------------------------------------------------------------------------------------


def read_file(path: Path) -> bytes | None:
    """None, if there is no such file. Raises: `Unreadable`."""
    try:
        content = path.read_bytes()
        read(content)
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise Unreadable(f"Can't write {path}: there is no folder {path.parent}") from None
        return None
    except OSError as problem:
        raise Unreadable(f"Can't read {path}: {problem.strerror}") from None
    except Unreadable as problem:
        raise Unreadable(f"Can't edit {path}: {problem}") from None
    return content


def write_file(path: Path, content: bytes) -> None:
    """Put it there whole or not at all, readable by its owner alone. Raises: `Unreadable`."""
    target = path.resolve()  # a link stays a link
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".env.")  # of mode 0600
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            with suppress(OSError):  # root edits somebody's file: it stays theirs
                before = target.stat()
                os.chown(part, before.st_uid, before.st_gid)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise Unreadable(f"Can't write {path}: {problem.strerror}") from None
