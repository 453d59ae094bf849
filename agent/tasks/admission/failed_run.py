"""From a failed workflow run to the failed step that a sandbox can do again."""

from collections.abc import Callable, Iterator, Sequence

from agent.protocol.forge import RunEvidence, Trigger
from agent.repo.forge.errors import NotOnForge
from agent.repo.forge.port import ReadsForge
from agent.repo.forge.values import Job, WorkflowRun
from agent.untrusted.spell import spell_line
from agent.verify.workflows.document import BadWorkflow
from agent.verify.workflows.evidence import evidence_of
from agent.verify.workflows.known import RunFacts
from agent.verify.workflows.located import StepDone, align, locate
from agent.verify.workflows.plan import Plan, plan

Read = Callable[[str], bytes | None]

_FAILED = ("failure", "timed_out")
_FOLDER = ".github/workflows/"
_MOST_JOBS = 50
_NAMED = 3


def failed_run(trigger: Trigger, forge: ReadsForge, read: Read) -> RunEvidence | str:
    """Return the first failed step that can be done again, else one sentence why there is none.

    `read` gives a file of the commit that the workflow ran on, None when it has none of that name.
    Raises ForgeError.
    """
    if trigger.run is None:
        return "No workflow run is named."
    run = forge.run(trigger.repository, trigger.run)
    path = run.path.partition("@")[0]
    if not path.startswith(_FOLDER):
        return "The run belongs to no workflow file of this repository."
    jobs = forge.jobs(trigger.repository, run.id, trigger.attempt)
    failed = [job for job in jobs if job.conclusion in _FAILED][:_MOST_JOBS]
    if not failed:
        return "No job of the workflow run failed."
    return _first(trigger, forge, read, run, failed)


def _first(
    trigger: Trigger, forge: ReadsForge, read: Read, run: WorkflowRun, failed: Sequence[Job]
) -> RunEvidence | str:
    facts, path = _facts(trigger, run), run.path.partition("@")[0]
    reasons: list[str] = []
    for job in failed:
        found = _plan(job, path, facts, read)
        if isinstance(found, str):
            reasons.append(found)
            continue
        try:
            log = forge.log(trigger.repository, job.id)
        except NotOnForge:
            reasons.append(f"the log of {_named(job)} is gone")
            continue
        told = evidence_of(found, workflow=path, job=job.name, log=log)
        others = tuple(_others(job, failed))
        return told.model_copy(update={"skipped": (*told.skipped, *others)})
    return f"Nothing of the run can be done again here: {'; '.join(dict.fromkeys(reasons[:_NAMED]))}."


def _plan(job: Job, path: str, facts: RunFacts, read: Read) -> Plan | str:
    """Return what to run for a job, else why nothing is."""
    done = tuple(StepDone(name=one.name, conclusion=one.conclusion or "") for one in job.steps)
    try:
        there = locate(path, job.name, facts, read)
    except BadWorkflow as error:
        return f"{_named(job)}: {error.message}"
    scope = there.scope.with_context("matrix", there.chosen.matrix)
    ended = align(there.chosen.job, done, scope)
    failing = next((n for n, how in enumerate(ended or ()) if how in _FAILED), None)
    if ended is None or failing is None:
        return f"{_named(job)}: none of its steps in the workflow file is the one that failed"
    ran = tuple(how == "success" for how in ended)
    found = plan(there.workflow, there.chosen, failing, ran, facts, there.scope, read)
    return f"{_named(job)}, step {found.step!r}: {found.refused}" if found.refused else found


def _facts(trigger: Trigger, run: WorkflowRun) -> RunFacts:
    return RunFacts(
        repository=trigger.repository,
        event=run.event,
        head=run.head,
        branch=run.head_branch,
        actor=run.actor,
        id=run.id,
        attempt=run.attempt,
        workflow=run.name,
    )


def _others(job: Job, failed: Sequence[Job]) -> Iterator[str]:
    names = [spell_line(one.name, 60) for one in failed if one is not job]
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        told = ", ".join(names[:_NAMED])
        yield f"Other jobs failed, too, and are not looked at for this: {told}{more}."


def _named(job: Job) -> str:
    return f"job {spell_line(job.name, 60)!r}"
