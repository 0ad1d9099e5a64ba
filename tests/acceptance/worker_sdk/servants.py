"""Where the SDK runs, and how it is told what to do (`node/servant.js`): a process of Node, or a page in Chromium."""

from __future__ import annotations

import contextlib
import json
import queue
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

from playwright.sync_api import Playwright, sync_playwright

from tests.acceptance.chromium import CHROMIUM, FLAGS
from tests.acceptance.conftest import clean_environment

NODE = Path(__file__).parents[1] / "node"
PACKAGE = NODE / "node_modules" / "twilio-taskrouter"
WAIT_S = 15.0
STOP_S = 10.0


class Failed(Exception):
    """The SDK's promise was rejected, or its method threw."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message


class Told(NamedTuple):
    """An event of the SDK: of what (a path from a client), its class, its name and what it brought."""

    of: str
    kind: str
    event: str
    value: Any


class Way(Protocol):
    """How commands get to the SDK; events come to `tell` on any thread."""

    def ask(self, command: dict[str, Any]) -> dict[str, Any]: ...

    def idle(self) -> None:
        """Let events come."""

    def close(self) -> None: ...


class Servant:
    """Commands, and the events so far. `called` and `heard` are what the suite has covered."""

    def __init__(self, make: Callable[[Callable[[dict[str, Any]], None]], Way]) -> None:
        self.events: list[Told] = []
        self.called: set[tuple[str, str]] = set()
        self.heard: set[tuple[str, str]] = set()
        self._kinds: dict[str, str] = {}  # of clients, by name
        self._way = make(self._tell)

    def _tell(self, line: dict[str, Any]) -> None:
        self.events.append(Told(line["of"], line["kind"], line["event"], dates_from(line["value"])))
        self.heard.add((line["kind"], line["event"]))

    def make(self, name: str, kind: str, *args: Any) -> None:
        self._kinds[name] = kind
        self._ask({"deed": "make", "name": name, "kind": kind, "args": [dates_to(each) for each in args]})

    def call(self, of: str, method: str, *args: Any) -> Any:
        """Raises: `Failed`."""
        self.called.add((self.kind_of(of), method))
        return self._ask({"deed": "call", "of": of, "method": method, "args": [dates_to(each) for each in args]})

    def look(self, of: str) -> Any:
        return self._ask({"deed": "look", "of": of})

    def kind_of(self, of: str) -> str:
        """The class that the documentation has for what stands at a path."""
        steps = of.split("/")
        if len(steps) == 1:
            return self._kinds[of]
        if steps[-1] in ("outgoing", "incoming"):
            return f"{steps[-1].capitalize()}Transfer"
        if steps[-1] == "task":
            return "Task"
        return {"reservations": "Reservation", "activities": "Activity", "channels": "Channel"}[steps[-2]]

    def _ask(self, command: dict[str, Any]) -> Any:
        answer = self._way.ask(command)
        if "error" in answer:
            raise Failed(answer["error"].get("name") or "", answer["error"].get("message") or "")
        return dates_from(answer.get("value"))

    def mark(self) -> int:
        """How far events have come."""
        return len(self.events)

    def wait(self, of: str, event: str, since: int = 0, seconds: float = WAIT_S) -> Told:
        """The first such event after a mark."""
        deadline = time.monotonic() + seconds
        while True:
            for each in self.events[since:]:
                if (each.of, each.event) == (of, event):
                    return each
            if time.monotonic() > deadline:
                seen = [f"{each.of} {each.event}" for each in self.events[since:]]
                raise AssertionError(f"{of} had no {event} within {seconds:g} s, but {seen}")
            self._way.idle()

    def names(self, of: str, since: int = 0) -> list[str]:
        """The events of something, in order."""
        return [each.event for each in self.events[since:] if each.of == of]

    def close(self) -> None:
        self._way.close()


def dates_to(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$date": int(value.timestamp() * 1000)}
    if isinstance(value, dict):
        return {name: dates_to(each) for name, each in value.items()}
    return value


def dates_from(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"$date"}:
            assert isinstance(value["$date"], int), "the SDK could not read a date"
            return datetime.fromtimestamp(value["$date"] / 1000, UTC)
        return {name: dates_from(each) for name, each in value.items()}
    if isinstance(value, list):
        return [dates_from(each) for each in value]
    return value


# --- in Node ------------------------------------------------------------------------------------------------------


class InNode:
    def __init__(
        self, tell: Callable[[dict[str, Any]], None], command: Sequence[str] = (), log: Path | None = None
    ) -> None:
        """`command` is what runs Node: `pointsman exec --`, or nothing."""
        self._log = log.open("ab") if log else subprocess.DEVNULL
        self._process = subprocess.Popen(
            [*command, "node", "worker.js"],
            cwd=NODE,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._tell, self._answers, self._asked = tell, queue.Queue[dict[str, Any]](), 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line = json.loads(text)
            if "id" in line:
                self._answers.put(line)
            else:
                self._tell(line)
        self._answers.put({"error": {"name": "Ended", "message": "worker.js ended: did the SDK throw?"}})

    def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._asked += 1
        with contextlib.suppress(BrokenPipeError):  # the reader has noticed
            self._process.stdin.write(json.dumps({"id": self._asked, **command}) + "\n")
            self._process.stdin.flush()
        return self._answers.get(timeout=WAIT_S * 2)

    def idle(self) -> None:
        time.sleep(0.005)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(STOP_S)
        self._reader.join(STOP_S)
        self._process.stdout.close()
        if not isinstance(self._log, int):
            self._log.close()


# --- in Chromium --------------------------------------------------------------------------------------------------


class InChromium:
    """A thread can have one Playwright at a time: the browsers share it."""

    _playwright: ClassVar[Playwright | None] = None
    _open: ClassVar[int] = 0

    def __init__(self, tell: Callable[[dict[str, Any]], None], bundle: Path, *arguments: str) -> None:
        InChromium._playwright = InChromium._playwright or sync_playwright().start()
        InChromium._open += 1
        self._browser = InChromium._playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *arguments])
        self._page = self._browser.new_page(ignore_https_errors=True)
        self._page.expose_function("tell", tell)
        self._page.add_script_tag(content=bundle.read_text(encoding="utf-8"))

    def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        return dict(self._page.evaluate("command => window.serve(command)", command))

    def idle(self) -> None:
        self._page.wait_for_timeout(5)

    def close(self) -> None:
        self._browser.close()
        InChromium._open -= 1
        if not InChromium._open and InChromium._playwright is not None:
            InChromium._playwright.stop()
            InChromium._playwright = None


def bundled(folder: Path) -> Path:
    """The page's script, with the package from npm in it."""
    target = folder / "page.bundle.js"
    esbuild = NODE / "node_modules" / ".bin" / "esbuild"
    subprocess.run(
        [esbuild, "page.js", "--bundle", f"--outfile={target}", "--log-level=error", "--define:global=window"],
        cwd=NODE,
        check=True,
    )
    return target


