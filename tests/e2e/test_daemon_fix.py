"""Real fixes through the daemon: killed, cancelled, paused, left alone and asked about in between."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.client import registration
from tests.client.conftest import end
from tests.daemon.daemon_process import PATIENCE, processes_with, until
from tests.e2e.conftest import CART, Ratchet, Repository, share_caches
from tests.e2e.test_interruption import HOPELESS
from tests.kill.repositories import PRICE, SECOND_FAILURE

MakeRepository = Callable[..., Repository]
ASK_AT_THE_END = '[policy]\npath = ["ask cart.py"]\n'
ASK_AT_ONCE = '[policy]\ntool = ["ask fix"]\n'
ROOT = Path(__file__).parents[2]


class Daemon:
    """The command with the daemon of one state directory."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.ratchet = Ratchet(state)
        del self.ratchet.environ["RATCHET_FOREGROUND"]
        self.ratchet.environ["RATCHET_SANDBOX"] = "bubblewrap"

    def fix(self, repository: Repository, *more: str) -> subprocess.Popen[str]:
        """Start a fix."""
        return self.ratchet.start("fix", "-C", str(repository.path), "--json", *more)

    def tasks(self, *arguments: str) -> dict[str, object]:
        """Run `ratchet tasks … --json`."""
        return self.ratchet.json("tasks", *arguments)

    def newest(self) -> dict[str, str]:
        """Return the summary of the newest task."""
        return self.tasks("list", "--limit", "1")["tasks"][0]  # type: ignore[index]

    @property
    def pid(self) -> int:
        """Return the daemon's process id."""
        written = registration.read(self.state)
        assert written is not None
        return written.pid

    def workers(self) -> list[int]:
        """Return the worker processes."""
        return processes_with("agent.daemon.worker_process", str(self.state))

    def kill(self) -> None:
        """Kill the daemon and its workers as an out-of-memory killer does."""
        for group in (self.pid, *self.workers()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, state_dir: Path, base_root: Path) -> Iterator[Daemon]:
    """Return a daemon with tasks of its own; what takes long to make is shared."""
    state = tmp_path_factory.mktemp("daemon")
    share_caches(state_dir, state)
    yield Daemon(state)
    written = registration.read(state)
    if written is not None:
        end(written.pid)


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    """Return once a command has said a word on stderr."""
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"never said {word!r}: {process.communicate()}")


def report_of(process: subprocess.Popen[str], exit_code: int = 0) -> dict[str, object]:
    out, err = process.communicate(timeout=240)
    assert process.returncode == exit_code, (out, err)
    return dict(json.loads(out))


def sandboxes(daemon: Daemon) -> set[int]:
    """Return everything that the workers have started."""
    out = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, stat in rows if not stat.startswith("Z")}
    found: set[int] = set()
    frontier = set(daemon.workers())
    while frontier:
        frontier = {pid for pid, parent in parents.items() if parent in frontier}
        found |= frontier
    return found


def gone(pids: set[int]) -> bool:
    return any(not any(Path(f"/proc/{pid}").exists() for pid in pids) for _ in until(PATIENCE))


def branches(repository: Repository) -> list[str]:
    return repository.git("branch", "--list", "ratchet/*", "--format=%(refname:short)").split()


@pytest.mark.long
def test_a_fix_goes_on_under_a_new_daemon_when_the_old_one_is_killed(
    daemon: Daemon, make_repository: MakeRepository
) -> None:
    cart = make_repository(CART)
    before = cart.fingerprint()
    fixing = daemon.fix(cart)
    wait_for(fixing, "reproduce")
    killed, left = daemon.pid, sandboxes(daemon)

    daemon.kill()
    report = report_of(fixing)

    assert report["outcome"] == "verified"
    assert report["sandbox"]["kind"] == "bubblewrap"  # type: ignore[index]
    assert daemon.pid != killed
    assert daemon.newest()["task_id"] == report["task_id"]
    assert branches(cart) == [report["branch"]]
    assert cart.fingerprint() == before
    assert gone(left)


