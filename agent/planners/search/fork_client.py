"""The fork server of one sandbox, spoken to in typed messages."""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from agent.planners.search.pace import Pace
from agent.protocol.check import Check, CheckKind, Run, TestStatus
from sandboxes.errors import SandboxLost
from sandboxes.sandbox import GUEST, MIB, Channel, Command, Sandbox

PROGRAM = f"{GUEST}/ratchet_fork_server"
ENV = {"PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}
"""As the checks themselves run; bytecode may be cached, since sources never change in this sandbox."""
SWAP, FORK = 1, 2
"""Tier 1 swaps code in a collected session, tier 2 imports the project anew in a fork."""
_SECONDS = 24 * 3600.0
_SLICE = 0.5


@dataclass(frozen=True, slots=True)
class Trial:
    """One test in one job: `error` is the type of its exception."""

    id: str
    status: TestStatus
    seconds: float
    error: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one job.

    `end`: done, timeout, crashed, cancelled, invalid (does not compile), tier (cannot run in a fork),
    lost (the warm process died). `lines` maps a test, or "" for imports, to path -> lines.
    """

    id: int
    tier: int
    tests: tuple[Trial, ...]
    end: str
    reason: str
    seconds: float
    start: tuple[float, float] = (0.0, 0.0)
    """Wall and processor seconds before the first test."""
    members: str = ""
    missing: tuple[str, ...] = ()
    spawned: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    lines: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """Tests to run on an edited tree; `files` maps a path to (start, end, new bytes) splices.

    `members` names one of the server's sets of tests, or `ids` lists them. `pace` bounds them. With
    `exact` no other tier is tried; `then` names the set that runs next, in another fork, if all pass.
    """

    id: int
    pace: Pace
    tier: int = SWAP
    files: Mapping[str, tuple[tuple[int, int, bytes], ...]] = field(default_factory=dict)
    members: str = ""
    ids: tuple[str, ...] = ()
    stop: bool = True
    then: str = ""
    exact: bool = False
    trace: bool = False
    spawns: bool = False

    def message(self) -> dict[str, Any]:
        """Return the job as the guest reads it."""
        files = {
            path: [[start, end, new.decode("latin-1")] for start, end, new in splices]
            for path, splices in self.files.items()
        }
        flags = {"exact": self.exact, "trace": self.trace, "spawns": self.spawns, "stop": self.stop}
        tests = {"set": self.members} if self.members else {"ids": self.ids}
        bounds = asdict(self.pace)
        return {
            "id": self.id,
            "tier": self.tier,
            "files": files,
            "then": self.then,
            **tests,
            **bounds,
            **flags,
        }


def speaks(check: Check) -> bool:
    """True when the fork server can run the tests of a check."""
    return check.kind is CheckKind.PYTEST


def in_order(baseline: Run, tests: Iterable[str]) -> tuple[str, ...]:
    """Return the tests as a run of everything would order them, which decides what state they share."""
    places = {test.id: place for place, test in enumerate(baseline.tests)}
    return tuple(sorted(dict.fromkeys(tests), key=lambda test: places.get(test, len(places))))


class ForkServer:
    """A running fork server; raises SandboxLost from any method when it is gone.

    `tiers` says for each tier that reported so far why it cannot be used, "" when it can.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        python: str,
        check: Check,
        sets: Mapping[str, tuple[str, ...]],
        *,
        workers: int,
        memory: int,
    ) -> None:
        self.tiers: dict[int, str] = {}
        self.logs: dict[int, str] = {}
        self._sent: set[str] = set()
        self._answers: list[Answer] = []
        self._channel: Channel = sandbox.connect(
            Command((python, PROGRAM), env=ENV, seconds=_SECONDS, max_output=64 * MIB)
        )
        arguments = ["--capture=sys", *check.argv]
        setup = {"arguments": arguments, "sets": sets, "slots": workers, "memory": memory}
        self._send(setup)

    def wait(self, seconds: float, cancel: threading.Event) -> None:
        """Wait until every tier has reported; one that did not in time is unusable."""
        end = time.monotonic() + seconds
        while len(self.tiers) < 2 and time.monotonic() < end and not cancel.is_set():
            self._receive(min(_SLICE, end - time.monotonic()))
        for tier in (SWAP, FORK):
            self.tiers.setdefault(tier, f"not ready after {seconds:.0f} s")

    def submit(self, jobs: list[Job], contents: Mapping[str, bytes]) -> None:
        """Queue jobs; `contents` holds the unchanged bytes of every file that they edit."""
        news = {path: data.decode("latin-1") for path, data in contents.items() if path not in self._sent}
        self._sent.update(news)
        self._send({"jobs": [job.message() for job in jobs], "bases": news})

    def answers(self, seconds: float) -> list[Answer]:
        """Return what finished, after waiting for at most `seconds` when nothing has yet."""
        if not self._answers:
            self._receive(seconds)
        found, self._answers = self._answers, []
        return found

    def cancel(self) -> None:
        """Drop all queued jobs and end the running ones."""
        self._send({"cancel": True})

    def close(self) -> None:
        """End the server and everything it started."""
        self._channel.close()

    def _send(self, message: Mapping[str, Any]) -> None:
        self._channel.send(json.dumps(message, separators=(",", ":")).encode())

    def _receive(self, seconds: float) -> None:
        data = self._channel.receive(max(seconds, 0.0))
        if data is None:
            return
        try:
            message = json.loads(data)
            if "news" in message:
                news = message["news"]
                self.tiers[int(news["tier"])] = str(news["reason"])
                self.logs[int(news["tier"])] = str(news["log"])
            self._answers += [_answer(result) for result in message.get("results", ())]
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise SandboxLost("the fork server talks nonsense") from error


def _answer(data: Mapping[str, Any]) -> Answer:
    ids = tuple(str(test_id) for test_id in data.get("ids", ()))
    return Answer(
        id=int(data["id"]),
        tier=int(data["tier"]),
        tests=tuple(_trial(*test) for test in data["tests"]),
        end=str(data["end"]),
        reason=str(data["reason"]),
        seconds=float(data["seconds"]),
        start=(float(data.get("start", (0, 0))[0]), float(data.get("start", (0, 0))[1])),
        members=str(data.get("set") or ""),
        missing=tuple(str(test_id) for test_id in data.get("missing", ())),
        spawned=tuple(str(program) for program in data.get("spawned", ())),
        order=ids,
        lines={_test_name(number, ids): _lines(paths) for number, paths in data.get("lines", {}).items()},
    )


def _trial(test_id: str, status: str, seconds: float, error: str) -> Trial:
    return Trial(str(test_id), TestStatus(status), float(seconds), str(error))


def _test_name(number: str, ids: tuple[str, ...]) -> str:
    return ids[int(number)] if int(number) < len(ids) else ""


def _lines(paths: Mapping[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {str(path): tuple(int(line) for line in lines) for path, lines in paths.items()}
