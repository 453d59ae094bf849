"""From a failed workflow run to the failed step that a sandbox can do again."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from agent.protocol.forge import RunEvidence, Trigger
from agent.repo.forge.errors import ForgeRefused, NotOnForge
from agent.repo.forge.port import ReadsForge
from agent.repo.forge.values import Job, WorkflowRun
from agent.untrusted.spell import spell_line
from agent.verify.workflows.document import BadWorkflow
from agent.verify.workflows.evidence import evidence_of
from agent.verify.workflows.known import RunFacts
from agent.verify.workflows.located import StepDone, align, locate
from agent.verify.workflows.plan import Plan, plan
from agent.verify.workflows.reports import reported_tests, with_reported

Read = Callable[[str], bytes | None]
Log = Callable[[int], str]

_FAILED = ("failure", "timed_out")
_FOLDER = ".github/workflows/"
_MOST_JOBS = 50
_MOST_LOGS = 5
_NAMED = 3


def failed_run(trigger: Trigger, forge: ReadsForge, read: Read) -> RunEvidence | str:
    """Return the first failed step that can be done again, else one sentence why there is none.

    Where none can but a log or a report names tests that failed, that is returned without a command: the
    checks of the repository may fail alike. `read` gives a file of the commit that the workflow ran on,
    None when it has none of that name. Raises ForgeError.
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
    facts = _facts(trigger, run)
    plans = [(job, _plan(job, path, facts, read)) for job in failed]
    reported = _reported(forge, trigger.repository, run)
    log = cache(lambda job: forge.log(trigger.repository, job))
    found = _best(plans, reported, log, path)
    if found is None:
        return f"Nothing of the run can be done again here: {_reasons(plans)}."
    found = with_reported(found, reported)
    return found.model_copy(update={"skipped": (*found.skipped, *_others(found, failed))})


def _reported(forge: ReadsForge, repository: str, run: WorkflowRun) -> tuple[str, ...]:
    try:
        return reported_tests(forge.reports(repository, run.id, run.started))
    except (NotOnForge, ForgeRefused):
        # A forge need not keep files of its runs, nor let us see them.
        return ()


def _best(
    plans: Sequence[tuple[Job, Plan]], reported: Sequence[str], log: Log, path: str
) -> RunEvidence | None:
    """Return what can be done again, else what names tests in its log, else the first if reports do."""
    again = [(job, made) for job, made in plans if not made.refused]
    few = plans[:_MOST_LOGS]
    return _first(again, log, path) or _first(few, log, path) or _first(few, log, path, reported)


def _first(
    plans: Sequence[tuple[Job, Plan]], log: Log, path: str, reported: Sequence[str] = ()
) -> RunEvidence | None:
    """Return the first of them whose log is there and says enough, or that has reports in its stead."""
    for job, made in plans:
        try:
            text = log(job.id)
        except NotOnForge:
            if not reported:
                continue
            text = ""
        found = evidence_of(made, workflow=path, job=job.name, log=text)
        if found.command or found.failing or reported:
            why = f"The step itself is not run: {made.refused}. The repository's own checks are run instead."
            more = () if found.command else (why,)
            return found.model_copy(update={"skipped": (*more, *found.skipped)})
    return None


def _plan(job: Job, path: str, facts: RunFacts, read: Read) -> Plan:
    """Return what to run for a job, or why nothing of it is."""
    done = tuple(StepDone(name=one.name, conclusion=one.conclusion or "") for one in job.steps)
    step = next((spell_line(one.name) for one in done if one.failed), "")
    try:
        there = locate(path, job.name, facts, read)
    except BadWorkflow as error:
        return Plan(step=step, refused=error.message)
    scope = there.scope.with_context("matrix", there.chosen.matrix)
    ended = align(there.chosen.job, done, scope)
    failing = next((n for n, how in enumerate(ended or ()) if how in _FAILED), None)
    if ended is None or failing is None:
        return Plan(step=step, refused="none of its steps in the workflow file is the one that failed")
    ran = tuple(how == "success" for how in ended)
    return plan(there.workflow, there.chosen, failing, ran, facts, there.scope, read)


def _reasons(plans: Sequence[tuple[Job, Plan]]) -> str:
    told = [
        f"job {spell_line(job.name, 60)!r}, step {made.step!r}: {made.refused or 'its log is gone'}"
        for job, made in plans[:_NAMED]
    ]
    return "; ".join(dict.fromkeys(told))


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


def _others(found: RunEvidence, failed: Sequence[Job]) -> Iterator[str]:
    names = [name for name in (spell_line(one.name) for one in failed) if name != found.job]
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        told = ", ".join(spell_line(name, 60) for name in names[:_NAMED])
        yield f"Other jobs failed, too, and are not looked at for this: {told}{more}."
