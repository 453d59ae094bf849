"""Whatever an editor says, the server answers each request once, holds nothing up and does not end.

`RATCHET_FUZZ_MESSAGES` says how many messages the long run takes, `RATCHET_FUZZ_FROM` where it begins.
"""

import asyncio
import gc
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.client.client import Client
from agent.client.problems import DaemonUnavailable
from agent.client.registration import Address
from lsp.handlers.registry import server_for
from lsp.wire.framing import Framing, Garbage
from lsp.wire.incoming import Kind
from tests.lsp.editor import Editor
from tests.lsp.fuzzing import Fuzzer

A_TALK = 1_000
LONGEST = 1.0
"""Seconds of processor time that one message may take."""
PATIENCE = 120
THE_END = {"exit", "shutdown", "initialize"}


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Keep what is said out of the report, which cannot hold half a character."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Let nobody look for garbage in what hundreds of tests before left: that took a message 3.7 s."""
    gc.freeze()
    yield
    gc.unfreeze()


class Session:
    """A server in this process, without a daemon, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.server = server_for(Client(nowhere))
        self.protocol = self.server.protocol
        self.folder = folder.as_uri()
        self.answers: Counter[Any] = Counter()
        self.asked: Counter[Any] = Counter()
        self.longest = 0.0
        self.worst = b""
        self.protocol.sends(self.hear)

    def hear(self, message: Any) -> None:
        """Read what the server says as an editor would."""
        for body in Framing().feed(self.protocol.encode(message)):
            assert not isinstance(body, Garbage)
            said = json.loads(body, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
            assert said["jsonrpc"] == "2.0"
            if "method" not in said:
                self.answers[said["id"]] += 1

    def take(self, body: bytes) -> None:
        """Hand the server a message, and note what it owes for it."""
        begun = time.thread_time()
        incoming = self.protocol.decode(body)
        if incoming.method not in THE_END:
            self.protocol.handle(incoming)
        spent = time.thread_time() - begun
        if spent > self.longest:
            self.longest, self.worst = spent, body
        if incoming.kind in (Kind.REQUEST, Kind.NOTHING) and incoming.method not in THE_END:
            self.asked[incoming.id] += 1

    def say(self, method: str, params: Any, **more: Any) -> None:
        """Say something that makes sense."""
        self.protocol.take(
            json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        )

    async def begin(self) -> None:
        """Open the folder as editors do."""
        folders = [{"uri": self.folder, "name": "f"}]
        params = {"processId": None, "rootUri": None, "capabilities": {}, "workspaceFolders": folders}
        self.say("initialize", params, id="begin")
        self.asked["begin"] += 1
        self.say("initialized", {})

    async def talk(self, seed: int, count: int) -> None:
        """Take so many messages of a seed, answer for all of them, and shut down."""
        methods = sorted({*self.protocol.fm.features, *self.protocol.fm.builtin_features} - THE_END)
        for body in Fuzzer(seed, self.folder, [*methods, "no/such", "$/unknown"]).talk(count):
            self.take(body)
            await asyncio.sleep(0)
        self.asked["ping"] += 1
        self.say("no/such", {}, id="ping")
        async with asyncio.timeout(PATIENCE):
            while self.answers != self.asked and self.protocol._request_futures:
                await asyncio.sleep(0.01)
        assert self.answers == self.asked
        self.say("shutdown", None, id="end")
        assert self.answers["end"] == 1
        with pytest.raises(SystemExit, match="0"):
            self.say("exit", None)


async def nowhere() -> Address:
    raise DaemonUnavailable("there is no daemon here")


def fuzz(folder: Path, first: int, count: int) -> float:
    """Have talks of so many messages; returns the most processor seconds that one took."""
    repository = folder / "repository"
    (repository / ".git").mkdir(parents=True, exist_ok=True)
    (repository / "a.py").write_text("def a():\n    return 1\n")
    longest = 0.0
    for seed in range(first, first + count):
        longest = max(longest, asyncio.run(one_talk(repository, seed)))
    return longest


async def one_talk(repository: Path, seed: int) -> float:
    session = Session(repository)
    await session.begin()
    await session.talk(seed, A_TALK)
    assert session.longest < LONGEST, (seed, session.longest, session.worst[:500])
    return session.longest


def test_every_request_is_answered_once_whatever_else_is_said(tmp_path: Path) -> None:
    fuzz(tmp_path, 0, 4)


@pytest.mark.long
def test_a_million_messages_end_nothing_and_hold_nothing_up(tmp_path: Path) -> None:
    count = int(os.environ.get("RATCHET_FUZZ_MESSAGES", 1_000_000)) // A_TALK
    first = int(os.environ.get("RATCHET_FUZZ_FROM", 0)) // A_TALK
    longest = 0.0
    for part in range(first, first + count, 10):
        longest = max(longest, fuzz(tmp_path, part, min(10, first + count - part)))
        print(
            f"{(part + 10) * A_TALK} messages, at most {longest * 1000:.0f} ms of a processor for one",
            flush=True,
        )


def test_a_process_outlives_the_same_talk(tmp_path: Path) -> None:
    with Editor() as editor:
        editor.initialize()
        for body in Fuzzer(99, tmp_path.as_uri(), ["textDocument/codeAction", "no/such"]).talk(500):
            editor.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        assert "error" in editor.ask("no/such")
        assert editor.ask("shutdown")["result"] is None
        editor.notify("exit")
        assert editor.ended() == 0
