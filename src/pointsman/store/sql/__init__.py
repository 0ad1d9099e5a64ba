"""The statements of both dialects, each in its file under `-- name:` lines, with the reasons beside them.

A marker such as `/* entity */` stands for the columns of a row type, in the order of its fields; `/* filters */` says
where conditions go that depend on the question.
"""

from __future__ import annotations

import re
from pathlib import Path

from pointsman.store import rows

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COLUMNS = {
    "/* entity */": ", ".join(f"e.{name}" for name in rows.ENTITY_COLUMNS),
    "/* event */": ", ".join(rows.EVENT_COLUMNS),
    "/* delivery */": ", ".join(f"d.{name}" for name in rows.DELIVERY_COLUMNS),
    "/* head */": ", ".join(rows.HEAD_COLUMNS),
    "/* account */": ", ".join(rows.ACCOUNT_COLUMNS),
    "/* api_key */": ", ".join(rows.API_KEY_COLUMNS),
}


def statements(dialect: str) -> dict[str, str]:
    """The statements of a dialect by name."""
    text = (Path(__file__).parent / f"{dialect}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    found = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        for marker, columns in _COLUMNS.items():
            body = body.replace(marker, columns)
        assert name not in found, f"{dialect}.sql names {name} twice"
        found[name] = body.strip()
    return found


def with_conditions(sql: str, conditions: list[str]) -> str:
    """Put conditions (each a piece of SQL of ours, with placeholders for the values) in place of the marker."""
    assert "/* filters */" in sql, "the statement has no place for conditions"
    return sql.replace("/* filters */", "".join(f" AND {condition}" for condition in conditions))
