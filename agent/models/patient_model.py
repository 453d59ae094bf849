"""The one owner of retries: a model that is asked again when that may help, a few times and not for ever."""

import itertools
import random
import time
from dataclasses import dataclass, replace

from agent.models.faults import RETRIED, FaultKind, ModelFault
from agent.models.metering import plus
from agent.models.model import Listening, Model, Reply, Request, Usage
from agent.protocol.errors import Interrupted
from agent.protocol.model import ModelProfile


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and after which waits, a request is sent again."""

    attempts: int = 5
    malformed_attempts: int = 3
    """The same prompt tends to give the same nonsense."""
    first: float = 0.5
    """Seconds; the bound of the wait doubles with each attempt, the wait is anything below (full jitter)."""
    longest: float = 30.0
    retry_after: float = 300.0
    """Longest wait that an endpoint may ask for; a longer one ends the request, its fault saying how long."""


class PatientModel:
    """Adds up usage and cost of all attempts, those that failed included.

    `total_seconds` of the profile and the listener's deadline bound all attempts and waits together.
    """

    def __init__(self, inner: Model, pace: Pace, chance: random.Random) -> None:
        self._inner = inner
        self._pace = pace
        self._chance = chance

    @property
    def profile(self) -> ModelProfile:
        """Return what the user said about the model."""
        return self._inner.profile

    def complete(self, request: Request, listening: Listening) -> Reply:
        """Ask until there is an answer, or a fault that asking again does not cure."""
        started = time.monotonic()
        end = min(started + self.profile.total_seconds, listening.deadline)
        bounded = replace(listening, deadline=end)
        usage, cost = Usage(), 0.0
        for attempt in itertools.count(1):
            try:
                reply = self._inner.complete(request, bounded)
                break
            except ModelFault as fault:
                usage, cost = plus(usage, fault.usage), cost + fault.cost_usd
                fault.attempts, fault.usage, fault.cost_usd = attempt, usage, cost
                wait = self._wait(fault, attempt)
                if wait is None or time.monotonic() + wait >= end:
                    raise
                _rest(wait, fault, attempt, listening)
        return replace(
            reply,
            attempts=attempt,
            usage=plus(usage, reply.usage),
            cost_usd=cost + reply.cost_usd,
            seconds=time.monotonic() - started,
        )

    def _wait(self, fault: ModelFault, attempt: int) -> float | None:
        """Return the seconds until the next attempt, None when there is none."""
        pace = self._pace
        most = pace.attempts
        if fault.kind is FaultKind.MALFORMED:
            most = min(most, pace.malformed_attempts)
        if fault.kind not in RETRIED or attempt >= most:
            return None
        jitter = self._chance.uniform(0.0, min(pace.longest, pace.first * 2 ** (attempt - 1)))
        if fault.retry_after is None:
            return jitter
        # Later than asked, never earlier; not all waiting tasks at the same moment.
        return fault.retry_after + min(jitter, 1.0) if fault.retry_after <= pace.retry_after else None


def _rest(wait: float, fault: ModelFault, attempt: int, listening: Listening) -> None:
    listening.on_retry(f"{fault.message} Asking again in {wait:.1f} s (attempt {attempt + 1}).")
    if listening.cancel.wait(wait):
        raise Interrupted("The request to the model was cancelled.")
