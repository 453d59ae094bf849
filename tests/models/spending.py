"""Tasks that spend until their limit, at an endpoint whose meter lies; the truth is counted at the server."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.models.budget import Account, Bound, Budget
from agent.models.build import build
from agent.models.faults import FaultKind, ModelFault
from agent.models.model import Listening, Message, Request, Speaker, Usage
from agent.models.patient_model import Pace
from agent.models.pricing import cost_usd
from agent.models.server.meter import count
from agent.models.server.script import Answer, Asked, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.model import ModelProfile, Prices

TASKS = 16
_PRICES = Prices(input=1.0, output=4.0)
_LIES = (
    Fault.USAGE_MISSING,
    Fault.USAGE_NEGATIVE,
    Fault.USAGE_LOW,
    Fault.USAGE_HUGE,
    "half",
    "tenth",
    "double",
    None,
)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Task:
    """What a task spent in truth, in US dollars; `dearest` is its dearest request."""

    lie: str
    calls: int
    truth: float
    limit: float
    dearest: float

    @property
    def overspent(self) -> float:
        """Return what went over the limit."""
        return max(0.0, self.truth - self.limit)

    def line(self) -> str:
        """Return a row for the eye."""
        share = self.overspent / self.dearest
        spent = f"{self.truth:.6f} of {self.limit:.6f}"
        return f"{self.lie:15} {self.calls:4} calls, {spent}, over by {share:.2f} requests"


def spend(number: int, state: Path, limit: float) -> Task:
    """Ask until the budget says no; the account of the day is shared by all."""
    lie = _LIES[number % len(_LIES)]
    costs: list[float] = []

    def script(asked: Asked) -> Answer:
        answer = Answer("def f(x):\n    return x + 1\n" * (1 + len(costs) % 5))
        truth = count(answer, asked)
        costs.append(cost_usd(Usage(*truth), _PRICES))
        if isinstance(lie, Fault) or lie is None:
            return Answer(answer.text, fault=lie)
        factor = {"half": 0.5, "tenth": 0.1, "double": 2.0}[lie]
        return Answer(answer.text, usage=(int(truth[0] * factor), int(truth[1] * factor)))

    budget = Budget(state, [Account(f"task:{number}", Bound(cost_usd=limit)), Account("day", daily=True)])
    with ScriptedServer(script) as server:
        profile = ModelProfile(
            name="m", base_url=server.base_url, model="scripted", prices=_PRICES, max_output=200
        )
        model = build(profile, budget, pace=Pace(attempts=1))
        request = Request((Message(Speaker.USER, "Please write the next function of this module. " * 8),))
        _exhaust(lambda: model.complete(request, Listening()))
    budget.close()
    return Task(str(lie), len(costs), sum(costs), limit, max(costs))


def _exhaust(ask: Callable[[], object]) -> None:
    for _ in range(_MOST):
        try:
            ask()
        except ModelFault as fault:
            assert fault.kind is FaultKind.BUDGET
            return
    raise AssertionError("the limit was never reached")