def test_an_interrupt_cancels_the_task_and_ends_its_sandbox(
    daemon: Daemon, make_repository: MakeRepository
) -> None:
    hopeless = make_repository(HOPELESS)
    before = hopeless.fingerprint()
    fixing = daemon.fix(hopeless, "--timeout", "120")
    wait_for(fixing, "search")
    running = sandboxes(daemon)
    assert running

    fixing.send_signal(signal.SIGINT)
    report = report_of(fixing, 130)

    assert report["outcome"] == "interrupted"
    assert gone(running)
    assert daemon.newest()["outcome"] == "interrupted"
    assert hopeless.fingerprint() == before


@pytest.mark.long
def test_a_second_interrupt_leaves_at_once(daemon: Daemon, make_repository: MakeRepository) -> None:
    fixing = daemon.fix(make_repository(HOPELESS), "--timeout", "120")
    wait_for(fixing, "search")
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        fixing.send_signal(signal.SIGTERM)
        wait_for(fixing, "cancelling")
        fixing.send_signal(signal.SIGINT)
        fixing.communicate(timeout=20)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert fixing.returncode == 130
    task = str(daemon.newest()["task_id"])
    daemon.tasks("cancel", task)
    assert daemon.tasks("watch", task)["outcome"] == "interrupted"


@pytest.mark.long
def test_a_paused_task_goes_on_when_it_is_resumed(daemon: Daemon, make_repository: MakeRepository) -> None:
    slow = {
        name: text.replace("assert", "__import__('time').sleep(0.2)\n    assert", 1)
        for name, text in CART.items()
    }
    repository = make_repository(slow)
    fixing = daemon.fix(repository)
    wait_for(fixing, "reproduce")
    task = daemon.newest()["task_id"]
    running = sandboxes(daemon)

    daemon.tasks("pause", task)
    wait_for(fixing, "paused")
    assert gone(running)
    assert daemon.tasks("show", task)["summary"]["status"] == "paused"  # type: ignore[index]
    daemon.tasks("resume", task)

    report = report_of(fixing)
    assert (report["task_id"], report["outcome"]) == (task, "verified")
    assert branches(repository) == [report["branch"]]


@pytest.mark.long
def test_two_tasks_left_alone_run_at_the_same_time_and_can_be_watched(
    daemon: Daemon, make_repository: MakeRepository
) -> None:
    both = [make_repository(CART, name=name) for name in ("one", "two")]
    left = [report_of(daemon.fix(repository, "--detach")) for repository in both]
    assert [list(one) for one in left] == [["task_id"], ["task_id"]]
    for one, repository in zip(left, both, strict=True):
        watched = daemon.tasks("watch", str(one["task_id"]))
        assert (watched["exit"], watched["outcome"]) == (0, "verified"), watched
        assert branches(repository) == [watched["branch"]]
        assert "diff --git" in str(daemon.tasks("patch", str(one["task_id"]))["patch"])


def test_verify_judges_through_the_daemon(daemon: Daemon, cart: Repository) -> None:
    cart.write({"cart.py": CART["cart.py"].replace("len(prices)", "0")})
    report = daemon.ratchet.json("verify", "-C", str(cart.path))
    assert (report["exit"], report["outcome"]) == (21, "broken")
    assert report["verdict"]["broken"] == ["test_cart.py::test_count"]  # type: ignore[index]
    assert daemon.newest()["task_id"] == report["task_id"]


class Attended:
    """A fix at a terminal."""

    def __init__(self, daemon: Daemon, repository: Repository, policy: str) -> None:
        config = daemon.state / "asking.toml"
        config.write_text(policy)
        self.terminal, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent", "fix", "-C", str(repository.path), "--json"],
            cwd=ROOT,
            env={**daemon.ratchet.environ, "RATCHET_CONFIG": str(config)},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = b""

    def wait_for(self, word: bytes) -> None:
        """Return once the terminal shows a word."""
        while word not in self.seen:
            self.seen += os.read(self.terminal, 4096)

    def type(self, text: bytes) -> None:
        os.write(self.terminal, text)

    def report(self, exit_code: int) -> dict[str, object]:
        assert self.process.stdout is not None
        out = self.process.stdout.read()
        assert self.process.wait(PATIENCE) == exit_code, (out, self.seen)
        self.process.stdout.close()
        os.close(self.terminal)
        return dict(json.loads(out))


