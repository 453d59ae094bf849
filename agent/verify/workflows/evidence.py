"""What the log of a job says about the step of it that failed."""

from agent.protocol.forge import RunEvidence
from agent.untrusted.redact import redact
from agent.untrusted.spell import spell_line
from agent.verify.workflows.complaint import complaint
from agent.verify.workflows.failing_tests import failing_tests
from agent.verify.workflows.log import excerpt, failed_section, read_log
from agent.verify.workflows.plan import Plan


def evidence_of(plan: Plan, *, workflow: str, job: str, log: str) -> RunEvidence:
    """Return what a failed step left behind, without secrets that look like some."""
    section = failed_section(read_log(log), plan.first_line)
    output = section.output
    return RunEvidence(
        workflow=workflow,
        job=spell_line(job),
        step=plan.step,
        command=plan.command,
        python=plan.python,
        failing=tuple(spell_line(redact(name).text, 1000) for name in failing_tests(output)),
        message=redact(complaint(output)).text,
        excerpt=redact(excerpt(section)).text,
        skipped=plan.skipped,
    )
