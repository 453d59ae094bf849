"""Tool of a review: reports a bug of the change; one that a test shows is proven by running it."""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from agent.patches.paths import path_fault
from agent.protocol.conversation import Finding
from agent.protocol.value import Value
from agent.tools.prove import Proof, prove
from agent.tools.report import Report, refusal
from agent.tools.tool import Desk, Outcome


class FindingArguments(Value):
    """The bug, and the test that shows it."""

    path: str = Field(min_length=1, max_length=1000, description="file of the change")
    line: int = Field(ge=1, description="line in the changed file")
    title: str = Field(min_length=1, max_length=200, description="what is wrong, in one line")
    body: str = Field(default="", max_length=4000, description="why, and when it shows")
    severity: Literal["note", "warning", "error"] = "warning"
    test: str = Field(
        default="",
        max_length=100_000,
        description="a whole pytest file that fails on the change for an assertion and passes on its base",
    )
    folder: str = Field(default="", max_length=1000, description="folder to run the test in")


class FindingTool:
    """Notes a finding with what the harness saw of its test."""

    name = "finding"
    description = (
        "Report one bug that the change brings in. A test you give runs in the sandbox on the change and "
        "on its base; the finding is proven only if it fails on the one and passes on the other."
    )
    arguments = FindingArguments
    parallel = False

    def run(self, desk: Desk, arguments: FindingArguments) -> Outcome:
        """Return the finding; refused when there is no such place."""
        fault = path_fault(arguments.path) or _no_place(desk, arguments)
        fault = fault or (path_fault(arguments.folder) if arguments.folder else "")
        if fault:
            return refusal(desk, f"That is no place in the change: {fault}.")
        proof = prove(desk, arguments.test, arguments.folder) if arguments.test and desk.bench else None
        finding = _finding(arguments, proof, runs=desk.bench is not None)
        said = "Noted as PROVEN" if finding.proven else "Noted as unproven"
        outcome = Report(desk).say(f"{said}.").show(finding.evidence, "evidence").outcome()
        return replace(outcome, finding=finding)


def _no_place(desk: Desk, arguments: FindingArguments) -> str:
    if arguments.path not in desk.store.list(desk.tree):
        return "there is no such file"
    lines = len(desk.store.read(desk.tree, arguments.path).splitlines())
    return f"the file has {lines} lines" if arguments.line > lines else ""


def _finding(arguments: FindingArguments, proof: Proof | None, *, runs: bool) -> Finding:
    missing = "no test was given" if runs else "nothing can be run in this task"
    return Finding(
        path=arguments.path,
        line=arguments.line,
        title=arguments.title,
        body=arguments.body,
        severity=arguments.severity,
        proven=bool(proof and proof.proven),
        test=arguments.test,
        evidence=proof.evidence if proof else missing,
    )
