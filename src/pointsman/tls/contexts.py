"""TLS contexts for a listener that answers for many names: one certificate a name, signed when asked for."""

from __future__ import annotations

import ssl
import tempfile
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pointsman.tls.certificates import LEAF_VALIDITY, KeyPair, is_permitted, make_leaf, new_key

CONTEXTS_KEPT_MAX = 64  # names in use at once; one more costs a signature, not a failure
RENEW_AFTER = LEAF_VALIDITY - timedelta(days=30)
UNNAMED = "localhost"  # for a client that names nobody: this certificate has the loopback addresses


class _Kept(NamedTuple):
    context: ssl.SSLContext
    renew_at: datetime


class Contexts:
    """The contexts of one listener, by name."""

    def __init__(self, authority: KeyPair) -> None:
        self._authority = authority
        self._key = new_key()  # one for all names, so that a new name costs one signature
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()  # a server may shake hands in several threads

    def listener(self) -> ssl.SSLContext:
        """Make the context that a listener starts every handshake with."""
        context = self._make(UNNAMED, datetime.now(UTC))
        context.sni_callback = self._choose
        return context

    def for_name(self, hostname: str, now: datetime) -> ssl.SSLContext:
        """Give the context for a permitted name, signing a certificate if there is no fresh one."""
        with self._lock:
            kept = self._kept.get(hostname)
            if kept is None or kept.renew_at <= now:
                kept = _Kept(self._make(hostname, now), now + RENEW_AFTER)
                self._kept[hostname] = kept
            self._kept.move_to_end(hostname)
            while len(self._kept) > CONTEXTS_KEPT_MAX:
                self._kept.popitem(last=False)
            return kept.context

    def _choose(
        self, connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _listener: ssl.SSLContext
    ) -> int | None:
        """Answer a client's hello: pick the certificate of the name it asks for, or refuse by an alert."""
        hostname = UNNAMED if name is None or _is_address(name) else name.lower().removesuffix(".")
        if not is_permitted(hostname):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self.for_name(hostname, datetime.now(UTC))
        return None

    def _make(self, hostname: str, now: datetime) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # the worker SDK 2.1.1 speaks nothing newer
        context.set_alpn_protocols(["http/1.1"])
        certificate = make_leaf(self._authority, self._key, hostname, now)
        text = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        text += certificate.public_bytes(Encoding.PEM)
        # OpenSSL reads keys from files only: this one is its owner's alone, and gone when the block ends.
        with tempfile.NamedTemporaryFile(prefix="pointsman-", suffix=".pem") as file:
            file.write(text)
            file.flush()
            context.load_cert_chain(file.name)
        return context


def _is_address(name: str) -> bool:
    """Say whether a client put an address where a name belongs; some do, and mean no name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
