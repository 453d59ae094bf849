"""How a task stands, in the few words and figures that are always on its screen."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent.protocol.event import SandboxInForce
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.summary import Status
from agent.protocol.task import TaskSpec
from tui.panes.work.amounts import clock, dollars, thousands
from tui.panes.work.endings import mark
from tui.widgets.entry import Tone

_BAR = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A few words."""

    text: str
    tone: Tone = Tone.PLAIN


def outcome(state: TaskState, status: Status | None, progress: Progress | None) -> Part:
    """Return what a task came to, or what it does."""
    if state.finished is not None:
        sign, tone = mark(state.finished.outcome)
        return Part(f"{sign} {state.finished.outcome.replace('_', ' ')}", tone)
    if state.open_approvals:
        return Part("? asks, F8 answers", Tone.ATTENTION)
    if state.cancelled:
        return Part("! being cancelled", Tone.ATTENTION)
    if state.paused:
        return Part("‖ paused", Tone.ATTENTION)
    if status is Status.QUEUED:
        return Part("○ waits for its turn", Tone.MUTED)
    return Part(f"◐ {progress.phase if progress is not None else 'at work'}", Tone.VOICE)


def subject(state: TaskState) -> str:
    """Return the kind of a task and what it is about."""
    spec = state.spec
    if spec is None:
        return ""
    return f"{spec.kind}: {spec.goal or spec.command or ', '.join(spec.tests) or spec.repository}"


def figures(state: TaskState, running: float) -> tuple[Part, ...]:
    """Return time, cost, tokens, model and sandbox; `running` are the seconds since the newest event."""
    if state.spec is None:
        return ()
    return tuple(_figures(state, state.spec, running))


def _figures(state: TaskState, spec: TaskSpec, running: float) -> Iterator[Part]:
    if state.finished is not None:
        yield Part(f"took {clock(state.finished.seconds or state.seconds)}")
    else:
        used = state.seconds + running
        share = used / spec.limits.seconds
        left = clock(spec.limits.seconds - used)
        yield Part(f"{left} left {bar(share)}", Tone.ATTENTION if share > 0.9 else Tone.PLAIN)
    yield from _cost(state.effort.cost_usd, spec.limits.cost_usd)
    yield _sandbox(state.sandbox, spec)
    names = spec.stages or (spec.planner,)
    if spec.kind in ("fix", "do") or state.turns:
        yield Part(state.turns[-1].model if state.turns else names[min(state.stage, len(names) - 1)])
    effort = state.effort
    if effort.tokens_input or effort.tokens_output:
        bound = f" of {thousands(spec.limits.tokens)}" if spec.limits.tokens else ""
        yield Part(f"{thousands(effort.tokens_input)} in {thousands(effort.tokens_output)} out{bound}")


def _cost(spent: float, most: float | None) -> Iterator[Part]:
    if most:
        told = f"{dollars(spent)} of {dollars(most)} {bar(spent / most)}"
        yield Part(told, Tone.ATTENTION if spent > 0.9 * most else Tone.PLAIN)
    elif spent:
        yield Part(dollars(spent))


def _sandbox(force: SandboxInForce | None, spec: TaskSpec) -> Part:
    if force is None:
        return Part(f"sandbox {spec.sandbox}", Tone.MUTED)
    network = "" if force.network == "none" else f", network {force.network}"
    if force.missing_limits:
        return Part(f"! {force.kind}{network} without {', '.join(force.missing_limits)}", Tone.ATTENTION)
    return Part(f"{force.kind}{network}")


def bar(share: float) -> str:
    """Return a share of 1 as a bar that is read without colours."""
    full = min(_BAR, max(0, round(share * _BAR)))
    return f"[{'█' * full}{'·' * (_BAR - full)}]"
