"""What `pointsman hosts` prints: the route for programs that honour nothing but the hosts file."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pointsman.cli.interception.names import TLS_PORT

# The hosts of the REST API, of the worker SDK and of accounts. A hosts file has no wildcards.
HOSTS = ("taskrouter.twilio.com", "event-bridge.twilio.com", "api.twilio.com", "accounts.twilio.com")
LOOPBACK = "127.0.0.1"


def hosts_page(tls_url: str | None, certificate: Path) -> str:
    """Write the lines, and what else the route needs, as comments that a hosts file may hold."""
    parts = urlsplit(tls_url or "")
    address = _address(parts.hostname)
    notes = [
        "These lines lead every program on this machine to Pointsman. Add them to /etc/hosts (as root), and",
        "remove them afterwards. A region in use (taskrouter.dublin.ie1.twilio.com) needs a line of its own.",
        "",
        *_port_notes((parts.port or TLS_PORT) if tls_url else None),
        "",
        "The programs must trust the local authority, which can vouch for twilio.com and localhost only:",
        f"  Node       NODE_EXTRA_CA_CERTS={certificate}",
        "  Python     REQUESTS_CA_BUNDLE for the blocking client, SSL_CERT_FILE for the async one; each names",
        "             a bundle of this and the system's authorities (pointsman env prints both)",
        f"  browsers   import {certificate}",
        "",
    ]
    lines = [f"# {note}".rstrip() for note in notes]
    lines += [f"{address} {host}" for host in HOSTS]
    return "\n".join(lines) + "\n"


def _port_notes(port: int | None) -> list[str]:
    if port == TLS_PORT:
        return ["The server listens on port 443 already, as the programs expect."]
    now = f"it listens on {port} now" if port else "it has no TLS listener now"
    return [
        f"The programs connect to port 443 ({now}). Either start the server with --tls-port 443, which Linux",
        "allows without root after: sysctl net.ipv4.ip_unprivileged_port_start=443",
        "or redirect the port: iptables -t nat -A OUTPUT -o lo -p tcp --dport 443"
        f" -j REDIRECT --to-ports {port or 8443}",
    ]


def _address(host: str | None) -> str:
    """Give the listener's address; a hosts file can't hold a name there."""
    try:
        return str(ip_address(host or LOOPBACK))
    except ValueError:
        return LOOPBACK
