"""The settings: declared once, read from the command line, then `POINTSMAN_*`, then `pointsman.toml` in the data
folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pointsman.core.limits import LIMITS, Limits


class Setting(NamedTuple):
    name: str  # as in pointsman.toml; the flag and the variable follow from it
    kind: type
    default: Any
    doc: str

    @property
    def variable(self) -> str:
        return f"POINTSMAN_{self.name.upper()}"

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"


SETTINGS = (
    Setting("host", str, "127.0.0.1", "The address to listen on."),
    Setting("port", int, 8080, "The port for HTTP; 0: any free one."),
    Setting("tls_port", int, None, "The port for HTTPS; 0: any free one. Unset: 8443, or any free one if it is taken."),
    Setting("database", str, None, "A postgresql:// URL. Unset: SQLite in the data folder."),
    Setting("account_sid", str, None, "The account: AC and 32 hexadecimal digits. Unset: made at the first start."),
    Setting("auth_token", str, None, "The account's token. Unset: made at the first start and kept in the folder."),
    Setting(
        "login_failures_per_minute",
        int,
        30,
        "Failed logins from one address that get 401; those beyond get 429. 0: no limit.",
    ),
    Setting("public_url", str, None, "The URL by which clients reach the server. Unset: as each request says."),
    Setting("trusted_proxies", str, None, "Proxies whose X-Forwarded-* counts: addresses and networks, with commas."),
    Setting("body_bytes_max", int, 4 * 1024 * 1024, "The most bytes that the body of a request may have."),
    Setting("rate_limit_requests_per_second", int, 0, "Requests of an account. 0: as many as it likes."),
    Setting("rate_limit_expression_filters_per_second", int, 0, "Lists filtered by an expression. 0: no limit."),
    Setting("rate_limit_bulk_statistics_per_second", int, 0, "Real-time statistics of many queues. 0: no limit."),
    Setting("event_retention_days", int, 30, "Days after which events are removed from the log. 0: never."),
    Setting("event_retry_hours", int, 24, "Hours for which an event callback that is refused is sent again."),
    Setting("event_retry_pause_max", int, 300, "The longest pause before it is sent again, in seconds."),
    Setting(
        "offline_on_disconnect",
        int,
        0,
        "1: a worker goes offline when its last socket has closed, unless its page asks otherwise. 0: only if it asks.",
    ),
    Setting("offline_grace", int, 10, "Seconds that such a worker has to come back."),
    Setting("socket_init_ms", int, 100, "Milliseconds until a worker's socket is told that it is open."),
    Setting("socket_delay_ms", int, 20, "Milliseconds by which what happens follows the answer that caused it."),
    Setting(
        "worker_scripts",
        str,
        None,
        "A folder with copies of browser SDKs, served under /sdk, such as taskrouter.min.js. Unset: none.",
    ),
    Setting(
        "console_session_hours", int, 12, "Hours without a page or a change after which the console signs one out."
    ),
    Setting("log_level", str, "info", "debug, info, warning or error."),
    *(
        Setting(limit.name, int, limit.value, f"Limit: {limit.doc}.")
        for limit in LIMITS
        if limit.name in Limits.__struct_fields__
    ),
)
FILE = "pointsman.toml"
DATA_DEFAULT = "pointsman-data"


class InvalidSetting(Exception):
    """A setting can't be used; the message says which, where it stands and what is expected."""


def read_settings(data: Path, flags: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Every setting's value. Variables and keys that are not declared are left alone, but a key in the file that is
    none of ours is an error: it is most likely misspelled. Raises: `InvalidSetting`."""
    file = _read_file(data / FILE)
    known = {setting.name for setting in SETTINGS}
    for name in file:
        if name not in known:
            raise InvalidSetting(f"{data / FILE}: unknown setting {name!r}; there are {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        if flags.get(setting.name) is not None:
            values[setting.name] = flags[setting.name]
        elif environment.get(setting.variable):
            values[setting.name] = _typed(setting, environment[setting.variable], setting.variable)
        elif setting.name in file:
            values[setting.name] = _typed(setting, file[setting.name], f"{data / FILE}, {setting.name}")
        else:
            values[setting.name] = setting.default
    return values


def read_flags(pairs: Iterable[str]) -> dict[str, Any]:
    """`name=value` for any setting. Raises: `InvalidSetting`."""
    known = {setting.name: setting for setting in SETTINGS}
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        name = name.strip().lower().replace("-", "_")
        if not sign or name not in known:
            raise InvalidSetting(f"--set {pair}: expected NAME=VALUE with one of {', '.join(sorted(known))}")
        found[name] = _typed(known[name], value, f"--set {pair}")
    return found


def _typed(setting: Setting, value: object, where: str) -> Any:
    if isinstance(value, setting.kind) and not isinstance(value, bool):
        return value
    try:
        return setting.kind(str(value))
    except ValueError:
        expected = "a whole number" if setting.kind is int else "a text"
        raise InvalidSetting(f"{where}: {value!r} is not valid: expected {expected}. {setting.doc}") from None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise InvalidSetting(f"{path.parent} is a file: expected a data folder") from None
    except OSError as problem:
        raise InvalidSetting(f"{path} can't be read: {problem.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise InvalidSetting(f"{path}: {problem}") from None
