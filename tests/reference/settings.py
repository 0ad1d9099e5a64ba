"""What an operator can set."""

from __future__ import annotations

import inspect

from pointsman.cli.serve import serve
from pointsman.settings import DATA_DEFAULT, FILE, SETTINGS, Setting
from tests.reference.markdown import code, link, page, table

HEAD = ("Setting", "Flag", "Variable", "Type", "Default", "What it does")
_KINDS: dict[type, str] = {str: "text", int: "whole number", bool: "true or false"}


def settings_page() -> str:
    flags = set(inspect.signature(serve).parameters)
    return page(
        "# Settings",
        "A setting is looked for in this order: the command line of `pointsman serve`, the environment, and "
        f"{code(FILE)} in the data folder, where it stands under its name. The first that has it counts.",
        "A setting without a flag of its own is given as `--set NAME=VALUE`, any number of times.",
        f"The data folder itself is named by {code('--data')} or {code('POINTSMAN_DATA')}; without either it is "
        f"{code(DATA_DEFAULT)}, in the folder where the command runs. It is made at the first start.",
        table(
            ["Setting", "Flag", "Variable", "Type", "Default", "What it does"], [_row(each, flags) for each in SETTINGS]
        ),
        f'```toml\n# {FILE}\nport = 9000\nlog_level = "warning"\n```',
        f"A name in the file that is none of these is an error, since it is most likely misspelled. The "
        f"{link('page on limits', 'limits.md')} says which limits are no settings.",
    )


def _row(setting: Setting, flags: set[str]) -> list[str]:
    return [
        code(setting.name),
        code(setting.flag) if setting.name in flags else "",
        code(setting.variable),
        _KINDS.get(setting.kind, setting.kind.__name__),
        "" if setting.default is None else code(setting.default),
        setting.doc,
    ]
