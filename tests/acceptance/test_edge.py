"""What HTTP itself asks of the server: addresses behind a proxy, CORS, HEAD, compression, connections, limits of
rate, slow clients."""

from __future__ import annotations

import gzip
import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.acceptance.conftest import Pointsman, faults
from tests.acceptance.raw import FORM, Raw, read

pytestmark = pytest.mark.acceptance
FORWARDED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "router.example.com",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-For": "203.0.113.9, 127.0.0.1",
}
WORKERS = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointsman]:
    folder: Path = tmp_path_factory.mktemp("edge")
    server = Pointsman(folder, "--trusted-proxies", "127.0.0.1, ::1")
    server.start()
    yield server
    assert faults(server) == []
    server.close()


@pytest.fixture(scope="module")
def raw(server: Pointsman) -> Raw:
    return Raw(server)


@pytest.fixture(scope="module")
def base(raw: Raw) -> str:
    """The path of a workspace with enough workers for a long answer."""
    made = raw.ask("POST", "/v1/Workspaces", b"FriendlyName=edge", FORM)
    path = f"/v1/Workspaces/{made.json['sid']}"
    for number in range(WORKERS):
        assert raw.ask("POST", f"{path}/Workers", f"FriendlyName=w{number}".encode(), FORM).status == 201
    return path


