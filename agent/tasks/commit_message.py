"""The message of the commit that a task delivers: what was asked for, and what proves it."""

from collections.abc import Sequence

from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import ProofKind
from agent.tasks.judgement import targets
from agent.untrusted.guard import guard
from agent.untrusted.inert import inert

_SUBJECT = 72
_LISTED = 20


def commit_message(state: TaskState) -> str:
    """Return the message; a model's words in it are cleaned, and counts come from the verdict alone.

    What is pushed to a forge mentions nobody and closes nothing there: nobody at a keyboard wrote it.
    """
    assert state.spec is not None
    message = _message(state)
    return message if state.spec.trigger is None else inert(guard(message).text)


def _message(state: TaskState) -> str:
    assert state.spec is not None
    if state.spec.kind is TaskKind.VERIFY:
        return _of_patch(state, state.spec.goal)
    assert state.proposal is not None
    rationale = guard(state.proposal.rationale).text
    if state.spec.kind is TaskKind.FIX:
        names = [test.id for test in targets(state)]
        return f"Fix {names[0].rpartition('::')[2]}\n\n{rationale}\n\nFixes:\n{_listed(names)}"
    return f"{_subject(state.spec.goal)}\n\n{rationale}{_shown(state)}"


def _of_patch(state: TaskState, goal: str) -> str:
    """Return the user's words for a patch that was handed in, or which files it changes."""
    files = state.patch.files if state.patch else ()
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    subject, _, rest = (goal.strip() or f"Change {''.join(files[:1])}{more}").partition("\n")
    words = f"\n\n{guard(rest.strip()).text}" if rest.strip() else ""
    return f"{_subject(subject)}{words}{_shown(state)}"


def _subject(text: str) -> str:
    line = text.strip().splitlines()[0]
    return guard(line if len(line) <= _SUBJECT else f"{line[: _SUBJECT - 1]}…").text


def _shown(state: TaskState) -> str:
    proofs = state.verdict.proofs if state.verdict else ()
    shown = [proof.test for proof in proofs if proof.kind is not ProofKind.NONE]
    return f"\n\nFail without this change and pass with it:\n{_listed(shown)}" if shown else ""


def _listed(names: Sequence[str]) -> str:
    return "\n".join(f"- {name}" for name in names[:_LISTED])
