"""The language server beside its limits and other servers: `python -m tests.benchmarks.lsp [REPO]`.

REPO is a large clone; without it the figures that need one are left out. `ruff` and `ty`, which the
development set-up brings, are the peers.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.index import row, spread, timed
from tests.benchmarks.repositories import new_repository
from tests.daemon.daemon_process import DaemonProcess
from tests.e2e.conftest import share_caches
from tests.lsp.attached import Attached
from tests.lsp.editor import Editor

STARTS = 10
ASKED = 200
EDITS = 1_000
CANCELLED = 20
LINES = 200_000
_PULSE = 0.005
SERVED = [sys.executable, "-m", "tests.benchmarks.lsp", "--serve"]
PEERS = {"ruff server": ["ruff", "server"], "ty server": ["ty", "server"]}
TOLD = {"symbols": True, "references": True, "calls": True, "sandbox": "bubblewrap"}
CAPABILITIES: dict[str, Any] = {
    "window": {"workDoneProgress": True},
    "textDocument": {
        "codeLens": {},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
    },
}


class Desk:
    """An editor on a folder, and what the event loop of its server was held up for."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder = folder
        state.mkdir(exist_ok=True)
        self._lags = state / f"lags-{time.monotonic_ns()}"
        environ = {**os.environ, "RATCHET_STATE_DIR": str(state), "RATCHET_LAGS": str(self._lags)}
        self.editor = Editor(SERVED, environ)

    def begin(self) -> None:
        """Initialize as an editor with a folder does."""
        uri = self.folder.as_uri()
        folders = [{"uri": uri, "name": "bench"}]
        self.editor.ask(
            "initialize",
            processId=None,
            rootUri=uri,
            workspaceFolders=folders,
            capabilities=CAPABILITIES,
            initializationOptions=TOLD,
        )
        self.editor.notify("initialized")
        self.ping()

    def ping(self) -> None:
        """Wait until everything that was said is dealt with."""
        self.editor.ask("no/such")

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a document."""
        shown = path.read_text() if text is None else text
        document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": shown}
        self.editor.notify("textDocument/didOpen", textDocument=document)
        return path.as_uri()

    def lag(self) -> str:
        """End the server and say for how long its loop was held up at most.

        The processor time is that of the loop's own thread; the rest is what others had the machine for.
        """
        self.editor.ask("shutdown")
        self.editor.notify("exit")
        self.editor.ended()
        lines = [line.split() for line in self._lags.read_text().splitlines()]
        held, worked = (max((float(line[place]) for line in lines), default=0.0) for place in (0, 1))
        return f"max {held * 1e3:.1f} ms; by its own work max {worked * 1e3:.1f} ms of a processor"


@contextmanager
def desk(folder: Path, state: Path) -> Iterator[Desk]:
    """Yield an editor that has begun."""
    one = Desk(folder, state)
    with one.editor:
        one.begin()
        yield one


def serve() -> None:
    """Serve as `ratchet lsp` does, and write down whenever the loop was held up."""
    from lsp.wire.process import make_server, meet_editor

    editor = meet_editor()
    import asyncio

    server = make_server()

    async def watch() -> None:
        with Path(os.environ["RATCHET_LAGS"]).open("w", buffering=1) as file:
            while True:
                begun, worked = time.monotonic(), time.thread_time()
                await asyncio.sleep(_PULSE)
                print(time.monotonic() - begun - _PULSE, time.thread_time() - worked, file=file)

    server.on_begin(lambda: void(server.spawn(watch())))
    sys.exit(server.serve(editor.source, editor.target, editor.greeting))


def void(_: object) -> None:
    """Return nothing."""


def start_up(folder: Path) -> None:
    """Print how long an editor waits for the first answer of each server."""
    commands = {"ratchet lsp": [sys.executable, "-m", "agent", "lsp"], **PEERS}
    for name, command in commands.items():
        first, usable = zip(*(one_start(command, folder) for _ in range(STARTS)), strict=True)
        row(f"{name}: spawn to initialize answered", "p95 <= 300 ms", spread(first))
        row(f"{name}: spawn to the next request answered", "", spread(usable))


def one_start(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return the seconds until `initialize`, and until a request after it, are answered."""
    begun = time.perf_counter()
    found = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    with Editor(found if command[0] != sys.executable else command) as editor:
        editor.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities={})
        first = time.perf_counter() - begun
        editor.notify("initialized")
        editor.ask("no/such")
        return first, time.perf_counter() - begun


