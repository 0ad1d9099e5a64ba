"""One server a data folder, by a lock of the operating system."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from pointsman.ports import StoreUnusable

LOCK_FILE = "pointsman.lock"
LINGER_S = 10.0  # for what a server that was killed has left behind: its last commit may still be on its way to disk
LINGER_PAUSE_S = 0.02


class FolderLock:
    """The folder, held by this process until `release`, and by those that inherit `file`. The operating system lets go
    when all of them have ended."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(path, time.monotonic() + LINGER_S)
        except BaseException:
            os.close(self.file)
            raise
        os.truncate(self.file, 0)
        os.pwrite(self.file, f"{os.getpid()}\n".encode(), 0)

    def _take(self, path: Path, until: float) -> None:
        while True:
            try:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                holder = os.pread(self.file, 20, 0).decode("ascii", "replace").strip()
                if _lives(holder) or time.monotonic() > until:
                    used = f"in use by another Pointsman (process {holder or 'unknown'})"
                    raise StoreUnusable(f"{path.parent} is {used}") from None
            time.sleep(LINGER_PAUSE_S)

    def release(self) -> None:
        os.close(self.file)


def _lives(process: str) -> bool:
    """Whether there may be such a process."""
    if not process.isdigit():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    return True
