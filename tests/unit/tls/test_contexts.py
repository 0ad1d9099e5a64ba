"""Handshakes with the listener's context, in memory, with Python's own client."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509

from pointsman.tls import Authority, certificates, contexts
from pointsman.tls.certificates import make_authority
from pointsman.tls.contexts import CONTEXTS_KEPT_MAX, RENEW_AFTER, Contexts

ROUNDS_MAX = 10


class Agreed(NamedTuple):
    """What client and server settled on."""

    certificate: x509.Certificate
    version: str | None
    protocol: str | None

    def names(self) -> list[str]:
        names = self.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [str(name.value) for name in names]


def client_context(authority: Authority) -> ssl.SSLContext:
    """Trust the local authority alone, and be as strict as the newest Python is."""
    context = ssl.create_default_context(cafile=str(authority.certificate_path))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str | None) -> Agreed:
    """Let two ends talk until the client is satisfied or either one refuses."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(up, down, server_side=True)
    theirs = client.wrap_bio(down, up, server_hostname=name)
    done = {ours: False, theirs: False}
    for _ in range(ROUNDS_MAX):
        for end in (theirs, ours):
            try:
                end.do_handshake()
                done[end] = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                if end is theirs:
                    raise  # else: our refusal is on its way to the client
        if all(done.values()):
            break
    leaf = theirs.getpeercert(binary_form=True)
    assert leaf is not None
    return Agreed(x509.load_der_x509_certificate(leaf), theirs.version(), theirs.selected_alpn_protocol())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "twilio.com",
        "taskrouter.twilio.com",
        "taskrouter.dublin.ie1.twilio.com",
        "TaskRouter.Twilio.Com",
        "a-label_with.odd-letters.twilio.com",
        ".".join(["x" * 60] * 3) + ".twilio.com",
        "localhost",
    ],
)
def test_each_name_gets_a_certificate_of_its_own(authority: Authority, name: str) -> None:
    """A wildcard covers one label only, and region and edge are labels."""
    agreed = shake_hands(authority.server_context(), client_context(authority), name)

    assert agreed.names()[0] == name.lower()
    assert agreed.protocol == "http/1.1"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_client_that_names_nobody_gets_the_loopback_certificate(authority: Authority, address: str) -> None:
    """Addresses aren't sent as names."""
    agreed = shake_hands(authority.server_context(), client_context(authority), address)
    assert agreed.names() == ["localhost", "127.0.0.1", "::1"]


@pytest.mark.parametrize("name", ["example.com", "nottwilio.com", "twilio.com.example.com", "127.0.0.2.example"])
def test_other_names_are_refused_by_an_alert(authority: Authority, name: str) -> None:
    """The client learns that this listener doesn't know the name, before any certificate is shown."""
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        shake_hands(authority.server_context(), client_context(authority), name)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_current_versions_are_spoken(authority: Authority, version: ssl.TLSVersion) -> None:
    """An old worker SDK is fixed to 1.2."""
    client = client_context(authority)
    client.minimum_version = client.maximum_version = version

    agreed = shake_hands(authority.server_context(), client, "event-bridge.twilio.com")

    assert agreed.version == version.name.replace("_", ".")
    assert agreed.names() == ["event-bridge.twilio.com"]


def test_a_certificate_beyond_the_constraints_is_worthless(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if our own check were gone, clients wouldn't believe us."""
    monkeypatch.setattr(certificates, "is_permitted", lambda _: True)
    monkeypatch.setattr(contexts, "is_permitted", lambda _: True)

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(authority.server_context(), client_context(authority), "example.com")


def test_certificates_are_kept_until_they_are_due() -> None:
    """The same one for two months, then a fresh one."""
    now = datetime.now(UTC)
    kept = Contexts(make_authority(now))
    first = kept.for_name("api.twilio.com", now)

    assert kept.for_name("api.twilio.com", now + RENEW_AFTER - timedelta(seconds=1)) is first
    assert kept.for_name("api.twilio.com", now + RENEW_AFTER) is not first


def test_the_name_that_was_unused_longest_makes_room() -> None:
    """Somebody who asks for a million names doesn't fill the memory."""
    now = datetime.now(UTC)
    kept = Contexts(make_authority(now))
    contexts = [kept.for_name(f"{number}.twilio.com", now) for number in range(CONTEXTS_KEPT_MAX)]

    assert kept.for_name("0.twilio.com", now) is contexts[0]  # used again: "1" is now the oldest
    kept.for_name("one-more.twilio.com", now)

    assert kept.for_name("0.twilio.com", now) is contexts[0]
    assert kept.for_name("1.twilio.com", now) is not contexts[1]
