"""The expression language, slow and obvious: a reader of text by descent, and an interpreter of what it read.

Written from the rules of the language (routing.md 5), not from `core.expression`: kinds first, then one table of cases
for each operator. `compare` is also what the tests of the compiled expressions agree with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

Roots = dict[str, Any]  # task, worker, taskrouter, workers
Ask = Callable[[Roots], Any]

QUEUE, FILTER, TARGET, SKIP_IF = "queue", "filter", "target", "skip_if"
CLOCK_PERIODS_MS = {
    "currentTime": 60_000,
    "currentMin": 60_000,
    "currentHour": 3_600_000,
    "dayOfWeek": 86_400_000,
}

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<sign><-|>-|<=|>=|<>|!=|==|=|<|>)
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
      | (?P<name>[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*|\[\s*[0-9]+\s*\])*)
      | (?P<mark>[()\[\],])
    )""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = {"=": "==", "<>": "!=", ">-": "HAS", "<-": "IN"}
_WORDS = ("and", "or", "not", "in", "has", "contains", "true", "false", "null")
_CONSTANTS = {"true": True, "false": False, "null": None}
_ROOTS = {
    QUEUE: ("worker", ("worker",)),
    FILTER: ("task", ("task", "taskrouter")),
    TARGET: (None, ("task", "worker", "taskrouter")),
    SKIP_IF: (None, ("workers",)),
}


class Unreadable(Exception):
    """The text is not of the language, or names what its place does not know."""


class Condition(NamedTuple):
    """A text that was read: whether it holds, and what it looks at."""

    holds: Callable[[Roots], bool]
    reads: tuple[tuple[Any, ...], ...]

    def clock_periods_ms(self) -> list[int]:
        """How often each field of the time that it reads changes."""
        return [CLOCK_PERIODS_MS[path[1]] for path in self.reads if path[0] == "taskrouter"]

    def reads_channels(self) -> bool:
        return any(path[:2] == ("worker", "channel") for path in self.reads)


@lru_cache(maxsize=4_096)
def read(text: str, place: str) -> Condition:
    """Raises: `Unreadable`."""
    if place == QUEUE and not text.strip():
        return Condition(lambda roots: False, ())  # routing.md 1.6: an empty expression matches nobody
    reader = _Reader(text, place)
    holds = reader.either()
    reader.end()
    return Condition(holds, tuple(reader.reads))


@lru_cache(maxsize=1_024)
def read_reference(text: str) -> tuple[Any, ...]:
    """`task.agent_sid`: where a known worker is named. Raises: `Unreadable`."""
    tokens = _tokens(text)
    path = _path(tokens[0][1]) if len(tokens) == 1 and tokens[0][0] == "name" else ()
    if len(path) < 2 or path[0] != "task" or not isinstance(path[1], str):
        raise Unreadable(text)
    return path


@lru_cache(maxsize=1_024)
def read_order(text: str) -> tuple[tuple[tuple[Any, ...], bool], ...]:
    """Of `order_by`: each path with whether the greatest comes first. Raises: `Unreadable`."""
    clauses: list[tuple[tuple[Any, ...], bool]] = []
    for clause in text.split(",") if text.strip() else []:
        words = clause.split()
        path = _path(words[0]) if words and _tokens(words[0])[0][0] == "name" else ()
        direction = words[1].lower() if len(words) == 2 else "asc"
        if len(words) not in (1, 2) or direction not in ("asc", "desc") or path[:1] != ("worker",) or len(path) < 2:
            raise Unreadable(text)
        clauses.append((path, direction == "desc"))
    return tuple(clauses)


class _Reader:
    """OR, below it AND, below it NOT, then brackets or one comparison."""

    def __init__(self, text: str, place: str) -> None:
        self.text, self.place = text, place
        self.tokens = _tokens(text)
        self.reads: list[tuple[Any, ...]] = []

    def either(self) -> Ask:
        terms = [self.both()]
        while self.word("or"):
            terms.append(self.both())
        return terms[0] if len(terms) == 1 else lambda roots: any(term(roots) for term in terms)

    def both(self) -> Ask:
        terms = [self.one()]
        while self.word("and"):
            terms.append(self.one())
        return terms[0] if len(terms) == 1 else lambda roots: all(term(roots) for term in terms)

    def one(self) -> Ask:
        if self.word("not"):
            inner = self.bracketed() or self.comparison()
            return lambda roots: not inner(roots)
        return self.bracketed() or self.comparison()

    def bracketed(self) -> Ask | None:
        if not self.mark("("):
            return None
        inner = self.either()
        if not self.mark(")"):
            raise Unreadable(self.text)
        return inner

    def comparison(self) -> Ask:
        starts_constant = bool(self.tokens) and self.constant_is_next()
        left = self.operand()
        operator = self.operator()
        right = self.operand()
        if operator in ("HAS", "NOT HAS") and starts_constant:
            raise Unreadable(self.text)  # it would be false for ever
        return lambda roots: compare(operator, left(roots), right(roots))

    def operator(self) -> str:
        if not self.tokens:
            raise Unreadable(self.text)
        kind, text = self.tokens.pop(0)
        if kind == "sign":
            return _SIGNS.get(text, text)
        if kind == "name" and text.lower() in ("has", "in", "contains"):
            return text.upper()
        if kind == "name" and text.lower() == "not" and self.tokens:
            following = self.tokens.pop(0)[1].lower()
            if following in ("has", "in"):
                return f"NOT {following.upper()}"
        raise Unreadable(self.text)

    def operand(self) -> Ask:
        if self.mark("["):
            items: list[Ask] = []
            while not self.mark("]"):
                if items and not self.mark(","):
                    raise Unreadable(self.text)
                items.append(self.operand())
            return lambda roots: [item(roots) for item in items]
        if not self.tokens:
            raise Unreadable(self.text)
        kind, text = self.tokens.pop(0)
        if kind == "name" and text.lower() not in _WORDS:
            path = self.resolve(_path(text))
            self.reads.append(path)
            return lambda roots: look_up(roots, path)
        value = _constant(kind, text)
        if value is _NO_CONSTANT:
            raise Unreadable(self.text)
        return lambda roots: value

    def resolve(self, path: tuple[Any, ...]) -> tuple[Any, ...]:
        """routing.md 5.3: what a name means where it stands."""
        bare, roots = _ROOTS[self.place]
        rooted = len(path) > 1 and path[0] in roots and isinstance(path[1], str)
        if not rooted and (bare is None or (path[0] == "taskrouter" and len(path) > 1)):
            raise Unreadable(self.text)
        full = path if rooted else (bare, *path)
        if full[0] == "taskrouter" and (len(full) != 2 or full[1] not in CLOCK_PERIODS_MS):
            raise Unreadable(self.text)
        if full[0] == "workers" and (
            len(full) != 2 or not (full[1] in ("available", "unavailable") or full[1].startswith("WA"))
        ):
            raise Unreadable(self.text)
        return full

    def constant_is_next(self) -> bool:
        return _constant(*self.tokens[0]) is not _NO_CONSTANT

    def word(self, word: str) -> bool:
        return self.take("name", word)

    def mark(self, mark: str) -> bool:
        return self.take("mark", mark)

    def take(self, kind: str, text: str) -> bool:
        if self.tokens and self.tokens[0][0] == kind and self.tokens[0][1].lower() == text:
            self.tokens.pop(0)
            return True
        return False

    def end(self) -> None:
        if self.tokens:
            raise Unreadable(self.text)


_NO_CONSTANT = object()


def _constant(kind: str, text: str) -> Any:
    if kind == "string":
        return re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), text[1:-1])
    if kind == "number":
        return float(text) if "." in text else int(text)
    return _CONSTANTS.get(text.lower(), _NO_CONSTANT) if kind == "name" else _NO_CONSTANT


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise Unreadable(text)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


def _path(name: str) -> tuple[Any, ...]:
    return tuple(
        int(step) if step[0].isdigit() else step for step in re.findall(r"[A-Za-z_$][A-Za-z0-9_$]*|[0-9]+", name)
    )


def look_up(value: Any, path: tuple[Any, ...]) -> Any:
    """routing.md 5.2: dots into objects, zero-based numbers into arrays, null where there is nothing."""
    for step in path:
        try:
            value = value[step] if kind(value) == ("object" if isinstance(step, str) else "array") else None
        except LookupError:
            return None
    return value


# --- what operators mean: routing.md 5.2 --------------------------------------------------------------------------


def kind(value: Any) -> str:
    """JSON's name for a Python value; bool before int, since Python takes one for the other."""
    if value is None:
        return "null"
    for types, name in ((bool, "bool"), ((int, float), "number"), (str, "string"), (list, "array")):
        if isinstance(value, types):
            return name
    return "object"


