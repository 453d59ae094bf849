"""A model whose every call fits the context and the budget before it is made, and is accounted for after."""

import math
from dataclasses import replace
from typing import NoReturn

from agent.models import tokens
from agent.models.budget import Budget
from agent.models.faults import FaultKind, ModelFault
from agent.models.metering import counted, shown
from agent.models.model import Listening, Model, Reply, Request, Usage
from agent.models.pricing import cost_usd
from agent.protocol.errors import Interrupted
from agent.protocol.model import ModelProfile

_LEAST_ANSWER = 256
"""Tokens below which an answer is not worth asking for."""
_LEARNING = 0.2
_NOTICED = 0.02


class MeteredModel:
    """Sets `usage` and `cost_usd` of replies and faults; without a budget it only estimates."""

    def __init__(self, inner: Model, budget: Budget | None) -> None:
        self._inner = inner
        self._budget = budget

    @property
    def profile(self) -> ModelProfile:
        """Return what the user said about the model."""
        return self._inner.profile

    def complete(self, request: Request, listening: Listening) -> Reply:
        """Ask once; raises ModelFault of kind OVERFLOW or BUDGET without asking."""
        estimate = tokens.of_request(request)
        ratio = self._budget.ratio(self._name) if self._budget else 1.0
        fitted = self._fitted(request, math.ceil(estimate * ratio))
        worst = Usage(math.ceil(estimate * max(1.0, ratio)), fitted.max_output or 0)
        held = self._hold(worst)
        heard: list[str] = []

        def on_text(text: str) -> None:
            heard.append(text)
            listening.on_text(text)

        try:
            reply = self._inner.complete(fitted, replace(listening, on_text=on_text))
        except ModelFault as fault:
            self._failed(held, fault, estimate)
        except Interrupted:
            self._settle(held, Usage(estimate, tokens.of_text("".join(heard))))
            raise
        return self._done(held, reply, estimate, worst)

    @property
    def _name(self) -> str:
        return f"{self.profile.base_url} {self.profile.model}"

    def _fitted(self, request: Request, prompt: int) -> Request:
        """Return the request with the bound on its answer that the context leaves room for."""
        wanted = request.max_output or self.profile.max_output
        left = self.profile.context - prompt
        if left < min(wanted, _LEAST_ANSWER):
            raise ModelFault(
                FaultKind.OVERFLOW,
                f"The prompt of about {prompt} tokens leaves no room for an answer in a context of"
                f" {self.profile.context}.",
                hint="`context` of the profile may be higher if the endpoint's is",
            )
        return replace(request, max_output=min(wanted, left))

    def _hold(self, worst: Usage) -> int:
        if self._budget is None:
            return 0
        return self._budget.hold(worst.input + worst.output, cost_usd(worst, self.profile.prices))

    def _settle(self, held: int, usage: Usage) -> None:
        if self._budget is not None:
            self._budget.settle(held, usage.input + usage.output, cost_usd(usage, self.profile.prices))

    def _failed(self, held: int, fault: ModelFault, estimate: int) -> NoReturn:
        """Account for a request without an answer: nothing when it was refused, else what came of it."""
        if fault.billable:
            fault.usage = Usage(estimate, tokens.of_text("x" * fault.heard), estimated=True)
            fault.cost_usd = cost_usd(fault.usage, self.profile.prices)
            self._settle(held, fault.usage)
        elif self._budget is not None:
            self._budget.release(held)
        raise fault

    def _done(self, held: int, reply: Reply, estimate: int, worst: Usage) -> Reply:
        stated, reckoned = reply.usage, Usage(estimate, tokens.of_reply(reply), estimated=True)
        self._settle(held, counted(stated, reckoned, worst))
        usage = shown(stated, reckoned, worst)
        if self._budget is not None and not usage.estimated:
            self._learn(self._budget, usage.input / estimate)
        return replace(reply, usage=usage, cost_usd=cost_usd(usage, self.profile.prices))

    def _learn(self, budget: Budget, seen: float) -> None:
        known = budget.ratio(self._name)
        if abs(seen - known) > _NOTICED:
            budget.learn(self._name, known + _LEARNING * (seen - known))
