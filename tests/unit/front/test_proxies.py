"""Whose word counts for the address that a client used, and for its own."""

from __future__ import annotations

import pytest

from pointsman.front.proxies import BadHost, Peer, Seen, is_host, read_networks, read_public_url, see

PROXY, STRANGER = "10.0.0.7", "203.0.113.9"
TRUSTED = read_networks("10.0.0.0/8, ::1")


def seen(peer: str, public_url: str | None = None, host: str = "inner:8080", **forwarded: str) -> Seen:
    """A request with these `X-Forwarded-*` headers, from this address."""
    headers = [(b"host", host.encode())]
    headers += [(f"x-forwarded-{name}".encode(), value.encode("latin-1")) for name, value in forwarded.items()]
    return see(headers, "1.1", Peer("http", peer, ("127.0.0.1", 8080)), public_url, TRUSTED)


def test_without_a_proxy_the_host_header_counts() -> None:
    assert seen(STRANGER, host="Router.local:81") == Seen("http", "http://Router.local:81", STRANGER)


def test_a_trusted_proxy_tells_scheme_host_port_and_client() -> None:
    told = seen(PROXY, proto="https", host="router.example.com", port="8443", **{"for": STRANGER})
    assert told == Seen("https", "https://router.example.com:8443", STRANGER)


def test_a_stranger_tells_nothing() -> None:
    told = seen(STRANGER, proto="https", host="evil.example", port="1", **{"for": "1.2.3.4"})
    assert told == Seen("http", "http://evil.example", STRANGER), "this host is the header's own"


@pytest.mark.parametrize(
    ("forwarded", "base"),
    [
        ({"proto": "https"}, "https://own.example"),
        ({"proto": "HTTPS", "port": "443"}, "https://own.example"),
        ({"port": "80"}, "http://own.example"),
        ({"port": "8081"}, "http://own.example:8081"),
        ({"x_host": "a.example:444", "port": "555"}, "http://a.example:444"),
        ({"x_host": "[2001:db8::1]", "port": "555"}, "http://[2001:db8::1]:555"),
        ({"x_host": "first.example, last.example"}, "http://last.example"),
        ({"proto": "http, https"}, "https://own.example"),
    ],
)
def test_what_is_forwarded_makes_the_base(forwarded: dict[str, str], base: str) -> None:
    headers = [(b"host", b"own.example")]
    headers += [
        (f"x-forwarded-{name.removeprefix('x_')}".encode(), value.encode()) for name, value in forwarded.items()
    ]
    assert see(headers, "1.1", Peer("http", PROXY, None), None, TRUSTED).base == base


@pytest.mark.parametrize(
    "forwarded",
    [
        {"proto": "gopher"},
        {"proto": ""},
        {"port": "0"},
        {"port": "99999"},
        {"port": "eighty"},
        {"port": "٨٠".encode().decode("latin-1")},
        {"host": "evil.example/path"},
        {"host": 'x"><script>'},
        {"host": "a b"},
        {"host": ""},
        {"host": "user@evil.example"},
    ],
)
def test_what_is_malformed_is_ignored(forwarded: dict[str, str]) -> None:
    headers = [(b"host", b"own.example")]
    headers += [(f"x-forwarded-{name}".encode(), value.encode("latin-1")) for name, value in forwarded.items()]
    assert see(headers, "1.1", Peer("http", PROXY, None), None, TRUSTED) == Seen("http", "http://own.example", PROXY)


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        (STRANGER, STRANGER),
        (f"1.1.1.1, {STRANGER}", STRANGER),
        (f"1.1.1.1, {STRANGER}, 10.0.0.8, 10.0.0.9", STRANGER),
        (f"{STRANGER}:5000", STRANGER),
        ("[2001:db8::1]:5000", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", STRANGER),
        ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("unknown", PROXY),
        ("1.1.1.1, unknown, 10.0.0.9", "10.0.0.9"),
        ("fe80::1%<b>", PROXY),
        ("", PROXY),
    ],
)
def test_the_client_is_the_last_hop_that_is_not_trusted(hops: str, client: str) -> None:
    assert seen(PROXY, **{"for": hops}).client == client


def test_several_headers_are_one_list() -> None:
    headers = [(b"host", b"x"), (b"x-forwarded-for", STRANGER.encode()), (b"x-forwarded-for", b"10.1.1.1")]
    assert see(headers, "1.1", Peer("http", "::1", None), None, TRUSTED).client == STRANGER


def test_the_public_url_outranks_all() -> None:
    public = read_public_url("https://router.example.com/taskrouter/")
    assert public == "https://router.example.com/taskrouter"
    assert seen(PROXY, public, proto="http", host="other.example").base == public
    assert seen(STRANGER, public).base == public


def test_a_mapped_peer_is_the_address_that_it_maps() -> None:
    told = see(
        [(b"host", b"x"), (b"x-forwarded-proto", b"https")], "1.1", Peer("http", f"::ffff:{PROXY}", None), None, TRUSTED
    )
    assert told.scheme == "https"


@pytest.mark.parametrize("host", ["x", "a.b-c.example", "my_service", "127.0.0.1:1", "[::1]", "[::1]:65535", "x."])
def test_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":80",
        "x:",
        "x:0",
        "x:65536",
        "x:8a",
        "x:٣",
        "a b",
        "a/b",
        "a?b",
        "a#b",
        "a@b",
        "a,b",
        "a\\b",
        'a"b',
        "<b>",
        "a\nb",
        "a\x00b",
        "[::1",
        "[:::]",
        "[1.2.3.4]:[::1]",
        "::1",
        "é",
        "a" * 256,
        "%61",
        "-a",
    ],
)
def test_what_is_no_host(host: str) -> None:
    assert not is_host(host)
    with pytest.raises(BadHost):
        see([(b"host", host.encode())], "1.1", Peer("http", STRANGER, None), None, ())


def test_only_http_1_0_may_come_without_a_host() -> None:
    with pytest.raises(BadHost, match="missing"):
        see([], "1.1", Peer("http", STRANGER, ("::1", 8080)), None, ())
    assert see([], "1.0", Peer("http", STRANGER, ("::1", 8080)), None, ()).base == "http://[::1]:8080"
    with pytest.raises(BadHost):
        see([(b"host", b"a"), (b"host", b"a")], "1.0", Peer("http", STRANGER, None), None, ())


@pytest.mark.parametrize(
    "text",
    [
        "router.example.com",
        "ftp://x",
        "https://",
        "https://x?y",
        "https://x#y",
        "https://x/?",
        "https://x/#",
        "https://u:p@x",
        "https://x:0",
        "https://x/a b",
        "https://x//a",
        "https://[::1",
        "https://x/%0d",
        "https://x\n",
    ],
)
def test_a_public_url_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        read_public_url(text)


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", "*"])
def test_trusted_proxies_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        read_networks(text)


def test_nothing_set_is_nothing() -> None:
    assert (read_public_url(None), read_public_url(""), read_networks(None), read_networks(" ,")) == (
        None,
        None,
        (),
        (),
    )