def compare(operator: str, left: Any, right: Any) -> bool:
    """One comparison of two values."""
    match operator:
        case "IN":
            return compare("HAS", right, left)
        case "NOT IN":
            return compare("NOT HAS", right, left)
        case "HAS":
            return kind(left) == "array" and right is not None and any(same(item, right) for item in left)
        case "NOT HAS":
            if kind(left) != "array" or kind(right) == "array":
                return False
            return not compare("HAS", left, right)
    if operator == "!=" and None in (left, right):
        return left is not None or right is not None
    if "array" in (kind(left), kind(right)):
        return False
    match operator:
        case "==":
            return same(left, right)
        case "!=":
            return not same(left, right)
        case "CONTAINS":
            texts = [value if kind(value) == "string" else digits(value) for value in (left, right)]
            return None not in texts and str(texts[1]) in str(texts[0])
    pair = alike(left, right)
    if pair is None or kind(pair[0]) not in ("number", "string"):
        return False
    below, equal, above = pair[0] < pair[1], pair[0] == pair[1], pair[0] > pair[1]
    answers = {"<": below, "<=": below or equal, ">": above, ">=": above or equal}
    return bool(answers[operator])


def same(left: Any, right: Any) -> bool:
    """The language's `==`."""
    pair = alike(left, right)
    return pair is not None and kind(pair[0]) not in ("array", "object") and bool(pair[0] == pair[1])


def alike(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Two values of one kind, a numeric string turned into a number beside one; None if the kinds differ."""
    if kind(left) == kind(right):
        return left, right
    if {kind(left), kind(right)} == {"number", "string"}:
        pair = numeral(left), numeral(right)
        return None if None in pair else pair
    return None


def numeral(value: Any) -> Any:
    if kind(value) == "number":
        return value
    plain = re.match(r"^-?[0123456789]+(\.[0123456789]+)?\Z", value) and len(value) <= 300
    return (float(value) if "." in value else int(value)) if plain else None


def digits(value: Any) -> str | None:
    whole = kind(value) == "number" and isinstance(value, int) and abs(value) < 2**1024
    return str(value) if whole else None


def clock(now_ms: int) -> dict[str, Any]:
    """routing.md 5.3: `taskrouter.…`, in UTC."""
    days, rest_ms = divmod(now_ms, 86_400_000)
    hour, minute = rest_ms // 3_600_000, rest_ms // 60_000 % 60
    return {
        "currentTime": 100 * hour + minute,
        "currentHour": f"{hour:02}",
        "currentMin": f"{minute:02}",
        "dayOfWeek": ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")[days % 7],  # 1 January 1970 was a Thursday
    }
