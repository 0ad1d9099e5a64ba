"""The types of fields and parameters: what text is accepted, and what it becomes.

`read` takes the text of a form or query value and returns the typed value, or raises ValueError with what was
expected. `blank` says what an empty text means: "absent" (as if it had not been sent) or "value".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol
from urllib.parse import urlsplit

import msgspec

from pointsman.core.expression import Context, Expression, ExpressionError, compile_expression
from pointsman.core.ids import is_sid
from pointsman.core.limits import STANDARD, Limits
from pointsman.core.types import Millis

Blank = Literal["absent", "value"]
TRUE_WORDS = frozenset({"true", "1", "yes"})  # anything else is false [oai]
URL_LENGTH_MAX = 2_048
JSON_NESTING_MAX = 100
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.ASCII | re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_IN_HOSTS = re.compile(r'[\s<>"\\^`{|}%@]')
_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$", re.ASCII)  # unescaped in a query, + is a blank
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


class FieldType(Protocol):
    blank: Blank

    def read(self, text: str, limits: Limits = STANDARD) -> Any: ...

    def describe(self) -> str:
        """What is expected, for messages and the reference."""


class Text:
    blank: Blank = "value"

    def __init__(self, length_max: int | None = None, *, required: bool = False, pattern: str | None = None) -> None:
        self.length_max, self.required = length_max, required
        self.pattern = re.compile(pattern, re.ASCII) if pattern else None

    def read(self, text: str, limits: Limits = STANDARD) -> str:
        if "\x00" in text:
            raise ValueError(f"{self.describe()}, without NUL characters")
        too_long = self.length_max is not None and len(text) > self.length_max
        if too_long or (self.required and not text.strip()):
            raise ValueError(self.describe())
        if self.pattern and not self.pattern.fullmatch(text):
            raise ValueError(self.describe())
        return text

    def describe(self) -> str:
        length = f" of at most {self.length_max} characters" if self.length_max else ""
        form = f" of the form {self.pattern.pattern}" if self.pattern else ""
        return f"{'a non-empty ' if self.required else ''}text{length}{form}"


class Url:
    """An absolute http(s) URL, or nothing. A fragment may carry connection settings [oai]."""

    blank: Blank = "value"

    def read(self, text: str, limits: Limits = STANDARD) -> str:
        if text and (len(text) > URL_LENGTH_MAX or not _URL.fullmatch(text) or not _names_a_host(text)):
            raise ValueError(self.describe())
        return text

    def describe(self) -> str:
        return f"an absolute http or https URL of at most {URL_LENGTH_MAX} characters"


def _names_a_host(url: str) -> bool:
    """With a port that there can be: what is wrong shows when it is set, not when it is needed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        return False
    return host != "" and port != 0 and not _NOT_IN_HOSTS.search(host) and "\\" not in parts.netloc