# --- what is documented -------------------------------------------------------------------------------------------

CLASSES = (
    "Worker",
    "Supervisor",
    "Workspace",
    "Reservation",
    "Task",
    "Activity",
    "Channel",
    "OutgoingTransfer",
)


def documented() -> Iterator[tuple[str, str, str]]:
    """("method" or "event", class, name) of everything on the pages that the package brings. What a class has by
    inheritance counts for the class that it comes from."""
    found: dict[str, set[tuple[str, str]]] = {name: set(_page_of(name)) for name in CLASSES}
    found["Supervisor"] -= found["Worker"]
    for kind, members in found.items():
        for what, name in sorted(members):
            yield what, kind, name


def _page_of(kind: str) -> Iterator[tuple[str, str]]:
    """Properties have two anchors each, methods and events one."""
    page = (PACKAGE / "dist" / "docs" / f"{kind}.html").read_text(encoding="utf-8")
    anchors = re.findall(r'id="((?:event:)?[A-Za-z]\w*)"', page)
    anchors = anchors[anchors.index("main") + 1 :]
    for each in set(anchors):
        if each.startswith("event:"):
            yield "event", each.removeprefix("event:")
        elif anchors.count(each) == 1 and each not in (*CLASSES, "toc", "searchResults"):
            yield "method", each
