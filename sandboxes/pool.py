"""Keeps never-used sandboxes warm, so that taking one costs no start."""

import threading
import weakref
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from sandboxes.errors import SandboxError
from sandboxes.sandbox import Backend, Sandbox, SandboxSpec


class Pool:
    """Up to `size` opened sandboxes of one spec, each handed out once and never taken back.

    They are opened in the background; what goes wrong there is raised by the `take` that
    would have got the sandbox. Unclaimed ones are closed by `close`, by the end of the
    `with` block, when the pool is collected, and at the interpreter's exit.
    """

    def __init__(self, backend: Backend, spec: SandboxSpec, size: int = 1) -> None:
        if size < 1:
            raise ValueError("a pool keeps at least one sandbox")
        self._backend = backend
        self._spec = spec
        self._lock = threading.Lock()
        self._opener = ThreadPoolExecutor(max_workers=size, thread_name_prefix="ratchet-pool")
        self._warm: deque[Future[Sandbox]] = deque()
        self._close = weakref.finalize(self, _close_all, self._opener, self._warm)
        with self._lock:
            for _ in range(size):
                self._open_next()

    def take(self) -> Sandbox:
        """Return a never-used sandbox, the caller's to close; the next one is opened meanwhile.

        Raises SandboxError when it could not be opened or the pool is closed.
        """
        with self._lock:
            if not self._close.alive:
                raise SandboxError("The pool of sandboxes is closed.")
            ready = self._warm.popleft()
            self._open_next()
        try:
            return ready.result()
        except BaseException:
            # An interrupt of the wait: what is being opened has nobody to close it any more.
            ready.add_done_callback(_close_one)
            raise

    def close(self) -> None:
        """Close what nobody took; safe to call twice and from another thread."""
        with self._lock:
            self._close()

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_next(self) -> None:
        self._warm.append(self._opener.submit(self._backend.open, self._spec))


def _close_all(opener: ThreadPoolExecutor, warm: "deque[Future[Sandbox]]") -> None:
    # Waits for those that are being opened: a start that is abandoned half-way leaks its container.
    opener.shutdown(wait=True, cancel_futures=True)
    for ready in warm:
        _close_one(ready)
    warm.clear()


def _close_one(ready: "Future[Sandbox]") -> None:
    if not ready.cancelled() and ready.exception() is None:
        ready.result().close()