class Int:
    blank: Blank = "absent"

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def read(self, text: str, limits: Limits = STANDARD) -> int:
        digits = text.strip()
        if not re.fullmatch(r"-?[0-9]{1,18}", digits) or not self.low <= int(digits) <= self.high:
            raise ValueError(self.describe())
        return int(digits)

    def describe(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


class Numbers:
    """Whole numbers with commas, each once."""

    blank: Blank = "absent"

    def __init__(self, low: int, high: int, count_max: int) -> None:
        self.count_max = count_max
        self._number = Int(low, high)

    def read(self, text: str, limits: Limits = STANDARD) -> tuple[int, ...]:
        words = text.split(",")
        if len(words) > self.count_max:
            raise ValueError(self.describe())
        try:
            return tuple(dict.fromkeys(self._number.read(word, limits) for word in words))
        except ValueError:
            raise ValueError(self.describe()) from None

    def describe(self) -> str:
        return f"{self._number.describe()}, or up to {self.count_max} of them with commas"


class Bool:
    blank: Blank = "absent"

    def read(self, text: str, limits: Limits = STANDARD) -> bool:
        return text.strip().lower() in TRUE_WORDS

    def describe(self) -> str:
        return "true, 1 or yes for true; anything else is false"


class Choice:
    """One of a few words, in any case."""

    blank: Blank = "absent"

    def __init__(self, *words: str) -> None:
        self.words = words
        self._by_lower = {word.lower(): word for word in words}

    def read(self, text: str, limits: Limits = STANDARD) -> str:
        word = self._by_lower.get(text.strip().lower())
        if word is None:
            raise ValueError(self.describe())
        return word

    def describe(self) -> str:
        return "one of " + ", ".join(self.words)


class SidOf:
    """A sid, of one of the given kinds, or of any if none is given; where it may be cleared, empty does so."""

    def __init__(self, *prefixes: str, clearable: bool = False) -> None:
        self.prefixes = prefixes
        self.blank: Blank = "value" if clearable else "absent"

    def read(self, text: str, limits: Limits = STANDARD) -> str:
        if text and not any(is_sid(text, prefix) for prefix in self.prefixes or (None,)):
            raise ValueError(self.describe())
        return text

    def describe(self) -> str:
        return f"a sid: {' or '.join(self.prefixes) or 'two letters'} and 32 hexadecimal digits"


class Json:
    """A JSON object as text, kept compactly with the order of its keys. How long it may be is a limit of this name:
    blanks count."""

    blank: Blank = "absent"

    def __init__(self, limit: Literal["attributes_length_max", "configuration_bytes_max"]) -> None:
        self.limit = limit

    def read(self, text: str, limits: Limits = STANDARD) -> str:
        longest = getattr(limits, self.limit)
        if (len(text.encode(errors="replace")) if self.limit == "configuration_bytes_max" else len(text)) > longest:
            raise ValueError(f"{self._describe(longest)}; it has {len(text)}")
        try:
            value = msgspec.json.decode(text)
            compact = msgspec.json.encode(value).decode()
        except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
            raise ValueError(f"{self._describe(longest)}; {_plain(problem)}") from None
        if not isinstance(value, dict):
            raise ValueError(self._describe(longest))
        if _is_too_deep(value):
            raise ValueError(f"{self._describe(longest)}, nested at most {JSON_NESTING_MAX} deep")
        return compact

    def describe(self) -> str:
        return self._describe(getattr(STANDARD, self.limit))

    def _describe(self, longest: int) -> str:
        return f"a JSON object of at most {longest} {'bytes' if 'bytes' in self.limit else 'characters'}"


def _is_too_deep(value: Any) -> bool:
    """How deep can be read depends on who reads: what is kept must be read by all."""
    level = [value]
    for _ in range(JSON_NESTING_MAX):
        below = (each.values() if isinstance(each, dict) else each for each in level)
        level = [child for children in below for child in children if isinstance(child, dict | list)]
        if not level:
            return False
    return True


class Object:
    """A JSON object, decoded: attributes to ask with."""

    blank: Blank = "absent"
    limit: Literal["attributes_length_max"] = "attributes_length_max"
    _text = Json(limit)

    def read(self, text: str, limits: Limits = STANDARD) -> dict[str, Any]:
        value: dict[str, Any] = msgspec.json.decode(self._text.read(text, limits))
        return value

    def describe(self) -> str:
        return self._text.describe()


class Condition:
    """An expression of the routing language, ready to be asked."""

    blank: Blank = "absent"

    def __init__(self, context: Context) -> None:
        self.context = context

    def read(self, text: str, limits: Limits = STANDARD) -> Expression:
        try:
            return compile_expression(text, self.context)
        except ExpressionError as problem:
            raise ValueError(f"{self.describe()}; {problem}") from None

    def describe(self) -> str:
        return f"an expression over {'worker' if self.context is Context.QUEUE else 'task'} attributes"


class Ordering:
    """`Name:asc` or `Name:desc`; several with commas. Read as pairs of the name, as it is declared, and whether it
    descends."""

    blank: Blank = "absent"

    def __init__(self, names: tuple[str, ...], exclusive: frozenset[str] = frozenset()) -> None:
        self.names, self.exclusive = names, exclusive
        self._by_word = {name.replace("_", "").lower(): name for name in names}

    def read(self, text: str, limits: Limits = STANDARD) -> tuple[tuple[str, bool], ...]:
        found: list[tuple[str, bool]] = []
        for part in text.split(","):
            word, _, direction = part.strip().partition(":")
            name, direction = self._by_word.get(word.strip().lower()), direction.strip().lower() or "asc"
            if name is None or direction not in ("asc", "desc") or name in dict(found):
                raise ValueError(self.describe())
            found.append((name, direction == "desc"))
        if len(self.exclusive.intersection(dict(found))) > 1:
            raise ValueError(f"{self.describe()}; not {' with '.join(_words(sorted(self.exclusive)))}")
        return tuple(found)

    def describe(self) -> str:
        several = ", or several of them with commas" if len(self.names) > 1 else ""
        return f"{' or '.join(_words(self.names))}, then :asc or :desc{several}"


class Timestamp:
    """ISO 8601: to the second with Z, as the libraries send it; also with fraction, offset, or a date alone."""

    blank: Blank = "absent"

    def __init__(self, low: int | None = None) -> None:
        self.low = low

    def read(self, text: str, limits: Limits = STANDARD) -> Millis:
        text = _LOST_PLUS.sub(r"\1+\2", text.strip())
        if not _DATE.fullmatch(text):
            raise ValueError(self.describe())
        try:
            moment = datetime.fromisoformat(text)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):  # an offset may lead out of the years 1 to 9999
            raise ValueError(self.describe()) from None
        value = Millis((moment - _EPOCH) // timedelta(milliseconds=1))
        if self.low is not None and value < self.low:
            raise ValueError(f"{self.describe()}, not before {_date(self.low)}")
        return value

    def describe(self) -> str:
        return "a time such as 2026-03-02T09:00:00Z"


class Output:
    """The type of a field that is only ever sent, never read."""

    blank: Blank = "absent"
    name: ClassVar[str] = ""

    def read(self, text: str, limits: Limits = STANDARD) -> Any:
        raise ValueError("nothing: it can't be set")

    def describe(self) -> str:
        return self.name


class Link(Output):
    """A path below the API's base; sent as an absolute URL."""

    name = "URL"


class Links(Output):
    """Several paths by name; one whose target isn't there is null."""

    name = "object of URLs"


class Count(Output):
    """A whole number."""

    name = "whole number"


class Facts(Output):
    """An object whose values are texts."""

    name = "object of texts"


class Record(Output):
    """An object with members of its own kind."""

    name = "object"


class Records(Output):
    """A list of objects."""

    name = "list of objects"


class Warnings(Output):
    """What is unwise: a list of objects with `rule`, `where` and `message`."""

    name = "list of warnings"


class Extension(Output):
    """What TaskRouter does not have, in an object of its own."""

    name = "object"


class MailDate(Output):
    """A time in the 2010 API's spelling."""

    name = "time such as Mon, 02 Mar 2026 09:00:00 +0000 (RFC 2822)"


class EpochSeconds(Output):
    """A time as API v2 spells it."""

    name = "whole number: seconds since 1970"


class Path(Output):
    """A path in the 2010 API's spelling: without scheme and host."""

    name = "path"


class Paths(Output):
    """Several paths by name."""

    name = "object of paths"


class Nothing(Output):
    """Always null."""

    name = "null"


def _plain(problem: Exception) -> str:
    return str(problem).removeprefix("JSON is malformed: ") or type(problem).__name__


def _words(names: Iterable[str]) -> list[str]:
    return ["".join(part.capitalize() for part in name.split("_")) for name in names]


def _date(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")
