"""Tool: a shell command on the working tree, in a fresh sandbox."""

import time
from contextlib import closing

from pydantic import Field

from agent.protocol.errors import Interrupted
from agent.protocol.value import Value
from agent.tools.report import Report, refusal
from agent.tools.tool import Bench, Desk, Outcome
from agent.verify.failures import sandbox_errors_mapped
from agent.verify.printed import Printed
from sandboxes.sandbox import Command, Ending, Result

_KEPT = 512 * 1024

_ENDINGS = {
    Ending.TIMEOUT: "It was ended: it ran past its time. Give more `seconds`, or do less.",
    Ending.OUT_OF_MEMORY: "It was ended: it used more memory than the sandbox has.",
    Ending.PIDS: "It was ended: it started more processes than the sandbox allows.",
    Ending.DISK: "It failed: the disk of the sandbox is full.",
    Ending.OUTPUT: "It was ended: it wrote too much output.",
    Ending.LOST: "The sandbox itself died under it.",
}


class RunArguments(Value):
    """What to run."""

    command: str = Field(min_length=1, max_length=20_000, description="for /bin/sh, at the root of the tree")
    seconds: float = Field(default=60.0, gt=0, le=600, description="wall time after which it is ended")


class RunTool:
    """What it writes is thrown away with its sandbox."""

    name = "run"
    description = (
        "Run a shell command at the root of the working tree in a fresh sandbox: no network, no .git, "
        "bounded memory and time. What it changes is thrown away; use `edit` to change files and `verify` to "
        "run the tests."
    )
    arguments = RunArguments
    parallel = False

    def run(self, desk: Desk, arguments: RunArguments) -> Outcome:
        """Return output and exit status."""
        if desk.bench is None:
            return refusal(desk, "Nothing can be run in this task.")
        if "\0" in arguments.command:
            return refusal(desk, "A command cannot hold a NUL character.")
        seconds = min(arguments.seconds, time_left(desk.bench))
        argv = ("/bin/sh", "-c", arguments.command)
        result = execute(desk, desk.tree, Command(argv, seconds=seconds, keep_output=_KEPT))
        return _told(desk, result, seconds)


def time_left(bench: Bench) -> float:
    """Return the seconds that the task still has, at least one so that a limit can say so."""
    return max(1.0, bench.deadline - time.monotonic())


def execute(desk: Desk, tree: str, command: Command) -> Result:
    """Run a command on a tree in a sandbox of its own; raises Interrupted, IsolationUnavailable."""
    assert desk.bench is not None
    printing = Printed(desk.on_progress, "model")
    with sandbox_errors_mapped(), closing(desk.bench.workbench.open(tree)) as sandbox, printing as printed:
        result = sandbox.run(command, on_output=printed, cancel=desk.cancel)
    if result.ending is Ending.CANCELLED or desk.cancel.is_set():
        raise Interrupted("cancelled")
    return result


def _told(desk: Desk, result: Result, seconds: float) -> Outcome:
    report = Report(desk).say(_ended(result, seconds))
    for name, output in (("stdout", result.stdout), ("stderr", result.stderr)):
        if output.total:
            report.show(output.text, name)
    if not result.stdout.total and not result.stderr.total:
        report.say("It wrote nothing.")
    return report.outcome()


def _ended(result: Result, seconds: float) -> str:
    if result.ending is Ending.EXITED:
        return f"exit status {result.exit_code}, {result.seconds:.1f} s"
    if result.ending is Ending.SIGNALLED:
        return f"ended by signal {result.signal}, {result.seconds:.1f} s"
    limit = f" (limit {seconds:.0f} s)" if result.ending is Ending.TIMEOUT else ""
    return f"{result.ending}: {_ENDINGS[result.ending]}{limit}"
