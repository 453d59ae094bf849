"""Which job of a workflow file, with which values of its matrix, a job of a run is."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.verify.workflows.document import Plain, scalar, shown
from agent.verify.workflows.expressions import Scope, Unknown, evaluate, fill, holes
from agent.verify.workflows.workflow import Matrix, Workflow, WorkflowJob

MOST = 256
"""Combinations that GitHub makes of one matrix at most."""
_NAMES = 100
"""Characters of a job's name after which GitHub cuts it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A job as it ran."""

    job: WorkflowJob
    matrix: Mapping[str, Plain]


def find_job(workflow: Workflow, name: str, scope: Scope) -> Chosen | None:
    """Return the job that a run calls by this name; `scope` has what does not depend on the job."""
    for job in workflow.jobs:
        for matrix in combinations(job.matrix, scope):
            if name in _names(job, matrix, scope):
                return Chosen(job, matrix)
    # A matrix that an earlier job computed is only known by what it put into the name.
    for job in workflow.jobs:
        found = _from_name(job, name) if _is_computed(job.matrix) else None
        if found is not None:
            return Chosen(job, found)
    return None


def _is_computed(matrix: Matrix | None) -> bool:
    return matrix is not None and (
        matrix.computed or any(isinstance(values, str) for values in matrix.axes.values())
    )


def combinations(matrix: Matrix | None, scope: Scope) -> Iterator[Mapping[str, Plain]]:
    """Yield at most MOST combinations of a matrix; none of one that is not known before it runs."""
    if matrix is None:
        yield {}
        return
    axes = {key: _values(values, scope) for key, values in matrix.axes.items()}
    if matrix.computed or any(values is None for values in axes.values()):
        return
    known = {key: values for key, values in axes.items() if values is not None}
    yield from itertools.islice(_combined(matrix, known), MOST)


def _combined(matrix: Matrix, axes: Mapping[str, tuple[Plain, ...]]) -> Iterator[Mapping[str, Plain]]:
    every = itertools.islice(itertools.product(*axes.values()), 4 * MOST) if axes else iter(())
    kept = [dict(zip(axes, values, strict=True)) for values in every]
    kept = [one for one in kept if not any(_covers(one, out) for out in matrix.exclude)]
    added: list[Mapping[str, Plain]] = []
    for extra in matrix.include[:MOST]:
        fitting = [one for one in kept if _covers(one, {k: v for k, v in extra.items() if k in axes})]
        for one in fitting:
            one.update(extra)
        if not fitting:
            added.append(extra)
    yield from kept
    yield from added


def _covers(one: Mapping[str, Plain], part: Mapping[str, Plain]) -> bool:
    return all(key in one and one[key] == value for key, value in part.items())


def _values(values: object, scope: Scope) -> tuple[Plain, ...] | None:
    if isinstance(values, tuple):
        return values
    text = str(values).strip()
    try:
        found = evaluate(text[3:-2], scope) if text.startswith("${{") and text.endswith("}}") else None
    except Unknown:
        return None
    return tuple(found) if isinstance(found, list) else None


def _names(job: WorkflowJob, matrix: Mapping[str, Plain], scope: Scope) -> set[str]:
    """Return what a run may call a job with these values."""
    if job.name:
        try:
            name = fill(job.name, scope.with_context("matrix", matrix))
        except Unknown:
            return set()
        return {_cut(name)}
    values = [shown(leaf) for value in matrix.values() for leaf in _leaves(value)]
    # Whether an empty value leaves a comma behind differs between versions of the service.
    lists = (", ".join(values), ", ".join(filter(None, values)))
    return {_cut(f"{job.id} ({listed})" if listed else job.id) for listed in lists}


def _cut(name: str) -> str:
    return name if len(name) <= _NAMES else f"{name[: _NAMES - 3]}..."


def _leaves(value: Plain) -> Iterator[Plain]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


def _from_name(job: WorkflowJob, name: str) -> Mapping[str, Plain] | None:
    """Return the values of a matrix that a name shows, None when it is no name of this job."""
    assert job.matrix is not None
    if not job.name:
        return _from_list(job, job.matrix, name)
    pieces = list(holes(job.name))
    keys = [_key(text) for text in job.name.split("${{")[1:]]
    values = _between([piece for piece in pieces if piece is not None], name)
    if values is None or not keys or None in keys:
        return None
    return {str(key): scalar_of(value) for key, value in zip(keys, values, strict=True)}


def _from_list(job: WorkflowJob, matrix: Matrix, name: str) -> Mapping[str, Plain] | None:
    if not (name.startswith(f"{job.id} (") and name.endswith(")")):
        return None
    values = name[len(job.id) + 2 : -1].split(", ")
    return (
        {key: scalar_of(value) for key, value in zip(matrix.axes, values, strict=True)}
        if len(values) == len(matrix.axes)
        else None
    )


def _key(text: str) -> str | None:
    inside = text.partition("}}")[0].strip()
    return inside[len("matrix.") :] if inside.startswith("matrix.") and inside.count(".") == 1 else None


def _between(pieces: list[str], name: str) -> list[str] | None:
    """Return what stands between the fixed pieces of a template, each taken as early as it can be."""
    first, *middle = pieces
    if not middle or not name.startswith(first) or len(name) < len(first) + len(middle[-1]):
        return None
    if not name.endswith(middle[-1]):
        return None
    end = len(name) - len(middle[-1])
    at, values = len(first), []
    for piece in middle[:-1]:
        found = name.find(piece, at + 1, end) if piece else -1
        if found < 0:
            return None
        values.append(name[at:found])
        at = found + len(piece)
    values.append(name[at:end])
    return values if all(values) else None


def scalar_of(value: str) -> Plain:
    """Return a shown value as the matrix had it, but a number as text: `3.10` is no 3.1."""
    found = scalar(value)
    return found if isinstance(found, bool) else value
