"""The step that makes a model's last word a result: an answer with its places looked up, or findings."""

from agent.planners.llm.citations import citations
from agent.protocol.event import ChangeReviewed, QuestionAnswered
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.tasks.admission.unheeded import unheeded
from agent.tasks.context import Context
from agent.tasks.stages import turns


def answer(state: TaskState, context: Context) -> QuestionAnswered | ChangeReviewed:
    """Return what an `ask` or a `review` task came to."""
    assert state.spec is not None and state.snapshot is not None
    said = state.turns[-1].text.strip()
    note = unheeded(context.spec, context.store)
    text = f"{said}\n\nNote: {note}." if note else said
    if state.spec.kind is TaskKind.ASK:
        return QuestionAnswered(text=text, citations=citations(said, context.store, state.snapshot.tree))
    found = [finding for turn in turns(state) for finding in turn.findings]
    return ChangeReviewed(findings=tuple(found), summary=text)
