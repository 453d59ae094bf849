"""The door to the tools: a model's call, checked, made, and answered whatever happens."""

import json
import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

from pydantic import ValidationError

from agent.protocol.conversation import ToolUse
from agent.protocol.errors import Interrupted, RatchetError
from agent.protocol.value import Value
from agent.tools.report import Report, named
from agent.tools.tool import AnyTool, Desk, Outcome, Tools
from agent.tools.toolbox import parameters

_AT_ONCE = 4
_MOST_ARGUMENTS = 4_500_000
_MOST_FAULTS = 8


class Asked(Protocol):
    """A complete tool call of a model; `agent.models.model.ToolCall` is one."""

    @property
    def id(self) -> str:
        """Return the id that the answer is given under."""

    @property
    def name(self) -> str:
        """Return the name of the tool."""

    @property
    def arguments(self) -> str:
        """Return the arguments as JSON, as the model wrote them."""


@dataclass(frozen=True, slots=True)
class Called:
    """A call and what came of it."""

    call: Asked
    outcome: Outcome
    seconds: float

    @property
    def use(self) -> ToolUse:
        """Return it as it is recorded."""
        return ToolUse(
            id=self.call.id,
            name=self.call.name,
            arguments=self.call.arguments,
            result=self.outcome.text,
            refused=self.outcome.refused,
            seconds=round(self.seconds, 4),
        )


def call_all(tools: Tools, desk: Desk, calls: Sequence[Asked]) -> tuple[tuple[Called, ...], Desk]:
    """Make calls in their order and return their results, and the desk as they left it; raises Interrupted.

    Calls in a row that only read are made at once; whatever writes works on what the one before it made.
    """
    kinds = {tool.name: tool.parallel for tool in tools}
    done: list[Called] = []
    for parallel, group in groupby(calls, key=lambda one: kinds.get(one.name, True)):
        if parallel:
            done += _at_once(tools, desk, list(group))
            continue
        for one in group:
            done.append(_timed(tools, desk, one))
            desk = _after(desk, done[-1].outcome)
    return tuple(done), desk


def call(tools: Tools, desk: Desk, asked: Asked) -> Outcome:
    """Make one call; every failure but Interrupted is a refused outcome that says what to do instead."""
    if desk.cancel.is_set():
        raise Interrupted("cancelled")
    tool = next((one for one in tools if one.name == asked.name), None)
    if tool is None:
        names = ", ".join(one.name for one in tools)
        return _refused(desk, f"There is no tool {named(asked.name)!r}. The tools are: {names}.")
    try:
        arguments = _checked(tool, asked.arguments)
    except ValidationError as error:
        return _wrong_arguments(desk, tool, error)
    try:
        return tool.run(desk, arguments)
    except Interrupted:
        raise
    except RatchetError as error:
        return _failed(desk, f"{error.message}\n{error.hint}")
    except Exception as error:
        logging.getLogger(__name__).exception("the tool %s failed", tool.name)
        return _failed(desk, f"{type(error).__name__} inside the tool; this is our fault, try another way")


def _at_once(tools: Tools, desk: Desk, calls: Sequence[Asked]) -> Sequence[Called]:
    if len(calls) == 1:
        return [_timed(tools, desk, calls[0])]
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="ratchet tool") as threads:
        return list(threads.map(lambda one: _timed(tools, desk, one), calls))


def _timed(tools: Tools, desk: Desk, asked: Asked) -> Called:
    began = time.monotonic()
    outcome = call(tools, desk, asked)
    return Called(asked, outcome, time.monotonic() - began)


def _after(desk: Desk, outcome: Outcome) -> Desk:
    return replace(desk, tree=outcome.tree or desk.tree, plan=outcome.plan or desk.plan)


def _checked(tool: AnyTool, arguments: str) -> Value:
    text = arguments.strip() or "{}"
    if len(text) > _MOST_ARGUMENTS:
        return tool.arguments.model_validate_json("the arguments are too long")
    return tool.arguments.model_validate_json(text)


def _refused(desk: Desk, text: str) -> Outcome:
    return Report(desk).say(text).outcome(refused=True)


def _failed(desk: Desk, text: str) -> Outcome:
    return Report(desk).say("It could not be done:").show(text.strip(), "error").outcome(refused=True)


def _wrong_arguments(desk: Desk, tool: AnyTool, error: ValidationError) -> Outcome:
    schema = json.dumps(parameters(tool.arguments), separators=(",", ":"))
    report = Report(desk).say(f"The arguments of {tool.name} do not fit their schema, so nothing was done:")
    report.show("\n".join(_faults(error)), "arguments")
    return report.say(f"The schema: {schema}").outcome(refused=True)


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_FAULTS]:
        place = ".".join(map(str, fault["loc"])) or "arguments"
        yield f"{place[:200]}: {fault['msg'][:300]}"
