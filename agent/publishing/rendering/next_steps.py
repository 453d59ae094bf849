"""What somebody can do after a task, by how it ended."""

from agent.protocol.forge import RunEvidence
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.publishing.rendering.run_evidence import is_unlike

_AGAIN = {TaskKind.FIX: "fix", TaskKind.VERIFY: "verify", TaskKind.REVIEW: "review"}
_STEPS = {
    Outcome.VERIFIED: "Nothing is left to do here.",
    Outcome.VERIFIED_WITH_PREEXISTING: "What failed before is not touched by this: `/ratchet fix` tries it.",
    Outcome.DONE: "`/ratchet verify` measures what the change does to the tests.",
    Outcome.USAGE: "`/ratchet help` says what can be asked for.",
    Outcome.UNVERIFIED: "No test could prove the patch: look at it yourself, or add a test that fails.",
    Outcome.BROKEN: "Push a change, or let `/ratchet fix` try; `/ratchet explain` says what happens.",
    Outcome.NOT_REPRODUCED: "If a test fails for you, it may be the environment or a flake: name it, as in "
    "`/ratchet fix tests/test_one.py::test_two`.",
    Outcome.NO_PATCH: "`/ratchet explain` says what is known; naming fewer tests narrows the search.",
    Outcome.NO_PLANNER: "This needs a model, and none is configured; `/ratchet fix` works without.",
    Outcome.BUDGET: "The work so far is kept; a higher limit lets it go on.",
    Outcome.DENIED: "Somebody who may has to approve it, or the policy has to allow it.",
    Outcome.SANDBOX: "Ratchet has no sandbox where it runs: `ratchet doctor` there says what is missing.",
    Outcome.ENVIRONMENT: "`[environment]` in `.ratchet.toml` of the base branch says what is needed.",
}


def next_step(report: Report, kind: TaskKind, evidence: RunEvidence | None = None) -> str:
    """Return one sentence of ours; `evidence` is a failed run's."""
    if is_unlike(report, evidence):
        return "Run the workflow again; what differs there from the sandbox is said below."
    if report.outcome is Outcome.VERIFIED and report.patch and kind in (TaskKind.FIX, TaskKind.DO):
        return "Read the patch and merge it: that is for people to do."
    if report.outcome in (Outcome.ERROR, Outcome.INTERRUPTED):
        word = _AGAIN.get(kind)
        return f"`/ratchet {word}` tries again." if word else "Asking again tries again."
    return _STEPS[report.outcome]
