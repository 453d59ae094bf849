"""The message of the commit that a task delivers: what was asked for, and what proves it."""

from collections.abc import Sequence

from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import ProofKind
from agent.tasks.judgement import targets
from agent.untrusted.guard import guard

_SUBJECT = 72
_LISTED = 20


def commit_message(state: TaskState) -> str:
    """Return the message; a model's words in it are cleaned, and counts come from the verdict alone."""
    assert state.spec is not None and state.proposal is not None
    rationale = guard(state.proposal.rationale).text
    if state.spec.kind is TaskKind.FIX:
        names = [test.id for test in targets(state)]
        return f"Fix {names[0].rpartition('::')[2]}\n\n{rationale}\n\nFixes:\n{_listed(names)}"
    lines = state.spec.goal.strip().splitlines()
    subject = lines[0] if len(lines[0]) <= _SUBJECT else f"{lines[0][: _SUBJECT - 1]}…"
    proofs = state.verdict.proofs if state.verdict else ()
    shown = [proof.test for proof in proofs if proof.kind is not ProofKind.NONE]
    proven = f"\n\nFail without this change and pass with it:\n{_listed(shown)}" if shown else ""
    return f"{guard(subject).text}\n\n{rationale}{proven}"


def _listed(names: Sequence[str]) -> str:
    return "\n".join(f"- {name}" for name in names[:_LISTED])
