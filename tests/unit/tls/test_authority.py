"""The local authority as files: made once, found again, and never half."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Barrier

import pytest
from cryptography import x509

from pointsman.tls import Authority, AuthorityBroken
from pointsman.tls import authority as module
from pointsman.tls.certificates import KeyPair, make_authority, new_key

LONG_AGO = datetime.now(UTC) - timedelta(days=4_000)


def test_it_is_made_once_and_found_again(tmp_path: Path) -> None:
    """Programs that trusted it yesterday trust it today."""
    first, second = Authority.open(tmp_path / "tls"), Authority.open(tmp_path / "tls")

    assert first.certificate_pem == second.certificate_pem
    assert first.certificate_path.read_text() == first.certificate_pem
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == ["ca-key.pem", "ca.pem"]


def test_its_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The certificate is public, the key is not."""
    authority = Authority.open(tmp_path)

    assert stat.S_IMODE((tmp_path / "ca-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.certificate_path.stat().st_mode) == 0o644
    assert "PRIVATE" not in authority.certificate_path.read_text()


def test_of_many_that_start_at_once_one_makes_it(tmp_path: Path) -> None:
    """All end up with the winner's authority."""
    at_once = Barrier(8)

    def start(_: int) -> str:
        at_once.wait()
        return Authority.open(tmp_path).certificate_pem

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca-key.pem", "ca.pem"]


def test_a_lost_or_edited_certificate_is_written_again(tmp_path: Path) -> None:
    """The key's file holds the certificate too, so the copy can always be mended."""
    before = Authority.open(tmp_path)
    before.certificate_path.unlink()
    assert Authority.open(tmp_path).certificate_path.read_text() == before.certificate_pem

    before.certificate_path.write_text("edited")
    assert Authority.open(tmp_path).certificate_path.read_text() == before.certificate_pem


def test_it_may_vouch_for_twilio_and_this_machine_alone(tmp_path: Path) -> None:
    """Whoever steals the key gains nothing elsewhere; clients must heed that, so it is critical."""
    certificate = x509.load_pem_x509_certificate(Authority.open(tmp_path).certificate_pem.encode())

    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert [name.value for name in constraints.value.permitted_subtrees or ()] == [
        "twilio.com",
        "localhost",
        ip_network("127.0.0.0/8"),
        ip_network("::1/128"),
    ]
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        (make_authority(LONG_AGO), "expired on"),
        (KeyPair(new_key(), make_authority(datetime.now(UTC)).certificate), "don't belong together"),
    ],
)
def test_an_unusable_authority_is_refused_in_one_line(tmp_path: Path, pair: KeyPair, why: str) -> None:
    """It says what to do, and changes nothing: the file may be the user's own."""
    content = module._pem(pair)
    (tmp_path / "ca-key.pem").write_bytes(content)

    with pytest.raises(AuthorityBroken, match=f"{why}.*Remove") as caught:
        Authority.open(tmp_path)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "ca-key.pem").read_bytes() == content


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    """Something else lies where the key should."""
    (tmp_path / "ca-key.pem").write_text("nothing")
    with pytest.raises(AuthorityBroken, match="doesn't hold a key"):
        Authority.open(tmp_path)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A mistake in the data folder's name shows as one line."""
    (tmp_path / "file").touch()
    with pytest.raises(AuthorityBroken, match="file"):
        Authority.open(tmp_path / "file" / "tls")
