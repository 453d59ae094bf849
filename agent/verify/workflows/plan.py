"""From a failed step of a job to what a sandbox runs for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agent.protocol.value import Value
from agent.untrusted.spell import spell_line
from agent.verify.workflows.actions import meaning, minor_of
from agent.verify.workflows.commands import Runnable, command_of, is_shell
from agent.verify.workflows.expressions import Scope, Unknown, fill
from agent.verify.workflows.job_names import Chosen
from agent.verify.workflows.known import RunFacts, Variables, default_variables
from agent.verify.workflows.script import Adapted, NotReproducible, adapt
from agent.verify.workflows.tox import Read
from agent.verify.workflows.workflow import Workflow, WorkflowStep
from agent.verify.workflows.written import written

_LONGEST = 100_000
"""Characters of a command; Linux passes at most 128 KiB in one argument."""
_FOREIGN = ("windows", "macos", "macOS")


class Plan(Value):
    """What the sandbox runs instead of a failed step."""

    step: str
    """As people know it; outside text."""
    first_line: str = ""
    """Of its script as it ran, by which the log is found."""
    command: str = ""
    python: str = ""
    """The minor version that the job asks for, "" when it asks for none."""
    skipped: tuple[str, ...] = ()
    refused: str = ""
    """Why nothing is run; else empty."""


def plan(
    workflow: Workflow,
    chosen: Chosen,
    failing: int,
    ran: Sequence[bool],
    facts: RunFacts,
    scope: Scope,
    read: Read,
) -> Plan:
    """Return what does again what a step of a job did.

    `failing` is its place among the steps of the file, `ran` says of each step whether the run did it,
    `scope` knows all but the job, `read` gives a file of the tree.
    """
    scope = scope.with_context("matrix", chosen.matrix)
    job = chosen.job
    variables = Variables().and_then(workflow.env, scope).and_then(job.env, scope)
    steps = [step for step, did in zip(job.steps[:failing], ran, strict=False) if did]
    work = _Work(chosen, facts, scope, variables, read)
    told = Plan(step=_title(job.steps[failing], work))
    try:
        work.check_runner()
        work.surroundings()
        for step in steps:
            work.before(step)
        last = work.failing(job.steps[failing])
        shared = {**default_variables(facts, job.id), **variables.values}
        command = command_of(work.runnable, last, shared)
        if len(command) > _LONGEST:
            raise NotReproducible("the scripts of its job are too long together")
    except NotReproducible as reason:
        return told.model_copy(update={"refused": str(reason), "python": work.python})
    return told.model_copy(
        update={
            "command": command,
            "python": work.python or minor_of(work.variables.values.get("UV_PYTHON", "")),
            "skipped": tuple(work.skipped),
            "first_line": work.first_line,
        }
    )


def _title(step: WorkflowStep, work: "_Work") -> str:
    try:
        return spell_line(fill(step.title, work.inner(work.variables)))
    except Unknown:
        return spell_line(step.title)


@dataclass(slots=True)
class _Work:
    """What the steps so far came to."""

    chosen: Chosen
    facts: RunFacts
    scope: Scope
    variables: Variables
    read: Read
    python: str = ""
    first_line: str = ""
    lacks_files: bool = False
    runnable: list[Runnable] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def inner(self, variables: Variables) -> Scope:
        """Return what expressions of a step see."""
        return variables.seen_by(self.scope)

    def check_runner(self) -> None:
        """Refuse a job that ran on another system; raises NotReproducible."""
        for label in self.chosen.job.runs_on:
            try:
                name = fill(label, self.scope)
            except Unknown:
                continue
            if name.lower().startswith(_FOREIGN):
                raise NotReproducible(f"its job ran on {spell_line(name, 40)}, and the sandbox is Linux")

    def surroundings(self) -> None:
        """Say what the job had around its steps that is not here."""
        job = self.chosen.job
        if self.facts.event.startswith("pull_request"):
            self.skipped.append(
                "The run looked at the merge with the base branch; here it is the head alone."
            )
        if job.container:
            self.skipped.append("The job ran in a container image of its own, which is not used here.")
        if job.services:
            named = spell_line(", ".join(job.services), 80)
            self.skipped.append(f"The job had services ({named}), which are not here.")
        if self.variables.unknown:
            self.skipped.append(_unset("The job", self.variables.unknown, "."))

    def before(self, step: WorkflowStep) -> None:
        """Take in a step before the failing one."""
        if step.uses:
            self._action(step)
            return
        try:
            runnable, adapted = self._run(step)
        except NotReproducible as reason:
            self._skip(step, f"{reason}")
            return
        if self.lacks_files and adapted.works and adapted.works == adapted.moves:
            # To put those in the place of what is in the tree would leave nothing.
            self._skip(step, "it handles files of other jobs, which are not here")
            return
        if adapted.works:
            self.runnable.append(runnable)
            self._take_over(step, runnable.script)
        if adapted.fetches:
            self._skip(step, "what it fetches needs the network or a service, and is left out")
        elif adapted.installs:
            self._skip(step, "what it installs comes from the environment that Ratchet builds")
        elif adapted.checks and not adapted.works:
            self._skip(step, "it only checks something else, and is left out")

    def failing(self, step: WorkflowStep) -> Runnable:
        """Return the failing step as it is run; raises NotReproducible."""
        if step.uses:
            raise NotReproducible("it uses an action, which is not run here")
        runnable, adapted = self._run(step)
        if not adapted.checks and not adapted.works:
            what = "fetches or sends something" if adapted.fetches else "prepares the environment"
            raise NotReproducible(f"it only {what}, which is not done here")
        if adapted.installs or adapted.fetches:
            self._skip(
                step, "what it installs or fetches is left out; the environment of Ratchet stands for it"
            )
        own = self.variables.and_then(step.env, self.scope)
        script = self._known(step.run, own, script=True)
        self.first_line = next((line.strip() for line in script.splitlines() if line.strip()), "")
        return runnable

    def _take_over(self, step: WorkflowStep, script: str) -> None:
        """Let expressions after a step see what it wrote for them."""
        values, unknown = dict(self.variables.values), dict(self.variables.unknown)
        for name, value in written(script, "GITHUB_ENV").items():
            values.pop(name, None)
            unknown.pop(name, None)
            if value is None:
                unknown[name] = f"env.{name}"
            else:
                values[name] = value
        self.variables = Variables(values, unknown)
        outputs = {k: v for k, v in written(script, "GITHUB_OUTPUT").items() if v is not None}
        if step.id and outputs:
            steps = {**self.scope.contexts.get("steps", {}), step.id: {"outputs": outputs}}
            self.scope = self.scope.with_context("steps", steps)

    def _action(self, step: WorkflowStep) -> None:
        inputs = self._inputs(step)
        found = meaning(step.uses, inputs.values, self.facts.repository)
        if found.elsewhere:
            raise NotReproducible("its job works on another repository")
        self.lacks_files = self.lacks_files or found.files
        self.python = found.python or self.python
        needed = inputs.unknown.get("python-version")
        if needed is not None:
            self._skip(step, f"its Python needs {spell_line(needed, 60)}, which is not known here")
        elif found.lost:
            self._skip(step, found.lost)

    def _inputs(self, step: WorkflowStep) -> Variables:
        values: dict[str, str] = {}
        unknown: dict[str, str] = {}
        for name, text in step.inputs.items():
            try:
                values[name] = fill(text, self.inner(self.variables))
            except Unknown as reason:
                unknown[name] = reason.what
        return Variables(values, unknown)

    def _run(self, step: WorkflowStep) -> tuple[Runnable, Adapted]:
        own = self.variables.and_then(step.env, self.scope)
        unknown = {name: what for name, what in own.unknown.items() if name in step.env}
        defaults = self.chosen.job.defaults
        shell = step.shell or defaults.shell
        script = self._known(step.run, own, script=True)
        directory = self._known(step.directory or defaults.directory, own)
        adapted = Adapted(text=script, works=1)
        if is_shell(shell):
            adapted = adapt(script, own.values, self.python, self.read)
        if unknown and adapted.works + adapted.checks:
            self._skip(step, _unset("it", unknown))
        env = {name: own.values[name] for name in step.env if name in own.values}
        title = spell_line(step.title, 60)
        return Runnable(title, adapted.text, shell, directory, env), adapted

    def _known(self, text: str, own: Variables, *, script: bool = False) -> str:
        try:
            return fill(text, self.inner(own), script=script)
        except Unknown as reason:
            raise NotReproducible(f"it needs {spell_line(reason.what)}, which is not known here") from None

    def _skip(self, step: WorkflowStep, why: str) -> None:
        self.skipped.append(f"Step {spell_line(step.title, 60)!r}: {why}.")


def _unset(who: str, unknown: Mapping[str, str], end: str = "") -> str:
    told = [f"{spell_line(name, 40)} ({spell_line(what, 40)})" for name, what in unknown.items()]
    more = f" and {len(told) - 5} more" if len(told) > 5 else ""
    are = "are" if len(told) > 1 else "is"
    return f"{who} lacks {', '.join(told[:5])}{more}, which {are} not known here{end}"
