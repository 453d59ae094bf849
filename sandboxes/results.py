"""Commands as requests to the worker, and its answers as results."""

from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

from sandboxes.frames import Frame
from sandboxes.sandbox import Command, Ending, Output, Result

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run_request(command: Command, env: Mapping[str, str]) -> dict[str, Any]:
    """Return the header that starts a command; the environment is all that the program sees."""
    return {
        "op": "run",
        "argv": list(command.argv),
        "cwd": command.cwd,
        "env": {"PATH": PATH, "LANG": "C.UTF-8", **env, **command.env},
        "seconds": command.seconds,
        "at_deadline": Ending.TIMEOUT.value,
        "keep": command.keep_output,
        "max_output": command.max_output,
        "report": command.report,
        "max_report": command.max_report,
    }


def to_result(frame: Frame) -> Result:
    """Return the result that a frame tells."""
    header = frame.header
    ends = accumulate(header["lengths"], initial=0)
    head, tail, error_head, error_tail, report = (frame.payload[a:b] for a, b in pairwise(ends))
    return Result(
        ending=Ending(header["ending"]),
        exit_code=header["exit_code"],
        signal=header["signal"],
        stdout=Output(head, tail, header["totals"][0]),
        stderr=Output(error_head, error_tail, header["totals"][1]),
        report=report,
        report_cut=header["report_cut"],
        seconds=header["seconds"],
    )


def lost(seconds: float) -> Result:
    """Return the result of a command whose sandbox died."""
    return Result(ending=Ending.LOST, seconds=seconds)
