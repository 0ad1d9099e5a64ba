"""Real Python programs and curl, unmodified, led to a stand-in by `exec`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.cli.interception.environment import SITECUSTOMIZE_FOLDER, Target, variables_for
from pointsman.cli.interception.proxy import Address
from tests.unit.interception.stand_in import StandIn, serve

LIST = "taskrouter.twilio.com/v1/Workspaces"
CREATE = "taskrouter.twilio.com/v1/Workspaces/WS1/Tasks"

BLOCKING = """
from twilio.rest import Client
client = Client()
print([workspace.friendly_name for workspace in client.taskrouter.v1.workspaces.list()])
print(client.taskrouter.v1.workspaces("WS1").tasks.create(attributes="{}").sid)
"""

ASYNCHRONOUS = """
import asyncio, sys
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

async def main():
    async with AsyncTwilioHttpClient() as http:
        client = Client(http_client=http)
        found = await client.taskrouter.v1.workspaces.list_async()
        print([workspace.friendly_name for workspace in found])
        print((await client.taskrouter.v1.workspaces("WS1").tasks.create_async(attributes="{}")).sid)

if sys.argv[1:] == ["uvloop"]:
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
"""


def python(server: StandIn, script: str, *arguments: str, **how: object) -> str:
    """Run a script through `exec`; it must succeed and complain of nothing."""
    done = server.run(sys.executable, "-c", script, *arguments, **how)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("hook", [True, False])
def test_the_twilio_package_blocking(server: StandIn, hook: bool) -> None:
    """Its requests library heeds the proxy, and its own bundle is replaced."""
    assert python(server, BLOCKING, hook=hook) == "['ours']\nWT1\n"
    assert server.seen == [f"GET {LIST}", f"POST {CREATE}"]


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_the_twilio_package_asynchronous(server: StandIn, loop: str) -> None:
    """aiohttp heeds no proxy; and uvloop asks no Python function for addresses."""
    if loop == "uvloop":
        pytest.importorskip("uvloop")
    assert python(server, ASYNCHRONOUS, loop) == "['ours']\nWT1\n"
    assert server.seen == [f"GET {LIST}", f"POST {CREATE}"]


def test_a_strict_program_asks_for_a_region_that_does_not_exist(server: StandIn) -> None:
    """Led here it works all the same."""
    assert python(server, BLOCKING, strict=True) == "['ours']\nWT1\n"
    assert server.seen[0] == "GET taskrouter.pointsman-local.twilio.com/v1/Workspaces"


def test_requests_with_edge_and_region(server: StandIn) -> None:
    """Three labels before the domain."""
    script = "import requests; print(requests.get('https://taskrouter.dublin.ie1.twilio.com/').status_code)"
    assert python(server, script) == "200\n"
    assert server.seen == ["GET taskrouter.dublin.ie1.twilio.com/"]


def test_the_standard_library(server: StandIn) -> None:
    """With a proxy, and past it."""
    script = """
import urllib.request as request
for opener in (request.build_opener(), request.build_opener(request.ProxyHandler({}))):
    with opener.open("https://api.twilio.com/x") as answer:
        print(answer.status)
"""
    assert python(server, script) == "200\n200\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(server: StandIn) -> None:
    """It stands for all programs that heed proxy variables and nothing else."""
    done = server.run("curl", "-sS", "https://taskrouter.dublin.ie1.twilio.com/v1/Workspaces")
    assert done.stderr == ""
    assert json.loads(done.stdout)["workspaces"][0]["friendly_name"] == "ours"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_other_hosts_are_reached_as_before(server: StandIn) -> None:
    """Directly, and through the proxy, plain requests and tunnels."""
    with serve() as (port, seen):
        url = f"http://localhost:{port}/direct"
        assert server.run("curl", "-sS", url).returncode == 0
        assert server.run("curl", "-sS", "-d", "x=1", "--noproxy", "none", url, hook=False).returncode == 0
        through = ["sh", "-c", f'curl -sSp --noproxy none -x "$HTTPS_PROXY" {url}']
        assert server.run(*through).returncode == 0
    assert seen == [f"{method} localhost:{port}/direct" for method in ("GET", "POST", "GET")]
    assert server.seen == []


def test_the_programs_own_sitecustomize_runs_too(server: StandIn, tmp_path: Path) -> None:
    """Ours was found first, so ours has to run it; its errors are reported as they always were."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    theirs = folder / "sitecustomize.py"
    theirs.write_text("print('theirs')")
    script = "import sitecustomize, socket; print(sitecustomize.__file__, socket.getaddrinfo.__module__)"

    output = python(server, script, variables={"PYTHONPATH": str(folder)})
    assert output.splitlines()[-2:] == ["theirs", f"{theirs} sitecustomize"]  # the launcher is Python, too

    theirs.write_text("raise ValueError('theirs')")
    done = server.run(sys.executable, "-c", script, variables={"PYTHONPATH": str(folder)})
    assert done.stderr.splitlines()[-1] == "ValueError: theirs"


def test_look_ups_of_other_names_and_ports_are_left_alone(server: StandIn) -> None:
    """The same answers, the same errors, whatever form the arguments have."""
    script = """
import socket
ours = socket.getaddrinfo("api.twilio.com", 443)[0][4]
for host in ("api.twilio.com.", b"API.twilio.com"):
    for port in (443, "443", "https", b"443"):
        assert socket.getaddrinfo(host, port)[0][4] == ours, (host, port)
assert socket.getaddrinfo("api.twilio.com", 443, family=socket.AF_INET6, type=socket.SOCK_STREAM)
assert socket.getaddrinfo("127.0.0.1", 443)[0][4] == ("127.0.0.1", 443)
assert socket.getaddrinfo(None, 80, flags=socket.AI_PASSIVE)
for host, port in (("api.twilio.invalid", 443), ("twilio.com.invalid", 443)):
    try:
        socket.getaddrinfo(host, port)
    except socket.gaierror:
        pass
    else:
        raise AssertionError(host)
print(ours[1], socket.__loader__.__class__.__name__, socket.__spec__.loader is socket.__loader__)
"""
    assert server.tls_url is not None
    port = server.tls_url.rpartition(":")[2]
    assert python(server, script) == f"{port} SourceFileLoader True\n"


def test_without_a_proxy_the_hook_alone_leads_python_here(server: StandIn) -> None:
    """As after `eval "$(pointsman env)"`: the blocking client too."""
    assert server.tls_url is not None
    target = Target(
        listener=Address("127.0.0.1", int(server.tls_url.rpartition(":")[2])),
        certificate=server.data / "tls" / "ca.pem",
        account_sid="AC1",
        auth_token="token",
        proxy_port=None,
        hook=True,
        strict=False,
    )
    exported = variables_for(target, {}, lambda _: target.certificate).variables
    done = subprocess.run([sys.executable, "-c", BLOCKING], env=exported, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("['ours']\nWT1\n", "")


def test_nothing_changes_in_a_program_that_was_not_told_where_we_are() -> None:
    """The folder may stay on a path after we have gone."""
    script = "import socket; print(socket.getaddrinfo.__module__)"
    variables = {"PYTHONPATH": str(SITECUSTOMIZE_FOLDER)}
    done = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("socket\n", "")
