"""A model in whose silence the index is read ahead, so that its next questions find it ready."""

import gc
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

from agent.models.model import Listening, Model, Reply, Request
from agent.protocol.errors import RatchetError
from agent.protocol.model import ModelProfile

_SILENCE = 0.1
"""Seconds after which a model is taken to think; one that answers sooner is not to be kept waiting."""
_BETWEEN = 0.002
"""Seconds left to whoever reads the answer, between two pieces of work."""
_TURN = 0.0005
"""Seconds after which a thread that computes gives way to one that waits, in this whole process."""


class StudyAhead:
    """Asks another model, and meanwhile takes piece after piece of work, until the answer begins to come."""

    def __init__(self, inner: Model, pieces: Iterator[None]) -> None:
        """Take work that goes on at each step of `pieces`, which several models may share in turn.

        What it makes is frozen: whoever lets go of it has to see to `gc.unfreeze`.
        """
        self._inner = inner
        self._pieces = pieces
        # An answer comes in pieces, each of which would wait 5 ms for a thread that computes.
        sys.setswitchinterval(_TURN)

    @property
    def profile(self) -> ModelProfile:
        """Return what the user said about the model."""
        return self._inner.profile

    def complete(self, request: Request, listening: Listening) -> Reply:
        """Ask once, as the other model does; at most one piece of work is waited for."""
        answered = threading.Event()

        def on_answer() -> None:
            answered.set()
            listening.on_answer()

        thread = threading.Thread(target=self._work, args=(answered,), name="ratchet ahead", daemon=True)
        thread.start()
        try:
            return self._inner.complete(request, replace(listening, on_answer=on_answer))
        finally:
            answered.set()
            thread.join()

    def _work(self, answered: threading.Event) -> None:
        if answered.wait(_SILENCE):
            return
        try:
            for _ in self._pieces:
                # It stays as long as the task, and to look through all of it for garbage takes 0.3 s.
                gc.freeze()
                if answered.wait(_BETWEEN):
                    return
        except RatchetError:
            # Whoever needs what could not be read meets the same error, and says it where it matters.
            return
