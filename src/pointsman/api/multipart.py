"""Forms as `multipart/form-data` [RFC 7578]: old versions of the Node library send them. Fields only, no files."""

from __future__ import annotations

from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from pointsman.core.errors import Invalid

BOUNDARY_LENGTH_MAX = 70  # [RFC 2046, 5.1.1]
ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii")


def charset_of(content_type: str) -> str:
    """UTF-8, unless the header says otherwise."""
    return _parameter(content_type, b"charset", "utf-8").lower()


def read_multipart(content_type: str, body: bytes, fields_max: int) -> list[tuple[str, str]]:
    """The fields, in order. Raises: `Invalid`, saying what can't be read."""
    boundary = _parameter(content_type, b"boundary", "")
    if not 0 < len(boundary) <= BOUNDARY_LENGTH_MAX:
        raise Invalid(f"The Content-Type has no boundary of 1 to {BOUNDARY_LENGTH_MAX} characters")
    parts = _Parts(fields_max)
    parser = MultipartParser(boundary.encode("latin-1"), parts.callbacks())
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as problem:
        raise Invalid(f"The multipart body can't be read: {problem}") from None
    if not parts.ended:
        raise Invalid("The multipart body does not end with its boundary and two hyphens")
    return [_field(headers, bytes(content)) for headers, content in parts.found]


class _Parts:
    """Collects what the parser finds: for each part its headers, by lower-case names, and its content."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._name, self._value = bytearray(), bytearray()
        self.found: list[tuple[dict[bytes, bytes], bytearray]] = []
        self.ended = False

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self.found[-1][1].extend(data[start:end]),
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.found) >= self._most:
            raise Invalid(f"Too many parameters: expected at most {self._most}")
        self.found.append(({}, bytearray()))

    def _end_header(self) -> None:
        self.found[-1][0][bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _end(self) -> None:
        self.ended = True


def _field(headers: dict[bytes, bytes], content: bytes) -> tuple[str, str]:
    kind, named = parse_options_header(headers.get(b"content-disposition", b""))
    if kind != b"form-data" or b"name" not in named:
        raise Invalid('A part of the multipart body has no Content-Disposition: form-data; name="..."')
    try:
        name, text = named[b"name"].decode(), content.decode()
    except UnicodeDecodeError:
        raise Invalid("The multipart body is not valid UTF-8") from None
    if b"filename" in named:
        raise Invalid(f"{name} is a file: expected form fields alone")
    charset = charset_of(headers.get(b"content-type", b"").decode("latin-1"))
    if charset not in ENCODINGS:
        raise Invalid(f"{name} is in {charset}: expected UTF-8")
    encoding = headers.get(b"content-transfer-encoding", b"8bit").decode("latin-1")
    if encoding.lower() not in ("7bit", "8bit", "binary"):
        raise Invalid(f"{name} is encoded as {encoding}: expected it as it is")
    return name, text


def _parameter(header: str, name: bytes, default: str) -> str:
    return parse_options_header(header)[1].get(name, default.encode()).decode("latin-1")
