"""The local authority as files: made once, found again, shared by every process that uses the folder.

`ca-key.pem` holds the key and its certificate, and is put in place in one atomic step that fails if the
file is already there. So of two processes that start together one wins, the other reads the winner's
file, and the two halves can't be mixed up. `ca.pem` is a copy of the certificate alone, for clients.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pointsman.tls.certificates import KeyPair, make_authority
from pointsman.tls.contexts import Contexts

KEY_FILE = "ca-key.pem"
CERTIFICATE_FILE = "ca.pem"
READABLE_BY_OWNER = 0o600
READABLE_BY_ALL = 0o644


class AuthorityBroken(Exception):
    """The folder's authority can't be used; the message says why and what to do."""


class Authority:
    """A certificate authority that programs on this machine may trust for Twilio's names."""

    def __init__(self, folder: Path, pair: KeyPair) -> None:
        self.certificate_path = folder / CERTIFICATE_FILE
        self._pair = pair

    @classmethod
    def open(cls, folder: Path) -> Authority:
        """Load the authority of `folder`; make it first if there is none.

        Raises: `AuthorityBroken`, if its files can't be read or written, or have expired.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            key_path = folder / KEY_FILE
            if not key_path.exists():
                _write_unless_there(key_path, _pem(make_authority(datetime.now(UTC))))
            pair = _read(key_path)
            _mend_copy(folder / CERTIFICATE_FILE, pair.certificate)
        except OSError as error:
            raise AuthorityBroken(f"{error.filename or folder}: {error.strerror or error}") from error
        return cls(folder, pair)

    @property
    def certificate_pem(self) -> str:
        """The certificate as clients want it in their bundles."""
        return self._pair.certificate.public_bytes(Encoding.PEM).decode()

    def server_context(self) -> ssl.SSLContext:
        """Make a context for a TLS listener, which has a certificate ready for whatever name is asked."""
        return Contexts(self._pair).listener()


def _read(path: Path) -> KeyPair:
    text = path.read_bytes()
    advice = f"Remove {path.parent} to make a new authority"
    try:
        key, certificate = load_pem_private_key(text, password=None), x509.load_pem_x509_certificate(text)
    except (ValueError, TypeError) as error:
        raise AuthorityBroken(f"{path} doesn't hold a key and its certificate. {advice}.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityBroken(f"The key and the certificate in {path} don't belong together. {advice}.")
    if certificate.not_valid_after_utc <= datetime.now(UTC):
        raise AuthorityBroken(
            f"The authority in {path} expired on {certificate.not_valid_after_utc:%Y-%m-%d}. {advice}."
        )
    return KeyPair(key, certificate)


def _pem(pair: KeyPair) -> bytes:
    key = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + pair.certificate.public_bytes(Encoding.PEM)


def _mend_copy(path: Path, certificate: x509.Certificate) -> None:
    """Make sure that the copy for clients says what the authority says: it may have been edited or lost."""
    wanted = certificate.public_bytes(Encoding.PEM)
    with suppress(FileNotFoundError):
        if path.read_bytes() == wanted:
            return
    replace_file(path, wanted)


def _write_unless_there(path: Path, content: bytes) -> None:
    draft = _draft(path, content, READABLE_BY_OWNER)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its authority is as good
    except OSError:
        draft.replace(path)  # a file system without hard links; two at once are then a small risk
    finally:
        draft.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes, mode: int = READABLE_BY_ALL) -> None:
    """Write a whole file in one step: a reader sees the old content or the new, never a part."""
    draft = _draft(path, content, mode)
    try:
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _draft(path: Path, content: bytes, mode: int) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)
