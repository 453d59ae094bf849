"""A pool hands out every sandbox once, and closes what nobody took."""

import gc
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from sandboxes.errors import SandboxError, SandboxUnavailable
from sandboxes.pool import Pool
from sandboxes.process_sandbox import ProcessBackend
from sandboxes.sandbox import Backend, Command, Probe, Sandbox, SandboxKind, SandboxSpec

SPEC = SandboxSpec(root=None)
FORGETFUL = """
import sys
from pathlib import Path
from sandboxes.pool import Pool
from sandboxes.process_sandbox import ProcessBackend
from sandboxes.sandbox import SandboxSpec
pool = Pool(ProcessBackend(), SandboxSpec(root=None), size=2)
pool.take()
"""


class Noting:
    """A backend of real sandboxes that remembers them; `broken` makes the next starts fail."""

    def __init__(self) -> None:
        self.opened: list[Sandbox] = []
        self.broken = 0
        self.started = threading.Semaphore(0)

    @property
    def kind(self) -> SandboxKind:
        return SandboxKind.PROCESS

    def probe(self) -> Probe:
        return ProcessBackend().probe()

    def reap(self) -> int:
        return 0

    def open(self, spec: SandboxSpec) -> Sandbox:
        try:
            if self.broken:
                self.broken -= 1
                raise SandboxUnavailable("out of order")
            self.opened.append(ProcessBackend().open(spec))
            return self.opened[-1]
        finally:
            self.started.release()

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.started.acquire(timeout=30)


@pytest.fixture
def backend() -> Noting:
    return Noting()


def works(sandbox: Sandbox) -> bool:
    try:
        return sandbox.run(Command(("true",))).ok
    except SandboxError:
        return False


def test_a_noting_backend_is_a_backend(backend):
    checked: Backend = backend
    assert checked.probe().available


def test_sandboxes_are_warm_before_they_are_asked_for(backend):
    with Pool(backend, SPEC, size=2):
        backend.wait_for(2)
        assert len(backend.opened) == 2


def test_no_sandbox_is_handed_out_twice(backend):
    with Pool(backend, SPEC, size=2) as pool:
        taken = [pool.take() for _ in range(4)]
    assert len(set(map(id, taken))) == 4
    assert all(works(sandbox) for sandbox in taken)
    for sandbox in taken:
        sandbox.close()


def test_taking_one_opens_the_next(backend):
    with Pool(backend, SPEC) as pool, closing(pool.take()):
        backend.wait_for(2)


def test_closing_closes_what_nobody_took_and_nothing_else(backend):
    pool = Pool(backend, SPEC)
    with closing(pool.take()) as taken:
        backend.wait_for(2)
        pool.close()
        pool.close()
        assert works(taken)
        assert [works(sandbox) for sandbox in backend.opened] == [True, False]
        with pytest.raises(SandboxError, match="closed"):
            pool.take()


def test_a_failed_start_is_raised_by_take_and_the_next_one_works(backend):
    backend.broken = 1
    with Pool(backend, SPEC) as pool:
        with pytest.raises(SandboxUnavailable, match="out of order"):
            pool.take()
        with closing(pool.take()) as sandbox:
            assert works(sandbox)


def test_a_failed_start_that_nobody_waited_for_does_not_disturb_closing(backend):
    backend.broken = 2
    with Pool(backend, SPEC, size=2):
        backend.wait_for(2)


def test_an_interrupted_wait_leaves_no_sandbox_open(backend):
    waiting = threading.Event()

    class Interrupting(Noting):
        def open(self, spec: SandboxSpec) -> Sandbox:
            if not self.opened:
                assert waiting.wait(30)
                time.sleep(0.2)
                signal.raise_signal(signal.SIGINT)
            return super().open(spec)

    slow = Interrupting()
    with Pool(slow, SPEC) as pool:
        with pytest.raises(KeyboardInterrupt):
            waiting.set()
            pool.take()
        slow.wait_for(1)
    assert slow.opened
    assert not any(works(sandbox) for sandbox in slow.opened)


def test_a_forgotten_pool_closes_its_sandboxes(backend):
    pool = Pool(backend, SPEC)
    backend.wait_for(1)
    del pool
    gc.collect()
    assert [works(sandbox) for sandbox in backend.opened] == [False]


def test_an_interpreter_with_an_open_pool_ends_and_leaves_nothing(tmp_path: Path):
    run = subprocess.run(
        [sys.executable, "-c", FORGETFUL], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_a_pool_of_nothing_is_a_mistake(backend):
    with pytest.raises(ValueError, match="at least one"):
        Pool(backend, SPEC, size=0)
