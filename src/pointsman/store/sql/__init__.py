"""The statements of both dialects, each in its file under `-- name:` lines, with the reasons beside them.

A marker such as `/* entity */` stands for the columns of a row type, in the order of its fields; `/* filters */` says
where conditions go that depend on the question, and `/* order */` where an order does.
"""

from __future__ import annotations

import re
from pathlib import Path

from pointsman.stats import COUNTED, Measure
from pointsman.store import rows, tallies

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COLUMNS = {  # in either dialect
    "/* entity */": ", ".join(f"e.{name}" for name in rows.ENTITY_COLUMNS),
    "/* event */": ", ".join(rows.EVENT_COLUMNS),
    "/* delivery */": ", ".join(f"d.{name}" for name in rows.DELIVERY_COLUMNS),
    "/* head */": ", ".join(rows.HEAD_COLUMNS),
    "/* account */": ", ".join(rows.ACCOUNT_COLUMNS),
    "/* api_key */": ", ".join(rows.API_KEY_COLUMNS),
    "/* attendance */": ", ".join(rows.ATTENDANCE_COLUMNS),
    "/* counted types */": ", ".join(f"'{type_}'" for type_ in COUNTED),
    "/* measures */": ", ".join(Measure),
    "/* measures summed */": ", ".join(f"sum({each}), min({each}), max({each})" for each in Measure),
    "/* tally measures */": ", ".join(f"{each}_total, {each}_least, {each}_greatest" for each in Measure),
    "/* tally measures summed */": ", ".join(
        f"sum({each}_total), min({each}_least), max({each}_greatest)" for each in Measure
    ),
    "/* queue concerned */": tallies.QUEUE_CONCERNED,
}
_LEAST_AND_GREATEST = {"sqlite": ("min", "max"), "postgres": ("least", "greatest")}


def statements(dialect: str) -> dict[str, str]:
    """The statements of a dialect by name."""
    text = (Path(__file__).parent / f"{dialect}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    found = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        for marker, columns in (_COLUMNS | {"/* add tally measures */": _added(dialect)}).items():
            body = body.replace(marker, columns)
        assert name not in found, f"{dialect}.sql names {name} twice"
        found[name] = body.strip()
    return found


def _added(dialect: str) -> str:
    """Each measure's total, least and greatest value, with what is to be added."""
    least, greatest = _LEAST_AND_GREATEST[dialect]
    return ", ".join(
        f"{each}_total = tally.{each}_total + excluded.{each}_total, "
        f"{each}_least = {least}(tally.{each}_least, excluded.{each}_least), "
        f"{each}_greatest = {greatest}(tally.{each}_greatest, excluded.{each}_greatest)"
        for each in Measure
    )


def with_conditions(sql: str, conditions: list[str], order: str = "") -> str:
    """Put conditions (each a piece of SQL of ours, with placeholders for the values) and an order in place of the
    markers."""
    assert "/* filters */" in sql, "the statement has no place for conditions"
    assert ("/* order */" in sql) is bool(order), "the statement has no place for an order, or none is given"
    sql = sql.replace("/* filters */", "".join(f" AND {condition}" for condition in conditions))
    return sql.replace("/* order */", order)