def answers(repository: Path, state: Path) -> str:
    """Print how long requests take on a repository; returns how the loop was held up."""
    environ = {**os.environ, "RATCHET_STATE_DIR": str(state)}
    command = [sys.executable, "-m", "agent", "index", "build", "-C", str(repository), "--json"]
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    files = sorted(repository.rglob("*.py"), key=lambda path: path.stat().st_size)
    # Files of every size, the largest one among them.
    files = files[:: -(len(files) // 20)][::-1]
    with desk(repository, state) as one:
        uris = [one.open(path) for path in files]
        one.ping()
        for method, asked in requests(uris).items():
            # The first may have to load what the others use.
            asking(one, method, asked[0])
            times = [timed(lambda method=method, each=each: asking(one, method, each)) for each in asked]  # type: ignore[misc]
            row(f"{method}, {len(asked)} times", "p95 <= 20 ms", spread(times))
        return one.lag()


def requests(uris: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return what is asked, by method."""
    some = [uris[number % len(uris)] for number in range(ASKED)]
    places = [{"line": 7 * number % 400, "character": 6} for number in range(ASKED)]
    names = ("solve", "Matrix", "simplify", "_eval", "Poly", "integrate", "Symbol", "printer")
    at = [{"textDocument": {"uri": uri}, "position": place} for uri, place in zip(some, places, strict=True)]
    return {
        "textDocument/codeAction": [
            {
                "textDocument": one["textDocument"],
                "range": {"start": one["position"], "end": one["position"]},
                "context": {"diagnostics": []},
            }
            for one in at
        ],
        "textDocument/codeLens": [{"textDocument": {"uri": uri}} for uri in some],
        "textDocument/hover": at,
        "textDocument/documentSymbol": [{"textDocument": {"uri": uri}} for uri in some],
        "workspace/symbol": [{"query": names[number % len(names)]} for number in range(ASKED)],
        "textDocument/references": [one | {"context": {"includeDeclaration": True}} for one in at],
    }


def asking(one: Desk, method: str, params: dict[str, Any]) -> None:
    """Ask, and fail when the answer is an error."""
    answer = one.editor.ask(method, **params)
    assert "result" in answer, (method, answer)


def large_document(folder: Path, state: Path) -> str:
    """Print what edits of a document of 10 MB take; returns how the loop was held up."""
    text = "".join(f"value_{number:06} = compute({number}, 'a text')  # 漢字\n" for number in range(LINES))
    with desk(folder, state) as one:
        size = len(text.encode()) / 1e6
        row(f"opening a document of {size:.0f} MB", "", spread([timed(lambda: opened(one, text))]))
        uri = (folder / "large.py").as_uri()
        times = [timed(lambda number=number: edited(one, uri, number)) for number in range(EDITS)]  # type: ignore[misc]
        row(f"{EDITS} edits of it, each until dealt with", "p95 < 50 ms", spread(times))
        return one.lag()


def opened(one: Desk, text: str) -> None:
    """Open the document, and wait for the server."""
    one.open(one.folder / "large.py", text)
    one.ping()


def edited(one: Desk, uri: str, number: int) -> None:
    """Type a line somewhere, and wait for the server."""
    place = {"line": number * 7919 % LINES, "character": 3}
    change = {"range": {"start": place, "end": place}, "text": "😀\n" if number % 3 else "x"}
    one.editor.notify(
        "textDocument/didChange", textDocument={"uri": uri, "version": number + 2}, contentChanges=[change]
    )
    one.ping()


def cancelling(folder: Path, state: Path) -> None:
    """Print how soon the progress of a running task ends once the user cancels it."""
    with DaemonProcess(state), desk(folder, state) as one:
        editor = Attached(one.editor, folder)
        answered, ended = zip(*(cancelled(editor, number) for number in range(CANCELLED)), strict=True)
    row("cancelling a running task, until that is said", "< 100 ms", spread(answered))
    row("cancelling a running task, until its progress ends", "", spread(ended))


def cancelled(editor: Attached, number: int) -> tuple[float, float]:
    """Begin a task, cancel it, and return the seconds until the editor hears so, and until it has ended."""
    order = {"uri": editor.root.as_uri(), "tests": ["sleep:60", f"step:{number}"]}
    answer = editor.ask("workspace/executeCommand", command="ratchet.fix", arguments=[order])
    task = answer["result"]["task"]
    token = editor.called("$/progress", task)["params"]["token"]
    begun = time.perf_counter()
    editor.editor.notify("window/workDoneProgress/cancel", token=token)
    editor.called("$/progress", "cancelling")
    answered = time.perf_counter() - begun
    editor.progress("end", task)
    return answered, time.perf_counter() - begun


def main() -> None:
    """Print every figure beside its limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("repository", nargs="?", type=Path)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), given.repository)


def prepare(state: Path) -> None:
    """Let the daemon find what takes minutes to make, so that it makes none of it meanwhile."""
    state.mkdir()
    shared = Path(os.environ.get("RATCHET_STATE_DIR", ".work/state")).resolve()
    share_caches(shared, state)


def measure(folder: Path, repository: Path | None) -> None:
    """Measure in a folder that goes away."""
    small = folder / "small"
    small.mkdir()
    (small / "a.py").write_text("def a():\n    return 1\n")
    new_repository(small)
    prepare(folder / "state")
    start_up(small)
    cancelling(small, folder / "scripted")
    lags: dict[str, Callable[[], str]] = {
        "a document of 10 MB": lambda: large_document(small, folder / "state")
    }
    if repository is not None:
        clone = repository.resolve()
        lags["a large repository"] = lambda: answers(clone, folder / "state")
    for name, work in lags.items():
        row(f"event loop held up, with {name}", "<= 50 ms", work())
    stop = [sys.executable, "-m", "agent", "daemon", "stop", "--json"]
    environ = {**os.environ, "RATCHET_STATE_DIR": str(folder / "state")}
    subprocess.run(stop, env=environ, check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
