"""Which variables lead a program here: pure, an environment in and variables out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pointsman.cli.interception import environment
from pointsman.cli.interception.environment import (
    HOOK,
    SITECUSTOMIZE_FOLDER,
    Result,
    Target,
    Unusable,
    foreign_credentials,
    upstreams,
    variables_for,
)
from pointsman.cli.interception.proxy import Address, Upstream

TARGET = Target(
    listener=Address("127.0.0.1", 8443),
    certificate=Path("/data/tls/ca.pem"),
    account_sid="AC1",
    auth_token="token",
    proxy_port=9000,
    hook=True,
    strict=False,
)
PROXY = "http://127.0.0.1:9000"


def compute(
    existing: dict[str, str] | None = None, *, proxy: bool = True, hook: bool = True, strict: bool = False
) -> Result:
    """Bundles are named for what they were made from."""
    target = TARGET._replace(proxy_port=9000 if proxy else None, hook=hook, strict=strict)
    return variables_for(target, existing or {}, lambda source: Path(f"/bundle/{source or 'system'}"))


def test_from_nothing_all_clients_are_led_here() -> None:
    """The whole table, for an empty environment."""
    assert compute() == Result(
        {
            "POINTSMAN_INTERCEPT_HOST": "127.0.0.1",
            "POINTSMAN_INTERCEPT_PORT": "8443",
            "POINTSMAN_INTERCEPT_CA": "/data/tls/ca.pem",
            "PYTHONPATH": str(SITECUSTOMIZE_FOLDER),
            "TWILIO_ACCOUNT_SID": "AC1",
            "TWILIO_AUTH_TOKEN": "token",
            "NODE_OPTIONS": f"--require {HOOK}",
            "REQUESTS_CA_BUNDLE": "/bundle/system",
            "CURL_CA_BUNDLE": "/bundle/system",
            "SSL_CERT_FILE": "/bundle/system",
            "NODE_EXTRA_CA_CERTS": "/data/tls/ca.pem",
            "TWILIO_CA_BUNDLE": "/data/tls/ca.pem",
            "HTTPS_PROXY": PROXY,
            "https_proxy": PROXY,
            "NO_PROXY": "localhost,127.0.0.1,::1",
            "no_proxy": "localhost,127.0.0.1,::1",
        },
        [],
    )


def test_without_the_hook_node_is_led_by_proxies() -> None:
    """The twilio package for Node heeds HTTP_PROXY alone; newer Nodes need to be told to heed any."""
    added = compute(hook=False).variables
    assert "NODE_OPTIONS" not in added
    assert (added["HTTP_PROXY"], added["NODE_USE_ENV_PROXY"]) == (PROXY, "1")


def test_without_a_proxy_the_hooks_do_it() -> None:
    """As `pointsman env` prints it: nothing names a proxy that isn't running."""
    added = compute(proxy=False).variables
    assert not {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "NODE_USE_ENV_PROXY"} & set(added)
    assert "NODE_OPTIONS" in added
    assert added["NO_PROXY"] == "localhost,127.0.0.1,::1"


def test_without_our_proxy_another_must_not_take_the_requests() -> None:
    """A proxy of the environment would carry them past our hooks, to the real service."""
    result = compute({"HTTPS_PROXY": "http://corporate:3128", "no_proxy": "intranet"}, proxy=False)
    assert result.variables["no_proxy"] == "intranet,localhost,127.0.0.1,::1,twilio.com,.twilio.com"
    assert result.warnings == []

    result = compute({"HTTP_PROXY": "http://corporate:3128"}, proxy=False)
    assert len(result.warnings) == 1
    assert "HTTP_PROXY is set" in result.warnings[0]


def test_strict_names_a_region_that_does_not_exist() -> None:
    """What escapes has nowhere to go, whatever region was set before."""
    assert compute({"TWILIO_REGION": "ie1"}, strict=True).variables["TWILIO_REGION"] == "pointsman-local"
    assert "TWILIO_REGION" not in compute({"TWILIO_REGION": "ie1"}).variables


def test_what_was_there_is_kept() -> None:
    """Other hooks, folders, exceptions and credentials stay, ours are added."""
    added = compute(
        {
            "NODE_OPTIONS": "--max-old-space-size=100",
            "PYTHONPATH": "/one:/two",
            "NO_PROXY": "intranet, localhost",
            "no_proxy": "other",
            "TWILIO_ACCOUNT_SID": "ACx",
            "TWILIO_AUTH_TOKEN": "",
        }
    ).variables
    assert added["NODE_OPTIONS"] == f"--max-old-space-size=100 --require {HOOK}"
    assert added["PYTHONPATH"] == f"{SITECUSTOMIZE_FOLDER}:/one:/two"
    assert added["NO_PROXY"] == "intranet,localhost,127.0.0.1,::1"
    assert added["no_proxy"] == "other,localhost,127.0.0.1,::1"
    assert (added["TWILIO_ACCOUNT_SID"], added["TWILIO_AUTH_TOKEN"]) == ("ACx", "token")