def urls(value: Any) -> Iterator[str]:
    """Every URL of ours in a body: all but the link to an error's page."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from (() if name == "more_info" else urls(each))
    elif isinstance(value, list):
        for each in value:
            yield from urls(each)
    elif isinstance(value, str) and re.match(r"https?://", value):
        yield value


# --- the address that the client used -----------------------------------------------------------------------------


PATHS = ["", "/Workers?PageSize=7", "/Workers", "/TaskQueues", "/Activities", "/Events?PageSize=5", "/Workflows"]


@pytest.mark.parametrize("path", PATHS)
def test_every_url_carries_the_host_that_the_client_used(raw: Raw, base: str, path: str) -> None:
    for headers, expected in (({"Host": "taskrouter.local:81"}, "http://taskrouter.local:81"), (FORWARDED, None)):
        body = raw.ask("GET", base + path, headers=headers).json
        found = list(urls(body))
        assert len(found) >= 2
        base_of = {re.sub(r"/(v1|2010-04-01)/.*", "", url) for url in found}
        assert base_of == {expected or "https://router.example.com:8443"}


def test_the_next_page_is_reached_by_its_url(raw: Raw, base: str) -> None:
    path, seen = f"{base}/Workers?PageSize=25", 0
    while path:
        page = raw.ask("GET", path, headers=FORWARDED).json
        seen += len(page["workers"])
        following = page["meta"]["next_page_url"]
        path = following.removeprefix("https://router.example.com:8443") if following else ""
    assert seen == WORKERS


def test_an_event_knows_the_client_behind_the_proxy(raw: Raw, base: str) -> None:
    made = raw.ask("POST", f"{base}/Activities", b"FriendlyName=Behind", FORM | FORWARDED).json
    events = raw.ask("GET", f"{base}/Events?PageSize=1").json["events"]
    assert events[0]["event_data"]["activity_sid"] == made["sid"]
    assert events[0]["source_ip_address"] == "203.0.113.9"


def test_what_a_proxy_says_nonsense_about_is_ignored(raw: Raw, base: str) -> None:
    nonsense = dict.fromkeys(FORWARDED, '"><script>ÿ')
    answer = raw.ask("GET", base, headers={"Host": "own.example"} | nonsense)
    assert (answer.status, answer.json["url"]) == (200, f"http://own.example{base}")


def test_a_stranger_is_not_believed_and_a_public_url_is_for_all(
    make_pointsman: Callable[..., Pointsman], tmp_path: Path
) -> None:
    plain = make_pointsman()
    plain.start()
    raw = Raw(plain)
    made = raw.ask("POST", "/v1/Workspaces", b"FriendlyName=a", FORM | FORWARDED | {"Host": "own.example"}).json
    assert made["url"].startswith("http://own.example/v1/"), "nobody is trusted unless it is set"
    events = raw.ask("GET", f"/v1/Workspaces/{made['sid']}/Events").json["events"]
    assert {event["source_ip_address"] for event in events} == {"127.0.0.1"}
    plain.stop()
    plain.start({"POINTSMAN_PUBLIC_URL": "https://public.example/router/"})
    answer = Raw(plain).ask("GET", f"/v1/Workspaces/{made['sid']}", headers=FORWARDED).json
    assert {url.split("/v1/")[0] for url in urls(answer)} == {"https://public.example/router"}


@pytest.mark.parametrize("host", ["", "a b", 'x"}', "x/y", "x:99999", "[::1", "u:p@x", "<script>", "x,y", "ü"])
def test_a_host_that_is_none_is_a_400_and_never_echoed(raw: Raw, host: str) -> None:
    answer = raw.ask("GET", "/v1/Workspaces", headers={"Host": host})
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert not list(urls(answer.json))


def test_settings_that_make_no_sense_are_told_at_the_start(tmp_path: Path, server: Pointsman) -> None:
    for flags, told in (
        (["--public-url", "router.example.com"], "public_url 'router.example.com': expected an absolute URL"),
        (["--trusted-proxies", "10.0.0.1/8"], "trusted_proxies '10.0.0.1/8': 10.0.0.1/8 has host bits set"),
    ):
        done = server.command("serve", "--data", str(tmp_path / "x"), "--port", "0", "--tls-port", "0", *flags)
        assert (done.returncode, told in done.stderr) == (1, True), done.stderr


# --- headers ------------------------------------------------------------------------------------------------------


def test_browsers_may_ask(raw: Raw, base: str) -> None:
    """A preflight carries no credentials."""
    for path in (base, f"{base}/Workers", "/v1/Nothing/here", "/v1/Workspaces"):
        connection = raw.connect()
        asked = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,if-match",
        }
        connection.request("OPTIONS", path, headers=asked)
        answer = read(connection)
        connection.close()
        assert (answer.status, answer.body, answer.headers["content-length"]) == (204, b"", "0")
        assert "POST" in answer.headers["allow"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-max-age"] == "86400"
        assert {"If-Match", "Authorization"} <= set(answer.headers["access-control-allow-headers"].split(", "))
        assert answer.headers["access-control-allow-methods"] == "GET, POST, DELETE, OPTIONS"
    assert raw.say(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 204 ")


def test_head_answers_as_get_does_and_the_connection_goes_on(raw: Raw, base: str) -> None:
    """One connection: a body that should not be there would be taken for the next answer."""
    changing = ("date", "twilio-request-id", "twilio-request-duration")
    connection = raw.connect()
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        for path in (base, f"{base}/Workers", "/v1/Nothing", "/health"):
            told = []
            for method in ("HEAD", "GET", "HEAD"):
                connection.request(method, path, headers=raw.auth | headers)
                answer = read(connection)
                assert (answer.body == b"") == (method == "HEAD")
                told.append({name: value for name, value in answer.headers.items() if name not in changing})
            assert told[0] == told[1] == told[2]
            assert int(told[0]["content-length"]) > 0
    connection.close()


def test_a_delete_has_an_empty_body_that_says_so(raw: Raw, base: str) -> None:
    made = raw.ask("POST", f"{base}/Activities", b"FriendlyName=Brief", FORM).json
    answer = raw.ask("DELETE", f"{base}/Activities/{made['sid']}")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-length"] == "0"


def test_long_answers_are_compressed_for_those_who_take_it(raw: Raw, base: str) -> None:
    plain = raw.ask("GET", f"{base}/Workers")
    packed = raw.ask("GET", f"{base}/Workers", headers={"Accept-Encoding": "deflate, gzip;q=0.5"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) == int(packed.headers["content-length"]) < len(plain.body) / 4
    assert packed.headers.get("etag") == plain.headers.get("etag")
    refused = raw.ask("GET", f"{base}/Workers", headers={"Accept-Encoding": "gzip;q=0, *"})
    assert (refused.body, refused.headers["vary"]) == (plain.body, "Accept-Encoding")
    assert "content-encoding" not in raw.ask("GET", "/health", headers={"Accept-Encoding": "gzip"}).headers


# --- bodies -------------------------------------------------------------------------------------------------------

MULTIPART = {"Content-Type": "multipart/form-data; boundary=-b"}


def multipart(**fields: str) -> bytes:
    parts = [
        f'---b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()
    ]
    return "".join([*parts, "---b--\r\n"]).encode()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", urlencode({"FriendlyName": "Zoë"}).encode()),
        ("application/x-www-form-urlencoded; charset=UTF-8", urlencode({"FriendlyName": "Zoë"}).encode()),
        ('Application/X-WWW-Form-URLEncoded;Charset="utf-8"', urlencode({"FriendlyName": "Zoë"}).encode()),
        ("application/x-www-form-urlencoded", "FriendlyName=Zoë".encode()),
        (None, "FriendlyName=Zoë".encode()),
        (MULTIPART["Content-Type"], multipart(FriendlyName="Zoë", Unknown="x")),
        ("multipart/form-data; charset=utf-8; boundary=-b", multipart(FriendlyName="Zoë")),
    ],
)
def test_a_form_is_read_in_each_of_its_forms(raw: Raw, base: str, kind: str | None, body: bytes) -> None:
    answer = raw.ask("POST", base, body, {"Content-Type": kind} if kind else {})
    assert (answer.status, answer.json.get("friendly_name")) == (200, "Zoë"), answer.body
    assert raw.ask("POST", base, b"FriendlyName=edge", FORM).status == 200


@pytest.mark.parametrize("headers", [FORM, {}, MULTIPART, {"Content-Type": "application/json"}])
def test_an_update_without_parameters_changes_nothing(raw: Raw, base: str, headers: dict[str, str]) -> None:
    before = raw.ask("GET", base).json
    bodies = [b"", multipart()] if headers == MULTIPART else [b""]
    for body in bodies:
        answer = raw.ask("POST", base, body, headers)
        assert (answer.status, answer.json) == (200, before)


def test_a_big_body_is_asked_for_before_it_is_sent(raw: Raw, base: str) -> None:
    """As curl does: it waits for `100 Continue`; a body that would be too large is never asked for."""
    head = f"POST {base} HTTP/1.1\r\nHost: x\r\nAuthorization: {raw.auth['Authorization']}\r\nExpect: 100-continue\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
    with raw.open() as connection:
        connection.sendall(f"{head}17\r\n\r\n".encode())
        assert connection.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"FriendlyName=edge")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200 OK\r\n")
    with raw.open() as connection:
        connection.sendall(f"{head}5000000\r\n\r\n".encode())
        assert connection.recv(1_000).startswith(b"HTTP/1.1 413 ")


def test_the_limit_of_bodies_is_a_setting(make_pointsman: Callable[..., Pointsman]) -> None:
    server = make_pointsman()
    server.start({"POINTSMAN_BODY_BYTES_MAX": "100"})
    raw = Raw(server)
    assert raw.ask("POST", "/v1/Workspaces", b"FriendlyName=" + b"a" * 60, FORM).status == 201
    answer = raw.ask("POST", "/v1/Workspaces", b"FriendlyName=" + b"a" * 88, FORM)
    assert (answer.status, answer.json["message"]) == (
        413,
        "The request body is too large: expected at most 100 bytes",
    )


# --- connections --------------------------------------------------------------------------------------------------


def test_one_connection_serves_many_requests(raw: Raw, base: str) -> None:
    connection = raw.connect()
    connection.connect()
    socket_of_first = connection.sock
    for number in range(200):
        method, path, status = [("GET", base, 200), ("POST", base, 200), ("GET", "/v1/No", 404)][number % 3]
        connection.request(method, path, headers=raw.auth)
        assert read(connection).status == status
        assert connection.sock is socket_of_first
    connection.request("GET", base, headers=raw.auth | {"Connection": "close"})
    assert read(connection).headers["connection"] == "close"
    assert socket_of_first.fileno() == -1 or socket_of_first.recv(1) == b""


def test_pipelined_requests_are_answered_in_order(raw: Raw, base: str) -> None:
    auth = f"Host: x\r\nAuthorization: {raw.auth['Authorization']}\r\n"
    asked = "".join(f"GET {base}/Workers?PageSize={n + 1} HTTP/1.1\r\n{auth}\r\n" for n in range(20))
    asked += f"GET /health HTTP/1.1\r\n{auth}Connection: close\r\n\r\n"
    answers = raw.say(asked.encode()).split(b"HTTP/1.1 200 OK\r\n")[1:]
    sizes = [json.loads(each.partition(b"\r\n\r\n")[2])["meta"]["page_size"] for each in answers[:-1]]
    assert sizes == list(range(1, 21))


def test_curl_gets_what_it_asks_for(raw: Raw, base: str, tmp_path: Path) -> None:
    """A body over the size at which it waits for `100 Continue`, and an offer to speak HTTP/2."""
    (tmp_path / "body").write_text(urlencode({"FriendlyName": "edge", "Unknown": "x" * 2_000_000}))
    command = [
        "curl",
        "-sS",
        "--http2",
        "--compressed",
        "--max-time",
        "20",
        "-H",
        f"Authorization: {raw.auth['Authorization']}",
    ]
    command += ["-d", f"@{tmp_path / 'body'}", f"http://{raw.where.netloc}{base}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("curl is not installed")
    assert json.loads(done.stdout)["friendly_name"] == "edge", done.stderr


def test_slow_clients_hold_up_nobody(raw: Raw, base: str) -> None:
    """A few hundred that trickle a head, a body, or read nothing of a long answer; beside them, a normal client."""
    auth = f"Host: x\r\nAuthorization: {raw.auth['Authorization']}\r\n"
    sockets: list[socket.socket] = []

    def asked() -> float:
        began = time.monotonic()
        assert raw.ask("POST", base, b"FriendlyName=edge", FORM).status == 200
        return time.monotonic() - began

    before, beside = [asked() for _ in range(60)], list[float]()
    try:
        for number in range(300):
            connection = raw.open()
            sockets.append(connection)
            if number % 3 == 0:
                connection.sendall(f"GET {base} HTTP/1.1\r\n{auth}".encode())
            elif number % 3 == 1:
                connection.sendall(f"POST {base} HTTP/1.1\r\n{auth}Content-Length: 10000\r\n\r\n".encode())
            else:
                connection.sendall(f"GET {base}/Workers?PageSize=1000 HTTP/1.1\r\n{auth}\r\n".encode() * 20)
        for number in range(60):
            for connection in sockets[number::60]:
                connection.sendall(b"a")  # a little more
            beside.append(asked())
    finally:
        for connection in sockets:
            connection.close()
    after = [asked() for _ in range(60)]
    assert median(beside) < 20 * max(median(before), median(after)), "and a slow client takes seconds"


# --- limits of rate -----------------------------------------------------------------------------------------------


def test_limits_of_rate_are_settings(make_pointsman: Callable[..., Pointsman]) -> None:
    server = make_pointsman()
    server.start(
        {
            "POINTSMAN_RATE_LIMIT_EXPRESSION_FILTERS_PER_SECOND": "3",
            "POINTSMAN_RATE_LIMIT_REQUESTS_PER_SECOND": "1000",
        }
    )
    raw = Raw(server)
    made = raw.ask("POST", "/v1/Workspaces", b"FriendlyName=a", FORM)
    assert made.headers["x-rate-limit-limit"] == "1000"
    assert made.headers["x-rate-limit-config"] == "requests;q=1000;w=1"
    assert made.headers["x-rate-limit-remaining"] == "999"
    path = f"/v1/Workspaces/{made.json['sid']}/Workers"
    costly = f"{path}?Target%57orkersExpression=" + urlencode({"": "a == 1"})[1:]
    answers = [raw.ask("GET", costly) for _ in range(8)]
    assert [each.status for each in answers[:3]] == [200] * 3
    refused = [each for each in answers if each.status == 429]
    assert refused
    assert refused[0].json == {
        "code": 20429,
        "message": "Too Many Requests",
        "more_info": "https://www.twilio.com/docs/errors/20429",
        "status": 429,
    }
    told = refused[0].headers
    assert (told["x-rate-limit-limit"], told["x-rate-limit-remaining"], told["retry-after"]) == ("3", "0", "1")
    assert [raw.ask("GET", path).status for _ in range(20)] == [200] * 20, "other lists are not limited"
    missing = raw.ask("GET", "/v1/Nothing")
    assert (missing.status, missing.headers["x-rate-limit-limit"]) == (404, "1000")


def test_without_limits_nothing_is_counted(raw: Raw, base: str) -> None:
    answers = [raw.ask("GET", f"{base}/Workers?TargetWorkersExpression=a%3D%3D1") for _ in range(20)]
    assert {each.status for each in answers} == {200}
    assert "x-rate-limit-limit" not in answers[-1].headers
