"""Which variables lead a program here. Variables in, variables out; the bundles are files of `bundles`.

Each client reads other variables, so the same thing is said several times over.
What was there is kept: our hook comes after other hooks, our authority after other authorities.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from pointsman.cli.interception.names import TWILIO_DOMAIN, is_twilio
from pointsman.cli.interception.proxy import Address, Upstream

HERE = Path(__file__).parent
HOOK = HERE / "hook.cjs"
SITECUSTOMIZE_FOLDER = HERE / "sitecustomize"

STRICT_REGION = "pointsman-local"  # no such region: a request that escapes has nowhere to go
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

# A variable with a bundle of authorities, and the ones that its clients fall back on, in their order.
BUNDLE_VARIABLES = {
    "REQUESTS_CA_BUNDLE": ("CURL_CA_BUNDLE",),
    "CURL_CA_BUNDLE": ("SSL_CERT_FILE",),
    "SSL_CERT_FILE": (),
}
# These need no system roots: Node adds the first to its own; the second is for Twilio's hosts alone, and
# without the roots a request of the twilio package for Node that escapes meets a stranger and sends nothing.
OWN_BUNDLE_VARIABLES = ("NODE_EXTRA_CA_CERTS", "TWILIO_CA_BUNDLE")
CREDENTIALS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")

Variables = dict[str, str]
Bundle = Callable[[str | None], Path]  # from an existing variable's file, or none, to one with our authority


class Unusable(Exception):
    """The environment can't be combined with ours; the message is for the user, in one line."""


class Target(NamedTuple):
    """Where the variables lead to, and how."""

    listener: Address  # the TLS listener
    certificate: Path  # of the local authority
    account_sid: str
    auth_token: str
    proxy_port: int | None  # None: no proxy is running, so the hooks must do it all
    hook: bool
    strict: bool


class Result(NamedTuple):
    """Variables to add to an environment, and what the user should be told, a line each."""

    variables: Variables
    warnings: list[str]


def variables_for(target: Target, existing: Mapping[str, str], bundle: Bundle) -> Result:
    """Compute the variables that lead an unmodified program to `target`."""
    added: Variables = {
        "POINTSMAN_INTERCEPT_HOST": target.listener.host,
        "POINTSMAN_INTERCEPT_PORT": str(target.listener.port),
        "POINTSMAN_INTERCEPT_CA": str(target.certificate),
        "PYTHONPATH": _python_path(existing.get("PYTHONPATH", "")),
        "TWILIO_ACCOUNT_SID": existing.get("TWILIO_ACCOUNT_SID") or target.account_sid,
        "TWILIO_AUTH_TOKEN": existing.get("TWILIO_AUTH_TOKEN") or target.auth_token,
    }
    if target.hook:
        added["NODE_OPTIONS"] = _node_options(existing.get("NODE_OPTIONS", ""))
    if target.strict:
        added["TWILIO_REGION"] = STRICT_REGION
    for name, fallbacks in BUNDLE_VARIABLES.items():
        sources = (existing.get(variable) for variable in (name, *fallbacks))
        added[name] = str(bundle(next(filter(None, sources), None)))
    for name in OWN_BUNDLE_VARIABLES:
        source = existing.get(name)
        added[name] = str(bundle(source) if source else target.certificate)
    proxies = _proxies(target, existing)
    return Result(added | proxies.variables, proxies.warnings)


def foreign_credentials(existing: Mapping[str, str], account_sid: str, auth_token: str) -> list[str]:
    """Name the variables that hold somebody else's credentials: they may be real ones."""
    ours = dict(zip(CREDENTIALS, (account_sid, auth_token), strict=True))
    return [name for name in CREDENTIALS if existing.get(name) and existing[name] != ours[name]]


def upstreams(existing: Mapping[str, str]) -> tuple[Upstream | None, Upstream | None]:
    """Say which proxies the environment names already, for TLS and for plain requests.

    Raises: `Unusable`, if one is of a kind that ours can't pass requests on to.
    """
    return _upstream(existing, "HTTPS_PROXY"), _upstream(existing, "HTTP_PROXY")


