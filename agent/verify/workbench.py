"""Fresh sandboxes with a tree in them, all of one environment."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from agent.protocol.event import SandboxInForce
from agent.repo.store import Store
from agent.verify.failures import sandbox_errors_mapped
from sandboxes.environment import Environment
from sandboxes.overlays import overlay
from sandboxes.sandbox import Backend, InForce, Limits, Sandbox


class Workbench:
    """Opens sandboxes of one environment for one task; the next one is made ready while one is in use."""

    def __init__(
        self, store: Store, backend: Backend, environment: Environment, limits: Limits, *, task_id: str
    ) -> None:
        self.store = store
        self.environment = environment
        self._backend = backend
        self._spec = environment.spec(limits, task_id)
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ratchet workbench")
        self._lock = threading.Lock()
        self._next: Future[Sandbox] | None = None
        self._in_force: InForce | None = None
        self._closed = False

    @property
    def python(self) -> str:
        """Return the path of the environment's interpreter inside."""
        return self.environment.python

    @property
    def in_force(self) -> SandboxInForce:
        """Say what isolates the code; opens a sandbox when none was needed so far."""
        with sandbox_errors_mapped():
            with self._lock:
                if self._in_force is None:
                    self._prepare()
                waiting = self._next
            if self._in_force is None and waiting is not None:
                self._in_force = waiting.result().in_force
        assert self._in_force is not None
        force = self._in_force
        return SandboxInForce(
            kind=force.kind, image=force.image, network=force.network, missing_limits=force.missing_limits
        )

    def open(self, tree: str) -> Sandbox:
        """Return a fresh sandbox with a tree in its workspace, the caller's to close."""
        with sandbox_errors_mapped():
            sandbox = self._take()
            try:
                sandbox.unpack(self.store.archive(tree))
                overlay(sandbox)
            except BaseException:
                sandbox.close()
                raise
            return sandbox

    def close(self) -> None:
        """Take down what nobody took; sandboxes that were handed out are their takers'."""
        with self._lock:
            self._closed = True
            waiting, self._next = self._next, None
        self._starter.shutdown(wait=True)
        if waiting is not None and waiting.exception() is None:
            waiting.result().close()

    def _take(self) -> Sandbox:
        with self._lock:
            ready, self._next = self._next, None
            if ready is None:
                self._prepare()
                ready, self._next = self._next, None
            self._prepare()
        assert ready is not None
        sandbox = ready.result()
        self._in_force = sandbox.in_force
        return sandbox

    def _prepare(self) -> None:
        if self._next is None and not self._closed:
            self._next = self._starter.submit(self._backend.open, self._spec)
