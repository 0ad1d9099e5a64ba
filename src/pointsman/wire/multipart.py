"""Forms as `multipart/form-data` [RFC 7578]: old versions of the Node library send them. Fields only, no files."""

from __future__ import annotations

import re

from pointsman.core.errors import Invalid

BOUNDARY_LENGTH_MAX = 70  # [RFC 2046, 5.1.1]
PART_HEAD_BYTES_MAX = 8 * 1024
ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = re.compile(rb"[ \t]*")


def parameters(header: str) -> dict[str, str]:
    """What stands behind the semicolons of a `Content-Type` or `Content-Disposition`, names in lower case."""
    return {
        match[1].lower(): _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else match[3]
        for match in _PARAMETER.finditer(header)
    }


def read_multipart(content_type: str, body: bytes, fields_max: int) -> list[tuple[str, str]]:
    """The fields, in order. Raises: `Invalid`, saying what can't be read."""
    boundary = parameters(content_type).get("boundary", "")
    if not 0 < len(boundary) <= BOUNDARY_LENGTH_MAX:
        raise Invalid(f"The Content-Type has no boundary of 1 to {BOUNDARY_LENGTH_MAX} characters")
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"), fields_max + 2)
    closing = next((at for at, part in enumerate(parts) if part.startswith(b"--")), None)
    if (len(parts) if closing is None else closing) > fields_max:
        raise Invalid(f"Too many parameters: expected at most {fields_max}")
    if closing is None:
        raise Invalid("The multipart body does not end with its boundary and two hyphens")
    return [_field(part) for part in parts[:closing]]


def _field(part: bytes) -> tuple[str, str]:
    blanks = _BLANKS.match(part)
    assert blanks is not None, "it matches nothing, too"
    head, gap, content = part[blanks.end() :].partition(b"\r\n\r\n")
    if not head.startswith(b"\r\n") or not gap or len(head) > PART_HEAD_BYTES_MAX:
        raise Invalid("A part of the multipart body has no proper head")
    try:
        headers = _headers(head[2:].decode())
        text = content.decode()
    except UnicodeDecodeError:
        raise Invalid("The multipart body is not valid UTF-8") from None
    disposition = headers.get("content-disposition", "")
    named = parameters(disposition)
    if not disposition.lower().startswith("form-data") or "name" not in named:
        raise Invalid('A part of the multipart body has no Content-Disposition: form-data; name="..."')
    name = named["name"]
    if "filename" in named or "filename*" in named:
        raise Invalid(f"{name} is a file: expected form fields alone")
    charset = parameters(headers.get("content-type", "")).get("charset", "utf-8")
    if charset.lower() not in ENCODINGS:
        raise Invalid(f"{name} is in {charset}: expected UTF-8")
    encoding = headers.get("content-transfer-encoding", "8bit")
    if encoding.lower() not in ("7bit", "8bit", "binary"):
        raise Invalid(f"{name} is encoded as {encoding}: expected it as it is")
    return name, text


def _headers(head: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in head.split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
