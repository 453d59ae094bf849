"""What a model said and did in one turn, as entries of the transcript."""

import json
from collections.abc import Iterator

from agent.protocol.conversation import Finding, Plan, StepStatus, ToolUse, Turn
from agent.protocol.proposal import Effort
from tui.panes.work.amounts import dollars, seconds, several, thousands
from tui.widgets.entry import Entry, Form, Tone

STEP_SIGNS = {
    StepStatus.PENDING: "○",
    StepStatus.DOING: "◐",
    StepStatus.DONE: "●",
    StepStatus.DROPPED: "⊘",
}
_SUMMARY = 100


def turn_entries(turn: Turn, number: int) -> tuple[Entry, ...]:
    """Return a turn: its words, its tool calls, and what it changed or was noticed in it."""
    return tuple(_entries(turn, number))


def _entries(turn: Turn, number: int) -> Iterator[Entry]:
    head = f"{turn.model} · {turn.role} · turn {number}"
    yield Entry(head, "●", Tone.VOICE, note=spent(turn.effort), body=turn.text.strip(), form=Form.MARKDOWN)
    if turn.fault:
        yield Entry(f"the model failed: {turn.fault}", "✗", Tone.BAD, body=turn.reason)
    if turn.flags:
        yield Entry("noticed in what was read", "!", Tone.ATTENTION, body="\n".join(turn.flags))
    yield from map(_used, turn.uses)
    if turn.plan is not None:
        yield planned(turn.plan)
    yield from map(finding, turn.findings)


def _used(use: ToolUse) -> Entry:
    arguments = _arguments(use.arguments)
    body = "\n".join(filter(None, (_spread(arguments), use.result)))
    return Entry(
        f"{use.name} {_summary(arguments)}".rstrip(),
        "✗" if use.refused else "»",
        Tone.BAD if use.refused else Tone.PLAIN,
        note=" · ".join(filter(None, ("refused" if use.refused else "", seconds(use.seconds)))),
        body=body,
        form=Form.LINES,
        folded=True,
    )


def planned(plan: Plan) -> Entry:
    """Return a plan as it was at that time."""
    done = sum(step.status is StepStatus.DONE for step in plan.steps)
    lines = "\n".join(f"{STEP_SIGNS[step.status]} {step.status:<8}{step.text}" for step in plan.steps)
    return Entry(f"plan: {done} of {several(len(plan.steps), 'step')} done", "≡", body=lines, folded=True)


def finding(found: Finding) -> Entry:
    """Return what a review holds against a change."""
    proven = "proven by a test" if found.proven else "not proven"
    body = "\n\n".join(
        filter(None, (found.body, found.evidence, found.test and f"```python\n{found.test}\n```"))
    )
    return Entry(
        f"{found.severity}: {found.title}",
        "✗" if found.proven else "?",
        Tone.BAD if found.proven else Tone.ATTENTION,
        note=f"{found.path}:{found.line} · {proven}",
        body=body,
        form=Form.MARKDOWN,
    )


def spent(effort: Effort) -> str:
    """Return tokens, cost and time of a model."""
    tokens = effort.tokens_input + effort.tokens_output
    parts = (
        f"{thousands(effort.tokens_input)} in {thousands(effort.tokens_output)} out" if tokens else "",
        dollars(effort.cost_usd) if effort.cost_usd else "",
        seconds(effort.seconds) if effort.seconds else "",
    )
    return " · ".join(filter(None, parts))


def _arguments(written: str) -> dict[str, object]:
    """Return the arguments by name; what is no JSON object is one argument without a name."""
    try:
        read = json.loads(written)
    except (ValueError, RecursionError):
        return {"": written}
    return read if isinstance(read, dict) else {"": written}


def _summary(arguments: dict[str, object]) -> str:
    told = " ".join(map(_brief, arguments.values()))
    return told if len(told) <= _SUMMARY else f"{told[: _SUMMARY - 1]}…"


def _brief(value: object) -> str:
    if isinstance(value, list | dict):
        return f"({several(len(value), 'item')})"
    return _written(value).partition("\n")[0]


def _spread(arguments: dict[str, object]) -> str:
    return "".join(f"{name}: {_written(value)}\n" for name, value in arguments.items() if name)


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
