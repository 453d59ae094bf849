"""Logs as the runner of GitHub writes them, around what a real program printed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ran:
    """A step that ran: its script, what it printed, how it ended."""

    script: str
    output: str = ""
    code: int = 0
    shell: str = "/usr/bin/bash -e {0}"


def job_log(steps: Sequence[Ran]) -> str:
    """Return the log of a job; each line with its time, as `GET /actions/jobs/{id}/logs` gives it."""
    lines = ["Current runner version: '2.330.0'", "##[group]Operating System", "Ubuntu", "##[endgroup]"]
    for step in steps:
        lines += _step(step)
    lines += ["Post job cleanup.", "Cleaning up orphan processes"]
    stamped = [f"2026-11-22T10:{n // 60 % 60:02}:{n % 60:02}.1234567Z {line}" for n, line in enumerate(lines)]
    return "\ufeff" + "\n".join(stamped) + "\n"


def _step(step: Ran) -> Iterator[str]:
    script = step.script.rstrip("\n").split("\n")
    yield f"##[group]Run {script[0]}"
    yield from (f"\x1b[36;1m{line}\x1b[0m" for line in script)
    yield f"shell: {step.shell}"
    yield "##[endgroup]"
    yield from step.output.rstrip("\n").split("\n")
    if step.code:
        yield f"##[error]Process completed with exit code {step.code}."
