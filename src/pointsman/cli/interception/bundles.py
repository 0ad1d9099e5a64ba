"""Files of certificate authorities: what a program trusts already, and the local authority.

A program that is told which authorities to trust trusts no others, so ours alone would cut it off from
the rest of the world. A bundle is named for its content: it never changes while a program reads it.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from contextlib import suppress
from pathlib import Path

BUNDLES_KEPT_MAX = 8  # a new one is made only when the roots change; a running program may read an older one
BUNDLE_BYTES_MAX = 16 * 1024 * 1024
_BEGIN = b"-----BEGIN "

# Where systems keep their roots, if OpenSSL was built elsewhere: Debian, Fedora, SUSE, macOS and Alpine, BSD.
_SYSTEM_ROOTS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
)


class Bundles:
    """Makes bundles in a folder, and remembers what to tell the user."""

    def __init__(self, folder: Path, certificate_pem: str) -> None:
        self._folder, self._ours = folder, certificate_pem.encode()
        self._made: dict[str | None, Path] = {}
        self.warnings: list[str] = []

    def combine(self, source: str | None) -> Path:
        """Give a file with the authorities of `source` (or of the system) and ours."""
        if source not in self._made:
            self._made[source] = self._write(self._trusted(source))
        return self._made[source]

    def _trusted(self, source: str | None) -> bytes:
        if source:
            content = _read(Path(source))
            if content:
                return content
            self.warnings.append(f"{source} holds no certificates; using the system's instead.")
        content = system_roots()
        if not content:
            self.warnings.append("Found no system certificates: this command trusts the local authority alone.")
        return content

    def _write(self, trusted: bytes) -> Path:
        from pointsman.tls.authority import replace_file

        # A command within a command finds our authority in the outer one's bundle: once is enough.
        content = trusted if self._ours in trusted else trusted.rstrip() + b"\n" + self._ours
        path = self._folder / f"bundle-{hashlib.sha256(content).hexdigest()[:16]}.pem"
        try:
            os.utime(path)  # in use: the oldest are removed
        except FileNotFoundError:
            replace_file(path, content.lstrip())
            self._remove_old()
        return path

    def _remove_old(self) -> None:
        aged = []
        for path in self._folder.glob("bundle-*.pem"):
            with suppress(FileNotFoundError):  # another process may be removing it too
                aged.append((path.stat().st_mtime, path))
        for _, path in sorted(aged, reverse=True)[BUNDLES_KEPT_MAX:]:
            path.unlink(missing_ok=True)


def system_roots() -> bytes:
    """Read the roots that this system trusts; empty if they can't be found."""
    places = ssl.get_default_verify_paths()
    compiled_in = (
        places.openssl_cafile,
        places.openssl_capath,
    )  # without the variables, which we may have set
    for place in (*compiled_in, *_SYSTEM_ROOTS):
        content = _read(Path(place)) if place else b""
        if content:
            return content
    return _read_certifi()


def _read_certifi() -> bytes:
    try:
        import certifi
    except ImportError:
        return b""
    return _read(Path(certifi.where()))


def _read(path: Path) -> bytes:
    """Read the certificates of a file, or of the files of a folder; empty if there are none."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        parts: dict[bytes, None] = {}  # a folder holds most certificates twice, once by its hash
        for file in files:
            if file.is_file() and file.stat().st_size <= BUNDLE_BYTES_MAX:
                content = file.read_bytes()
                if _BEGIN in content and b"PRIVATE KEY" not in content:
                    parts[content.rstrip() + b"\n"] = None
    except OSError:
        return b""
    return b"".join(parts)
