"""Real Node programs, unmodified, led to a stand-in by `exec`: with the hook, and without."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pointsman.cli.interception.environment import HOOK
from tests.unit.interception.stand_in import StandIn, serve

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")

COMMON = """
const https = require("https");
https.get("https://taskrouter.twilio.com/v1/Workspaces", (answer) => {
  console.log(answer.statusCode, answer.socket.authorized);
  answer.resume();
});
"""
MODULE = """
import { get } from "node:https";
import { connect } from "node:tls";
await new Promise((done) => get("https://taskrouter.dublin.ie1.twilio.com/get", (answer) => {
  console.log(answer.statusCode);
  answer.resume().on("end", done);
}));
console.log((await fetch("https://api.twilio.com/fetch")).status);
const socket = connect(443, "event-bridge.twilio.com", { ALPNProtocols: ["http/1.1"] }, () => {
  console.log(socket.authorized, socket.alpnProtocol, socket.servername);
  socket.end();
});
"""
CALLS = """
const tls = require("tls");
const calls = [
  (done) => tls.connect({ host: "a.twilio.com", port: 443 }, done),
  (done) => tls.connect({ host: "a.twilio.com", port: "443", servername: "b.twilio.com" }, done),
  (done) => tls.connect(443, "a.twilio.com", done),
  (done) => tls.connect(443, { host: "a.twilio.com" }, done),
  (done) => tls.connect("443", "a.twilio.com", { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }, done),
  (done) => tls.connect({ host: "A.Twilio.com.", port: 443, family: 6, localAddress: "::1" }, done),
  (done) => tls.connect({ host: "a.twilio.com", port: 443, ca: [] , secureContext: tls.createSecureContext() }, done),
];
(async () => {
  for (const call of calls) {
    await new Promise((done, failed) => {
      const socket = call(() => {
        console.log(socket.authorized, socket.getPeerCertificate().subjectaltname, socket.getProtocol());
        socket.end();
        done();
      });
      socket.on("error", failed);
    });
  }
})();
"""
ELSEWHERE = """
const tls = require("tls");
const port = Number(process.argv[2]);
const nowhere = { host: "nottwilio.com.invalid", port: 443 };
for (const options of [{ host: "localhost", port }, { path: "/no/such/socket" }, nowhere]) {
  tls.connect(options).on("error", (error) => console.log(error.code));
}
require("http").get(`http://localhost:${port}/plain`, (answer) => {
  console.log(answer.statusCode);
  answer.resume();
});
"""
THREAD = """
const { Worker } = require("worker_threads");
const script = `fetch("https://taskrouter.twilio.com/thread").then((answer) => console.log(answer.status))`;
new Worker(script, { eval: true }).on("exit", () => {
  require("child_process").fork(process.argv[2]);
});
"""


def node(server: StandIn, folder: Path, script: str, *arguments: str, name: str = "app.cjs", **how: object) -> str:
    """Run a script through `exec`; it must succeed and complain of nothing."""
    (folder / name).write_text(script)
    done = server.run("node", str(folder / name), *arguments, **how)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_program_of_common_modules(server: StandIn, tmp_path: Path) -> None:
    """What `require("https")` gives is ours."""
    assert node(server, tmp_path, COMMON) == "200 true\n"
    assert server.seen == ["GET taskrouter.twilio.com/v1/Workspaces"]


def test_a_program_of_es_modules(server: StandIn, tmp_path: Path) -> None:
    """Names that were imported one by one are ours, too; so is fetch, which has a client of its own."""
    output = node(server, tmp_path, MODULE, name="app.mjs")
    assert output == "200\n200\ntrue http/1.1 event-bridge.twilio.com\n"
    assert server.seen == ["GET taskrouter.dublin.ie1.twilio.com/get", "GET api.twilio.com/fetch"]


def test_every_form_of_the_call(server: StandIn, tmp_path: Path) -> None:
    """Whatever the program says of addresses and authorities; its server name and versions stay."""
    a, b = "true DNS:a.twilio.com", "true DNS:b.twilio.com"
    assert node(server, tmp_path, CALLS).splitlines() == [
        f"{a} TLSv1.3",
        f"{b} TLSv1.3",
        f"{a} TLSv1.3",
        f"{a} TLSv1.3",
        f"{a} TLSv1.2",
        f"{a} TLSv1.3",
        f"{a} TLSv1.3",
    ]


def test_threads_and_children(server: StandIn, tmp_path: Path) -> None:
    """They inherit the hook."""
    (tmp_path / "child.cjs").write_text(COMMON)
    assert node(server, tmp_path, THREAD, str(tmp_path / "child.cjs")) == "200\n200 true\n"
    assert server.seen == ["GET taskrouter.twilio.com/thread", "GET taskrouter.twilio.com/v1/Workspaces"]


def test_other_connections_are_left_alone(server: StandIn, tmp_path: Path) -> None:
    """They fail and succeed as they would have."""
    with serve() as (port, seen):
        output = node(server, tmp_path, ELSEWHERE, str(port)).split()
        assert seen == [f"GET localhost:{port}/plain"]
    assert sorted(output) == sorted(["ERR_SSL_WRONG_VERSION_NUMBER", "ENOENT", "ENOTFOUND", "200"])
    assert server.seen == []


def test_without_the_hook_a_program_that_speaks_to_proxies_gets_here(server: StandIn, tmp_path: Path) -> None:
    """As the twilio package does: HTTP_PROXY, CONNECT, then TLS with the authority from the variable."""
    script = """
const proxy = new URL(process.env.HTTP_PROXY);
const wanted = "taskrouter.twilio.com";
const connect = { host: proxy.hostname, port: proxy.port, method: "CONNECT", path: `${wanted}:443` };
const request = require("http").request(connect);
request.on("connect", (_, socket) => {
  require("https").get({ host: wanted, path: "/x", socket, agent: false }, (answer) => {
    console.log(answer.statusCode, answer.socket.authorized);
    answer.resume();
  });
}).end();
"""
    assert node(server, tmp_path, script, hook=False) == "200 true\n"
    assert server.seen == ["GET taskrouter.twilio.com/x"]


def test_the_hook_alone_changes_nothing(tmp_path: Path) -> None:
    """A shell may keep NODE_OPTIONS after we have gone."""
    assert NODE is not None
    script = "console.log(require('tls').connect.name)"
    variables = {"NODE_OPTIONS": f"--require {HOOK}", "PATH": os.environ["PATH"]}
    done = subprocess.run([NODE, "-e", script], env=variables, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("connect\n", "")
