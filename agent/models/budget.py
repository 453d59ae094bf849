"""Limits on what models may cost, held before each call and settled after it."""

import datetime
import math
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.models.faults import FaultKind, ModelFault
from agent.models.ledger import FILE, Amount, Ledger
from agent.protocol.limits import TaskLimits

_NANOS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that may go through an account; None means no bound."""

    cost_usd: float | None = None
    tokens: int | None = None
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What is spent by one task, or by everybody on one day, and how much that may be."""

    name: str
    bound: Bound = Bound()
    daily: bool = False
    """A new account each day of the local calendar."""

    def key(self) -> str:
        """Return the name in the ledger."""
        return f"{self.name}:{datetime.date.today().isoformat()}" if self.daily else self.name


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account came to."""

    calls: int
    tokens: int
    cost_usd: float


def accounts_of(task: str, limits: TaskLimits) -> tuple[Account, ...]:
    """Return the accounts of a task, its own and that of the day; sub-tasks pass the id of their parent."""
    day = Bound(limits.cost_usd_per_day, limits.tokens_per_day, limits.model_calls_per_day)
    own = Bound(limits.cost_usd, limits.tokens, limits.model_calls)
    return Account(f"task:{task}", own), Account("day", day, daily=True)


class Budget:
    """The accounts that every call of a task goes through; all of them must have room for it.

    Sub-tasks share by naming the same account; other processes by the same state directory.
    """

    def __init__(self, state: Path, accounts: Sequence[Account]) -> None:
        self._accounts = tuple(accounts)
        self._state = state
        try:
            self._ledger = Ledger(state)
        except (OSError, sqlite3.Error) as error:
            raise self._broken(error) from None

    def close(self) -> None:
        """Close the ledger."""
        self._ledger.close()

    def hold(self, tokens: int, cost_usd: float) -> int:
        """Count a call at its worst before it is made; raises ModelFault when an account has no room."""
        amount = Amount(1, tokens, math.ceil(cost_usd * _NANOS))
        bounds = {account.key(): account for account in self._accounts}
        try:
            return self._ledger.hold(tuple(bounds), amount, lambda key, sum_: _check(bounds[key], sum_))
        except sqlite3.Error as error:
            raise self._broken(error) from None

    def settle(self, number: int, tokens: int, cost_usd: float) -> None:
        """Put what a call really took in the place of its hold."""
        # The answer is there and paid for; a ledger that cannot be written keeps the hold, which is more.
        with suppress(sqlite3.Error):
            self._ledger.settle(number, Amount(1, tokens, math.ceil(cost_usd * _NANOS)))

    def release(self, number: int) -> None:
        """Take a hold back: the call was not made, or cost nothing."""
        with suppress(sqlite3.Error):
            self._ledger.settle(number, Amount(1, 0, 0))

    def spent(self) -> dict[str, Spent]:
        """Return what each account came to, holds included, by the name it was given."""
        sums = ((account.name, self._ledger.spent(account.key())) for account in self._accounts)
        return {name: Spent(one.calls, one.tokens, one.nanos / _NANOS) for name, one in sums}

    def ratio(self, model: str) -> float:
        """Return by how much a model's own counts differ from our estimates."""
        return self._ledger.ratio(model)

    def learn(self, model: str, ratio: float) -> None:
        """Remember such a ratio, for all tasks."""
        with suppress(sqlite3.Error):
            self._ledger.learn(model, ratio)

    def _broken(self, error: Exception) -> ModelFault:
        return ModelFault(
            FaultKind.BUDGET,
            f"What models cost cannot be written down: {error}.",
            hint=f"{self._state / FILE} must be writable; if it is damaged, delete it with its -wal and -shm",
        )


def _check(account: Account, total: Amount) -> None:
    bound = account.bound
    if bound.cost_usd is not None and total.nanos > bound.cost_usd * _NANOS:
        most = f"{bound.cost_usd:g} US dollars"
    elif bound.tokens is not None and total.tokens > bound.tokens:
        most = f"{bound.tokens} tokens"
    elif bound.calls is not None and total.calls > bound.calls:
        most = f"{bound.calls} calls of a model"
    else:
        return
    whose = "of this day" if account.daily else "of this task"
    raise ModelFault(
        FaultKind.BUDGET,
        f"The next call could exceed the limit {whose}: {most}.",
        hint="raise it with --budget, or in [routing] of your config.toml",
    )