Attend = Callable[[Repository, str], Attended]


@pytest.fixture
def attend(daemon: Daemon) -> Attend:
    return lambda repository, policy: Attended(daemon, repository, policy)


@pytest.mark.long
def test_a_person_at_the_terminal_sees_what_is_asked_and_allows_it(cart: Repository, attend: Attend) -> None:
    fixing = attend(cart, ASK_AT_THE_END)
    fixing.wait_for(b"allow? [y/n]")
    assert b"path: cart.py" in fixing.seen
    assert b"-    return amount + discount" in fixing.seen
    assert branches(cart) == []

    fixing.type(b"perhaps\n")
    fixing.seen = b""
    fixing.wait_for(b"allow? [y/n]")
    fixing.type(b"y\n")

    fixing.wait_for(b"answered: allow by cli:")
    report = fixing.report(0)
    assert branches(cart) == [report["branch"]]


def test_what_a_person_denies_is_not_done(cart: Repository, attend: Attend) -> None:
    fixing = attend(cart, ASK_AT_ONCE)
    fixing.wait_for(b"allow? [y/n]")
    assert b"tool: fix" in fixing.seen
    fixing.type(b"n\n")
    report = fixing.report(50)
    assert (report["outcome"], report["patch"]) == ("denied", None)


def test_an_answer_given_elsewhere_ends_the_prompt(daemon: Daemon, cart: Repository, attend: Attend) -> None:
    fixing = attend(cart, ASK_AT_ONCE)
    fixing.wait_for(b"allow? [y/n]")
    daemon.tasks("deny", daemon.newest()["task_id"])
    fixing.wait_for(b"answered: deny by cli:")
    assert fixing.report(50)["outcome"] == "denied"


@pytest.mark.long
def test_a_patch_that_would_be_asked_about_stays_back_where_nobody_is(
    daemon: Daemon, cart: Repository
) -> None:
    config = daemon.state / "asking.toml"
    config.write_text(ASK_AT_THE_END)
    ratchet = Ratchet(daemon.state)
    ratchet.environ = {**daemon.ratchet.environ, "RATCHET_CONFIG": str(config)}
    report = ratchet.json("fix", "-C", str(cart.path))
    assert (report["exit"], report["outcome"], report["branch"]) == (50, "denied", None)
    assert "nobody is there to answer" in str(report["reason"])
    assert "diff --git" in str(report["patch"])
    assert branches(cart) == []


@pytest.mark.long
def test_tasks_of_one_request_are_followed_at_the_same_time(
    daemon: Daemon, make_repository: MakeRepository, attend: Attend
) -> None:
    two = make_repository(PRICE | SECOND_FAILURE)
    fixing = attend(two, '[policy]\npath = ["ask *.py"]\n')
    fixing.wait_for(b"allow? [y/n]")
    first = next(_waiting_pair(daemon))

    daemon.tasks("approve", f"{first}-2")
    fixing.wait_for(b"answered: allow by cli:")
    daemon.tasks("approve", first)

    reports = fixing.report(0)["tasks"]
    assert [each["task_id"] for each in reports] == [first, f"{first}-2"]  # type: ignore[attr-defined]
    assert len(branches(two)) == 2


def _waiting_pair(daemon: Daemon) -> Iterator[str]:
    """Yield the elder of two tasks once both wait for an answer."""
    for _ in until(PATIENCE):
        waiting = sorted(each["task_id"] for each in daemon.tasks("list", "--status", "waiting")["tasks"])  # type: ignore[attr-defined]
        if len(waiting) == 2:
            yield waiting[0]
