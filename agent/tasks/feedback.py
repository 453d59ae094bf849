"""What a model hears about its proposal: recorded facts, as data."""

from agent.planners.llm.quoting import Quotes
from agent.protocol.round import Round
from agent.protocol.state import TaskState
from agent.protocol.task import Intent, TaskKind
from agent.protocol.verdict import Verdict
from agent.tasks.judge_do import feedback as judged
from agent.tasks.judgement import targets

_SHOWN = 8


def feedback(state: TaskState, one: Round) -> str:
    """Return what the harness says about a proposal that it did not accept."""
    if one.refusal or one.verdict is None:
        return f"The harness could not apply your change:\n{Quotes().quote(one.refusal, 'refusal')}"
    facts = Quotes().quote(_facts(state, one.verdict), "verdict")
    return f"The harness measured your change and does not accept it:\n{facts}"


def _facts(state: TaskState, verdict: Verdict) -> str:
    assert state.spec is not None
    if state.spec.kind is TaskKind.DO:
        return judged(verdict, state.spec.intent, state.spec.tests)
    rest = [test.id for test in targets(state) if test.id not in verdict.fixed]
    wanted = [f"not fixed: {', '.join(rest[:_SHOWN])}"] if rest else []
    return "\n".join([*wanted, judged(verdict, Intent.IMPLEMENT, [test.id for test in targets(state)])])
