"""Tool: complaints of a compiler and a type checker about the working tree, those of the base told apart."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from pydantic import Field

from agent.protocol.errors import Interrupted
from agent.protocol.value import Value
from agent.protocol.verdict import Diagnostic
from agent.tools.checkers import Checker, in_environment, of_host
from agent.tools.overlay import Overlay
from agent.tools.report import Report, refusal
from agent.tools.run import time_left
from agent.tools.tool import Bench, Desk, Outcome
from agent.verify.diagnostics import compile_files, line_origins, new_diagnostics, parse_diagnostics
from agent.verify.failures import sandbox_errors_mapped
from sandboxes.sandbox import Command, Ending, Result, Sandbox

_MOST = 60
_SECONDS = 120.0
_TROUBLE = 2000
_SOUND = (0, 1)
"""Exit statuses of a checker that came to its end, with complaints or without."""
_NO_CHECKER = (
    "No type checker is there: the repository's environment has none (basedpyright, ty, pyright, mypy), and "
    "Ratchet was installed without `ratchetd[types]`."
)


class DiagnosticsArguments(Value):
    """Which files."""

    paths: tuple[str, ...] = Field(
        default=(), max_length=50, description="Python files; empty: those changed since the base"
    )


class DiagnosticsTool:
    """Everything runs in the sandbox, with the repository's own settings."""

    name = "diagnostics"
    description = (
        "Compile and type-check Python files of the working tree in the sandbox; complaints that the base "
        "did not have come first. Empty `paths`: the changed files."
    )
    arguments = DiagnosticsArguments
    parallel = False

    def run(self, desk: Desk, arguments: DiagnosticsArguments) -> Outcome:
        """Return the complaints."""
        if desk.bench is None:
            return refusal(desk, "Nothing can be run in this task.")
        overlay = Overlay(desk)
        asked = [path.removeprefix("./") for path in arguments.paths] or sorted(overlay.changed)
        paths = [path for path in asked if overlay.is_file(path) and path.endswith((".py", ".pyi"))]
        if wrong := [path for path in arguments.paths if path.removeprefix("./") not in paths]:
            return (
                Report(desk)
                .say("Not Python files of the tree:")
                .show("\n".join(wrong), "paths")
                .outcome(refused=True)
            )
        if not paths:
            return refusal(desk, "No Python file is changed; name the `paths` to be checked.")
        return _checked(desk, desk.bench, overlay, paths)


@dataclass(frozen=True, slots=True)
class _Said:
    """The complaints about one tree, and why the type checker could say nothing."""

    found: tuple[Diagnostic, ...] = ()
    trouble: str = ""


def _checked(desk: Desk, bench: Bench, overlay: Overlay, paths: Sequence[str]) -> Outcome:
    with sandbox_errors_mapped(), closing(bench.workbench.open(desk.tree)) as sandbox:
        checker = in_environment(sandbox) or of_host(sandbox)
        after, before = _complaints(desk, bench, sandbox, checker, paths), _Said()
        if after.found and overlay.changed:
            base = _of_base(desk, overlay)
            sandbox.put(base)
            there = [path for path in paths if base.get(path, b"") is not None]
            before = _complaints(desk, bench, sandbox, checker, there) if there else _Said()
    if desk.cancel.is_set():
        raise Interrupted("cancelled")
    return _told(desk, checker, before.found, after)


def _complaints(
    desk: Desk, bench: Bench, sandbox: Sandbox, checker: Checker | None, paths: Sequence[str]
) -> _Said:
    python = bench.workbench.python
    compiled = compile_files(sandbox, python, paths, min(_SECONDS, time_left(bench)))
    if checker is None:
        return _Said(compiled)
    command = Command(checker.argv(python, paths), seconds=min(_SECONDS, time_left(bench)))
    result = sandbox.run(command, cancel=desk.cancel)
    lines = (line.strip() for line in result.stdout.text.splitlines())
    found = parse_diagnostics(checker.name, "\n".join(lines))
    is_sound = result.ending is Ending.EXITED and (result.exit_code in _SOUND or bool(found))
    return _Said((*compiled, *found), "" if is_sound else _trouble(result))


def _trouble(result: Result) -> str:
    if result.ending is not Ending.EXITED:
        return f"it ended as {result.ending}"
    return f"exit status {result.exit_code}\n{result.stderr.text.strip()[-_TROUBLE:]}"


def _of_base(desk: Desk, overlay: Overlay) -> dict[str, bytes | None]:
    """Return the changed files as the base has them, None for those that it lacks."""
    listed = desk.store.list(desk.base)
    blobs = desk.store.read_blobs([listed[path].blob for path in overlay.changed if path in listed])
    return {path: blobs[listed[path].blob] if path in listed else None for path in sorted(overlay.changed)}


def _told(desk: Desk, checker: Checker | None, before: Sequence[Diagnostic], after: _Said) -> Outcome:
    is_base = desk.tree == desk.base
    origins = line_origins(desk.store, desk.base, desk.tree)
    new = () if is_base else new_diagnostics(before, after.found, origins)
    old = [one for one in after.found if one not in new]
    report = Report(desk).say(f"Checked with: compile{f', {checker.name}' if checker else ''}.")
    if checker is None:
        report.say(_NO_CHECKER)
    elif after.trouble:
        report.say(f"{checker.name} could not do its work:").show(after.trouble, checker.name)
    if new:
        report.say("New since the base:").show(_listed(new), "diagnostics")
    if old:
        report.say("In the base:" if is_base else "In the base, too:").show(_listed(old), "diagnostics")
    return (report if after.found else report.say("No complaint.")).outcome()


def _listed(found: Sequence[Diagnostic]) -> str:
    lines = [_line(one) for one in found[:_MOST]]
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return "\n".join([*lines, *more])


def _line(one: Diagnostic) -> str:
    code = f"[{one.code}] " if one.code else ""
    return f"{one.location.path}:{one.location.line}: {one.tool}: {code}{one.message}"
