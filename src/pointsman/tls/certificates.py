"""What the local authority's certificates say. Pure: keys and times come in, certificates go out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_VALIDITY = timedelta(days=3652)
LEAF_VALIDITY = timedelta(days=90)
CLOCK_SKEW_MAX = timedelta(days=1)  # a client in a virtual machine may be behind us

PERMITTED_DOMAINS = ("twilio.com", "localhost")
LOOPBACK_V4 = IPv4Network("127.0.0.0/8")
LOOPBACK_V6 = IPv6Network("::1/128")

HOSTNAME_CHARS_MAX = 253
_HOSTNAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")


class KeyPair(NamedTuple):
    """A private key, and the certificate that speaks for it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a key on P-256: every TLS client in use accepts it, and signing takes microseconds."""
    return ec.generate_private_key(ec.SECP256R1())


def is_permitted(hostname: str) -> bool:
    """Say whether the authority may speak for `hostname` (lower case, without a final dot)."""
    if len(hostname) > HOSTNAME_CHARS_MAX or not _HOSTNAME.fullmatch(hostname):
        return False
    return any(hostname == domain or hostname.endswith(f".{domain}") for domain in PERMITTED_DOMAINS)


def make_authority(now: datetime) -> KeyPair:
    """Make an authority that can vouch for Twilio's names and this machine, and for nothing else.

    The constraints are critical: even somebody who steals the key can't use it for another site.
    """
    key = new_key()
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # Each authority has its own name: a bundle may hold several, and clients look an issuer up by name.
    name = _name(f"Pointsman local authority {key_id.digest.hex()[:8]}")
    constraints = x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(domain) for domain in PERMITTED_DOMAINS),
            x509.IPAddress(LOOPBACK_V4),
            x509.IPAddress(LOOPBACK_V6),
        ],
        excluded_subtrees=None,
    )
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(key_id, critical=False)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(key, certificate)


def make_leaf(authority: KeyPair, key: ec.EllipticCurvePrivateKey, hostname: str, now: datetime) -> x509.Certificate:
    """Sign a server certificate for `hostname`; one for `localhost` covers the loopback addresses too."""
    assert is_permitted(hostname), f"the authority may not speak for {hostname}"
    names: list[x509.GeneralName] = [x509.DNSName(hostname)]
    if hostname == "localhost":
        names += [x509.IPAddress(IPv4Address("127.0.0.1")), x509.IPAddress(IPv6Address("::1"))]
    issuer_key_id = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    # The subject is no host name on purpose: it may hold 64 characters, and a host name is often longer.
    subject = _name("Pointsman local server")
    return (
        _builder(subject, authority.certificate.subject, key.public_key(), now, LEAF_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key_id), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    validity: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW_MAX)
        .not_valid_after(now + validity)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
