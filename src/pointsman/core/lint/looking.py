"""Looking at what there is: which kinds of values an attribute has, who satisfies a condition, what else is there.

All work is in steps, and every step is counted: a generator pauses after a few dozen, and when the count is used up
nothing more is looked at, and nothing is said of what was not seen to the end.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from pointsman.core.expression import (
    And,
    Array,
    Comparison,
    Condition,
    Constant,
    Expression,
    Not,
    Operand,
    Operator,
    Or,
    Path,
    Reference,
    Step,
)
from pointsman.core.lint.around import Around

T = TypeVar("T")
Steps: TypeAlias = Generator[None, None, T]
Worker: TypeAlias = Mapping[str, Any]

STEPS_AT_ONCE = 64
SAMPLE_MAX = 1_000  # of workers or tasks, for the names that are suggested
NAMES_MAX = 200
NAME_CHARS_MAX = 64
SUGGESTIONS_MAX = 20
ALIKE = 0.7  # how similar a name must be to be suggested
_TEXT_CHARS_A_STEP = 64

# The kinds of values, as bits. One that is as good as another for every operator has the same bit.
NOTHING, NULL, WHOLE, SCALAR, ARRAY, OBJECT = 0, 1, 2, 4, 8, 16
_decode = msgspec.json.Decoder().decode


CHANGING = ("activity_name", "activity_sid", "channel")
"""What changes of a worker while it works: that nobody has it now says little."""


def is_changing(expression: Expression) -> bool:
    """Whether it depends on what workers are doing."""
    return any(path[1] in CHANGING for path in expression.reads_of("worker"))


class Use(Enum):
    """What an expression does with a value."""

    ARRAY = "array"  # looks into it
    SCALAR = "scalar"  # compares it
    ABSENT = "absent"  # compares it in a way that a missing one satisfies, on purpose perhaps
    KNOWN = "known"  # finds a worker by it
    ORDER = "order"  # sorts by it


_SETTLED_BY = {
    Use.ARRAY: ARRAY,
    Use.SCALAR: WHOLE | SCALAR,
    Use.ABSENT: NULL | WHOLE | SCALAR | ARRAY | OBJECT,
    Use.KNOWN: NULL | WHOLE | SCALAR | ARRAY | OBJECT,
    Use.ORDER: NULL | WHOLE | SCALAR | ARRAY | OBJECT,
}


# --- what expressions do ------------------------------------------------------------------------------------------


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """In order of the text."""
    match condition:
        case Comparison():
            yield condition
        case Not(inner):
            yield from comparisons(inner)
        case And(terms) | Or(terms):
            for term in terms:
                yield from comparisons(term)


def uses(condition: Condition) -> Iterator[tuple[Path, Use]]:
    """What each name is used for, in order of the text."""
    for comparison in comparisons(condition):
        left, right = _uses_of_sides(comparison)
        yield from _uses(comparison.left, left)
        yield from _uses(comparison.right, right)


def _uses_of_sides(comparison: Comparison) -> tuple[Use, Use]:
    match comparison:
        case Comparison(Operator.HAS | Operator.NOT_HAS, _, _):
            return Use.ARRAY, Use.SCALAR
        case Comparison(Operator.IN | Operator.NOT_IN, _, _):
            return Use.SCALAR, Use.ARRAY
        case Comparison(Operator.UNEQUAL, _, _) | Comparison(_, _, Constant(None)) | Comparison(_, Constant(None), _):
            return Use.ABSENT, Use.ABSENT
    return Use.SCALAR, Use.SCALAR


def _uses(operand: Operand, use: Use) -> Iterator[tuple[Path, Use]]:
    match operand:
        case Reference(path):
            yield path, use
        case Array(items):
            for item in items:
                yield from _uses(item, Use.SCALAR)


# --- the data -----------------------------------------------------------------------------------------------------


def kind_at(value: Any, steps: Sequence[Step]) -> int:
    """The kind of the value at a path: unlike to expressions, to us a null is not the same as nothing."""
    for step in steps:
        in_list = value.__class__ is list and isinstance(step, int) and step < len(value)
        if not in_list and not (value.__class__ is dict and step in value):
            return NOTHING
        value = value[step]
    if value is None:
        return NULL
    kind = value.__class__
    if kind is int or (kind is float and value.is_integer()):
        return WHOLE
    return {list: ARRAY, dict: OBJECT}.get(kind, SCALAR)


class Population(NamedTuple):
    """Workers or tasks, and how messages speak of them."""

    members: Sequence[Mapping[str, Any]]
    none_of_them: str


class Data:
    """Asks what there is, and counts the steps. `around` None: nothing is known."""

    def __init__(self, around: Around | None, steps_max: int) -> None:
        self.around = around
        self.left = steps_max
        self.used_up = False
        self._pause = STEPS_AT_ONCE
        self._tasks: Population | None = None
        self._kinds: dict[tuple[Path, frozenset[Use]], int | None] = {}
        self._suggestions: dict[Path, Path | None] = {}

    def spend(self, steps: int = 1) -> bool:
        """Whether there were so many left."""
        if self.left < steps:
            self.used_up = True
            return False
        self.left -= steps
        self._pause -= steps
        return True

    def pause(self) -> Iterator[None]:
        """To be yielded from beside each `spend`."""
        if self._pause <= 0:
            self._pause = STEPS_AT_ONCE
            yield

    def population(self, root: str) -> Steps[Population]:
        """Whom a path that begins with `root` is about; nobody, where nothing is known."""
        if self.around is None:
            return Population((), "")
        if root == "worker":
            return Population(self.around.workers, "no current worker has")
        if self._tasks is None:
            decoded = []
            for text in self.around.tasks:
                self.spend(8)
                yield from self.pause()
                decoded.append(_decode(text))
            count = len(decoded)
            whom = "the task that is here now does not have" if count == 1 else f"none of the {count} newest tasks has"
            if count > 1 and self.around.tasks_are_all:
                whom = f"none of the {count} tasks that are here now has"
            self._tasks = Population(decoded, whom)
        return self._tasks

    def kinds(self, path: Path, wanted: frozenset[Use]) -> Steps[int | None]:
        """The kinds of values that a name has, as far as they decide what `wanted` asks; None: not all was seen."""
        key = (path, wanted)
        if key not in self._kinds:
            population = yield from self.population(str(path[0]))
            self._kinds[key] = yield from self._look(population, path[1:], [_SETTLED_BY[use] for use in wanted])
        return self._kinds[key]

    def _look(self, population: Population, steps: Path, settled_by: list[int]) -> Steps[int | None]:
        found = NOTHING
        for member in population.members:
            if not self.spend():
                return None
            yield from self.pause()
            found |= kind_at(member, steps)
            if all(found & each for each in settled_by):
                break
        return found

    def first_worker(self, matches: Callable[[Worker], bool], text: str) -> Steps[Worker | None]:
        """A worker who satisfies a condition, which is as long as `text`. None is only an answer while not all steps
        are `used_up`."""
        for worker in self.around.workers if self.around else ():
            if not self.spend(1 + len(text) // _TEXT_CHARS_A_STEP):
                return None
            yield from self.pause()
            if matches(worker):
                return worker
        return None

    # --- did you mean ---------------------------------------------------------------------------------------------

    def suggestion(self, path: Path) -> Steps[Path | None]:
        """A name that there is, and that may be meant by one that there is not."""
        if path not in self._suggestions and len(self._suggestions) < SUGGESTIONS_MAX:
            self._suggestions[path] = yield from self._suggest(path)
        return self._suggestions.get(path)

    def _suggest(self, path: Path) -> Steps[Path | None]:
        population = yield from self.population(str(path[0]))
        sample = population.members[:SAMPLE_MAX]
        for at in range(len(path) - 1, 0, -1):  # the first part of the path that nobody has
            names: dict[str, None] = {}
            for member in sample:
                yield from self.pause()
                if not self.spend() or len(names) >= NAMES_MAX:
                    break
                names.update(dict.fromkeys(_names_at(member, path[1:at])))
            if names:
                step = path[at]
                if not isinstance(step, str) or step in names:
                    return None
                found = closest(step, names)
                return (*path[:at], found, *path[at + 1 :]) if found else (yield from self._deeper(path, sample))
        return None

    def _deeper(self, path: Path, sample: Sequence[Mapping[str, Any]]) -> Steps[Path | None]:
        """The same name inside of an object: `routing.skills` for `skills`."""
        for member in sample:
            yield from self.pause()
            if not self.spend():
                break
            for name in sorted(each for each in member if isinstance(member[each], dict)):
                if kind_at(member[name], path[1:]) != NOTHING:
                    return (path[0], name, *path[1:])
        return None


def _names_at(value: Any, steps: Sequence[Step]) -> Iterable[str]:
    for step in steps:
        if not (value.__class__ is dict and step in value):
            return ()
        value = value[step]
    return [name for name in value if len(name) <= NAME_CHARS_MAX] if value.__class__ is dict else ()


def closest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, whatever the case, if one is."""
    if len(word) > NAME_CHARS_MAX:
        return None
    by_lower = {name.casefold(): name for name in sorted(names)}
    found = difflib.get_close_matches(word.casefold(), by_lower, 1, ALIKE)
    return by_lower[found[0]] if found else None
