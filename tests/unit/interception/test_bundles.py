"""Bundles: what was trusted, and the local authority."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from pointsman.cli.interception import bundles as module
from pointsman.cli.interception.bundles import BUNDLES_KEPT_MAX, Bundles, system_roots
from pointsman.tls.certificates import make_authority


def certificate() -> str:
    return make_authority(datetime.now(UTC)).certificate.public_bytes(Encoding.PEM).decode()


OURS, THEIRS, OTHERS = certificate(), certificate(), certificate()


def trusted(bundle: Path) -> int:
    """Count the authorities that OpenSSL finds in a bundle."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bundle)
    return context.cert_store_stats()["x509_ca"]


def test_a_bundle_has_theirs_and_ours(tmp_path: Path) -> None:
    """And is the same file as long as both stay the same."""
    (tmp_path / "theirs").write_text(THEIRS)
    made = Bundles(tmp_path, OURS)

    bundle = made.combine(str(tmp_path / "theirs"))

    assert bundle.read_text() == THEIRS + OURS
    assert trusted(bundle) == 2
    assert made.warnings == []
    assert Bundles(tmp_path, OURS).combine(str(bundle)) == bundle  # a command within a command


def test_a_file_without_a_last_line_end_is_no_trouble(tmp_path: Path) -> None:
    """The next certificate must start on a line of its own."""
    (tmp_path / "theirs").write_text(f"  \n{THEIRS.strip()}")
    assert trusted(Bundles(tmp_path, OURS).combine(str(tmp_path / "theirs"))) == 2


def test_a_folder_of_certificates_is_one_bundle(tmp_path: Path) -> None:
    """Variables may name folders, which hold each certificate under several names."""
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "a.pem").write_text(THEIRS)
    (folder / "b.pem").write_text(OTHERS)
    (folder / "0123abcd.0").symlink_to("a.pem")
    (folder / "README").write_text("hello")

    assert trusted(Bundles(tmp_path, OURS).combine(str(folder))) == 3


def test_a_file_that_can_not_be_used_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program would have failed with it; with the system's roots it works."""
    monkeypatch.setattr(module, "system_roots", THEIRS.encode)
    made = Bundles(tmp_path, OURS)

    assert made.combine("/no/such/file") == made.combine("/no/such/file") == made.combine(None)
    assert made.warnings == ["/no/such/file holds no certificates; using the system's instead."]


def test_without_system_roots_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the world will be out of reach."""
    monkeypatch.setattr(module, "system_roots", lambda: b"")
    made = Bundles(tmp_path, OURS)
    assert made.combine(None).read_text().strip() == OURS.strip()
    assert len(made.warnings) == 1


def test_a_private_key_is_never_copied(tmp_path: Path) -> None:
    """A file with both is somebody's mistake; spreading it would be ours."""
    (tmp_path / "both").write_text(f"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n{THEIRS}")
    assert "PRIVATE" not in Bundles(tmp_path, OURS).combine(str(tmp_path / "both")).read_text()


def test_old_bundles_are_removed(tmp_path: Path) -> None:
    """The one in use is never among them."""
    for number in range(BUNDLES_KEPT_MAX + 3):
        source = tmp_path / "theirs"
        source.write_text(THEIRS + f"# {number}\n")
        newest = Bundles(tmp_path, OURS).combine(str(source))
        os.utime(newest, (number, number))

    kept = sorted(path.read_text() for path in tmp_path.glob("bundle-*.pem"))
    assert len(kept) == BUNDLES_KEPT_MAX
    assert newest.exists()


def test_this_system_has_roots() -> None:
    """Some hundred of them."""
    assert system_roots().count(b"-----BEGIN CERTIFICATE-----") > 20
