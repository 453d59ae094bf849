"""A GitHub workflow file as values; expressions in it stay as they are written."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.protocol.value import Value
from agent.verify.workflows.document import BadWorkflow, Plain, read_document, shown


class Defaults(Value):
    """What holds for the `run:` steps that say nothing else."""

    shell: str = ""
    directory: str = ""


class WorkflowStep(Value):
    """A step as it is written; `run` or `uses` is empty."""

    id: str = ""
    name: str = ""
    uses: str = ""
    inputs: Mapping[str, str] = {}
    """Its `with:`."""
    run: str = ""
    shell: str = ""
    directory: str = ""
    condition: str = ""
    """Its `if:`."""
    env: Mapping[str, str] = {}

    @property
    def title(self) -> str:
        """Return what a run calls it, with its expressions not put in yet."""
        first = self.run.strip().splitlines()[0].strip() if self.run.strip() else ""
        return self.name or f"Run {self.uses or first}"


class Matrix(Value):
    """The combinations of a job; values may be anything that YAML can say."""

    axes: Mapping[str, Any] = {}
    """Key -> list of values, or the text of an expression that gives one."""
    include: tuple[Mapping[str, Any], ...] = ()
    exclude: tuple[Mapping[str, Any], ...] = ()
    computed: bool = False
    """The whole of it, or what is included, is an expression."""


class WorkflowJob(Value):
    """A job of a workflow."""

    id: str
    name: str = ""
    runs_on: tuple[str, ...] = ()
    calls: str = ""
    """The workflow that it runs instead of steps."""
    inputs: Mapping[str, str] = {}
    """What it gives to that."""
    env: Mapping[str, str] = {}
    defaults: Defaults = Defaults()
    matrix: Matrix | None = None
    container: str = ""
    services: tuple[str, ...] = ()
    steps: tuple[WorkflowStep, ...] = ()


class Workflow(Value):
    """A workflow file."""

    name: str = ""
    env: Mapping[str, str] = {}
    inputs: Mapping[str, Any] = {}
    """What it takes when another workflow runs it, with the defaults."""
    jobs: tuple[WorkflowJob, ...] = ()


def read_workflow(data: bytes) -> Workflow:
    """Return what a workflow file says; raises BadWorkflow.

    Source: "Workflow syntax for GitHub Actions". Keys that say nothing about running steps are not read.
    """
    top = _mapping(read_document(data), "the workflow file")
    env, defaults = _texts(top.get("env"), "env"), _defaults(top.get("defaults"), Defaults())
    jobs = _mapping(top.get("jobs"), "jobs")
    return Workflow(
        name=_text(top.get("name"), "name"),
        env=env,
        inputs=_inputs(top.get("on")),
        jobs=tuple(_job(name, job, defaults) for name, job in jobs.items()),
    )


def _job(name: str, value: Plain, defaults: Defaults) -> WorkflowJob:
    where = f"jobs.{name}"
    job = _mapping(value, where)
    strategy = _mapping(job.get("strategy") or {}, f"{where}.strategy")
    container = job.get("container")
    image = container.get("image") if isinstance(container, Mapping) else container
    return WorkflowJob(
        id=name,
        name=_text(job.get("name"), f"{where}.name"),
        runs_on=_labels(job.get("runs-on"), where),
        calls=_text(job.get("uses"), f"{where}.uses"),
        inputs=_texts(job.get("with"), f"{where}.with"),
        env=_texts(job.get("env"), f"{where}.env"),
        defaults=_defaults(job.get("defaults"), defaults),
        matrix=_matrix(strategy.get("matrix"), where),
        container=_text(image, f"{where}.container"),
        services=tuple(_mapping(job.get("services") or {}, f"{where}.services")),
        steps=tuple(_step(step, where) for step in _sequence(job.get("steps"), f"{where}.steps")),
    )


def _inputs(on: Plain) -> dict[str, Plain]:
    call = on.get("workflow_call") if isinstance(on, Mapping) else None
    inputs = call.get("inputs") if isinstance(call, Mapping) else None
    known = inputs if isinstance(inputs, Mapping) else {}
    return {key: one.get("default") for key, one in known.items() if isinstance(one, Mapping)}


def _step(value: Plain, where: str) -> WorkflowStep:
    step = _mapping(value, f"a step of {where}")
    return WorkflowStep(
        id=_text(step.get("id"), "id"),
        name=_text(step.get("name"), "name"),
        uses=_text(step.get("uses"), "uses"),
        inputs=_texts(step.get("with"), "with"),
        run=_text(step.get("run"), "run"),
        shell=_text(step.get("shell"), "shell"),
        directory=_text(step.get("working-directory"), "working-directory"),
        condition=_text(step.get("if"), "if"),
        env=_texts(step.get("env"), "env"),
    )


def _defaults(value: Plain, outer: Defaults) -> Defaults:
    run = _mapping(_mapping(value or {}, "defaults").get("run") or {}, "defaults.run")
    return Defaults(
        shell=_text(run.get("shell"), "shell") or outer.shell,
        directory=_text(run.get("working-directory"), "working-directory") or outer.directory,
    )


def _matrix(value: Plain, where: str) -> Matrix | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Matrix(computed=True)
    table = _mapping(value, f"{where}.strategy.matrix")
    listed = {key: table.get(key) for key in ("include", "exclude")}
    axes = {key: _axis(values, key) for key, values in table.items() if key not in listed}
    return Matrix(
        axes=axes,
        include=_combinations(listed["include"]),
        exclude=_combinations(listed["exclude"]),
        computed=any(isinstance(one, str) for one in listed.values()),
    )


def _axis(value: Plain, key: str) -> Plain:
    if isinstance(value, str) and "${{" in value:
        return value
    return tuple(_sequence(value, f"matrix.{key}"))


def _combinations(value: Plain) -> tuple[Mapping[str, Plain], ...]:
    return (
        () if isinstance(value, str) else tuple(_mapping(one, "matrix") for one in _sequence(value, "matrix"))
    )


def _labels(value: Plain, where: str) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        value = value.get("labels")
    listed = value if isinstance(value, list | tuple) else () if value is None else (value,)
    return tuple(_text(one, f"{where}.runs-on") for one in listed)


def _mapping(value: Plain, where: str) -> Mapping[str, Plain]:
    if not isinstance(value, Mapping):
        raise BadWorkflow(f"{where[:100]} is no mapping")
    return value


def _sequence(value: Plain, where: str) -> Sequence[Plain]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise BadWorkflow(f"{where[:100]} is no list")
    return value


def _text(value: Plain, where: str) -> str:
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
        raise BadWorkflow(f"{where[:100]} is no text")
    return shown(value)


def _texts(value: Plain, where: str) -> dict[str, str]:
    table = _mapping({} if value is None else value, where)
    return {key: _text(one, f"{where}.{key}") for key, one in table.items()}