def test_bundles_start_from_what_the_client_would_have_read() -> None:
    """requests falls back on curl's variable, curl on OpenSSL's."""
    added = compute({"CURL_CA_BUNDLE": "curls", "NODE_EXTRA_CA_CERTS": "nodes"}).variables
    assert added["REQUESTS_CA_BUNDLE"] == added["CURL_CA_BUNDLE"] == "/bundle/curls"
    assert added["SSL_CERT_FILE"] == "/bundle/system"
    assert added["NODE_EXTRA_CA_CERTS"] == "/bundle/nodes"

    added = compute({"SSL_CERT_FILE": "openssls", "REQUESTS_CA_BUNDLE": "requests'"}).variables
    assert added["REQUESTS_CA_BUNDLE"] == "/bundle/requests'"
    assert added["CURL_CA_BUNDLE"] == added["SSL_CERT_FILE"] == "/bundle/openssls"


def test_adding_twice_changes_nothing() -> None:
    """A command within a command."""
    once = compute().variables
    twice = compute(once).variables
    for name in ("NODE_OPTIONS", "PYTHONPATH", "NO_PROXY"):
        assert twice[name] == once[name]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.parametrize("folder", ["plain", "with blanks", 'with "quotes"', "with\\backslash"])
def test_node_finds_the_hook_wherever_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """Blanks, quotes and backslashes have a meaning in NODE_OPTIONS."""
    hook = tmp_path / folder / "hook.cjs"
    hook.parent.mkdir()
    hook.write_text("console.log('found')")
    monkeypatch.setattr(environment, "HOOK", hook)

    options = compute().variables["NODE_OPTIONS"]
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run([node, "-e", ""], env={"NODE_OPTIONS": options}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("found\n", "")


@pytest.mark.parametrize("entry", ["twilio.com", ".twilio.com", "*.twilio.com", "taskrouter.twilio.com:443", "*"])
def test_an_exception_for_twilio_is_told(entry: str) -> None:
    """It may be deliberate, so it stays; but curl will go to the real service."""
    result = compute({"NO_PROXY": f"intranet,{entry}"})
    assert result.variables["NO_PROXY"].startswith(f"intranet,{entry},")
    assert len(result.warnings) == 1
    assert result.warnings[0].startswith(f"NO_PROXY contains {entry}:")


def test_other_exceptions_are_not_worth_a_word() -> None:
    """Names that only look like it."""
    assert compute({"NO_PROXY": "nottwilio.com,twilio.com.example"}).warnings == []


def test_requests_go_on_through_the_proxy_that_was_there() -> None:
    """Its credentials stay in the client's hands: it sends them to us, and we pass them on."""
    existing = {"HTTPS_PROXY": "http://user:word@corporate:3128", "http_proxy": "https://plain"}
    assert upstreams(existing) == (
        Upstream(Address("corporate", 3128), tls=False),
        Upstream(Address("plain", 443), tls=True),
    )
    added = compute(existing).variables
    assert added["https_proxy"] == added["HTTPS_PROXY"] == "http://user:word@127.0.0.1:9000"


def test_a_plain_proxy_of_another_is_replaced() -> None:
    """The twilio package for Node would send Twilio's requests there, hook or no hook."""
    existing = {"HTTP_PROXY": "http://u@corporate:3128"}
    assert compute(existing).variables["HTTP_PROXY"] == "http://u@127.0.0.1:9000"
    assert "HTTP_PROXY" not in compute().variables


def test_one_proxy_for_all_schemes_is_found_too() -> None:
    """The scheme may be left out."""
    upstream = Upstream(Address("corporate", 3128), tls=False)
    assert upstreams({"ALL_PROXY": "corporate:3128"}) == (upstream, upstream)
    assert upstreams({}) == (None, None)


@pytest.mark.parametrize("proxy", ["socks5://user:secret@corporate:1080", "http://", "http://host:port"])
def test_a_proxy_that_ours_can_not_speak_to_is_refused(proxy: str) -> None:
    """Going around it might be what its owner forbids. Its password is not shown."""
    with pytest.raises(Unusable, match=r"^The environment's proxy for HTTPS_PROXY") as caught:
        upstreams({"HTTPS_PROXY": proxy})
    assert "secret" not in str(caught.value)


def test_foreign_credentials_are_named() -> None:
    """Names, never values."""
    assert foreign_credentials({}, "AC1", "token") == []
    assert foreign_credentials({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": ""}, "AC1", "token") == []
    both = {"TWILIO_ACCOUNT_SID": "AC2", "TWILIO_AUTH_TOKEN": "other"}
    assert foreign_credentials(both, "AC1", "token") == ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]
