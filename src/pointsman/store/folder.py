"""One server a data folder, by a lock of the operating system."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from pointsman.ports import StoreUnusable

LOCK_FILE = "pointsman.lock"


class FolderLock:
    """The folder, held by this process until `release`. The operating system lets go if the process dies."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise StoreUnusable(f"{path.parent} is in use by another Pointsman (process {holder})") from None
        except OSError:  # for example a network file system without locks
            os.close(self._file)
            raise
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)