def _python_path(existing: str) -> str:
    ours = str(SITECUSTOMIZE_FOLDER)
    others = [folder for folder in existing.split(os.pathsep) if folder and folder != ours]
    return os.pathsep.join([ours, *others])


def _node_options(existing: str) -> str:
    path = str(HOOK).replace("\\", "\\\\").replace('"', '\\"')
    ours = f'--require "{path}"' if re.search(r"[\s\"\\]", path) else f"--require {path}"
    return existing if ours in existing else f"{existing} {ours}".strip()


def _proxies(target: Target, existing: Mapping[str, str]) -> Result:
    """Compute the proxy variables: ours with a running proxy, else only what keeps others out of the way."""
    warnings: list[str] = []
    added: Variables = {}
    kept_direct = list(LOOPBACK_NAMES)
    plain = existing.get("HTTP_PROXY")
    if target.proxy_port is None:
        if _setting(existing, "HTTPS_PROXY"):  # it would take Twilio's requests past our hooks
            kept_direct += [TWILIO_DOMAIN, f".{TWILIO_DOMAIN}"]
        if plain:
            warnings.append(
                "HTTP_PROXY is set, and the twilio package for Node sends its requests there. "
                "Unset it, or use pointsman exec."
            )
    else:
        secure = added["HTTPS_PROXY"] = added["https_proxy"] = _proxy_url(target, existing, "HTTPS_PROXY")
        # The twilio package for Node heeds this one alone, even for https, so another's can't stay there.
        if plain or not target.hook:
            added["HTTP_PROXY"] = _proxy_url(target, existing, "HTTP_PROXY") if plain else secure
        if not target.hook:
            added["NODE_USE_ENV_PROXY"] = "1"
        warnings += _bypasses(existing)
    for name, other in (("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")):
        added[name] = _no_proxy(existing.get(name) or existing.get(other, ""), kept_direct)
    return Result(added, warnings)


def _bypasses(existing: Mapping[str, str]) -> list[str]:
    for name in ("NO_PROXY", "no_proxy"):
        for entry in _entries(existing.get(name, "")):
            if entry == "*" or is_twilio(entry.partition(":")[0].lstrip("*.")):
                return [
                    f"{name} contains {entry}: programs that only heed proxies (curl, for one) "
                    "will go to the real service."
                ]
    return []


def _no_proxy(existing: str, more: list[str]) -> str:
    entries = _entries(existing)
    return ",".join(entries + [name for name in more if name not in entries])


def _entries(list_text: str) -> list[str]:
    return [entry.strip() for entry in list_text.split(",") if entry.strip()]


def _setting(existing: Mapping[str, str], name: str) -> str:
    """Read a proxy variable as most programs do: small letters first, and one variable for all schemes."""
    names = (name.lower(), name, "all_proxy", "ALL_PROXY")
    return next((existing[spelling] for spelling in names if existing.get(spelling)), "")


def _proxy_url(target: Target, existing: Mapping[str, str], name: str) -> str:
    """Give our proxy's address, with the credentials for the one before it: clients send them through us."""
    credentials, at, _ = _split_proxy(_setting(existing, name)).netloc.rpartition("@")
    return f"http://{credentials}{at}127.0.0.1:{target.proxy_port}"


def _upstream(existing: Mapping[str, str], name: str) -> Upstream | None:
    text = _setting(existing, name)
    if not text:
        return None
    try:
        parts = _split_proxy(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, SplitResult("", "", "", "", "")
    if parts.scheme not in ("http", "https") or not host:
        raise Unusable(
            f"The environment's proxy for {name} is not an http:// or https:// address, "
            "so requests can't be passed on to it. Unset it for this command."
        )
    return Upstream(Address(host, port or (443 if parts.scheme == "https" else 80)), parts.scheme == "https")


def _split_proxy(text: str) -> SplitResult:
    return urlsplit(text if "://" in text else f"http://{text}")
