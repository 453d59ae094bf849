"""Problems as workflow commands of GitHub, which shows them at their lines of the change."""

from collections.abc import Sequence

from agent.ci.problem import Level, Problem
from agent.ci.shown import line, lines

PER_LEVEL = 10
"""GitHub shows no more of a type in a step, and 50 in a job; of three types a step stays below that."""
_LONGEST_MESSAGE = 4000


def annotations(problems: Sequence[Problem]) -> str:
    """Return one command a line; the last of a type says how many were left out."""
    return "".join(f"{command}\n" for level in Level for command in _of(level, problems))


def _of(level: Level, problems: Sequence[Problem]) -> list[str]:
    found = [one for one in problems if one.level is level]
    if len(found) <= PER_LEVEL:
        return [_command(one) for one in found]
    left_out = len(found) - (PER_LEVEL - 1)
    note = f"{left_out} more of this kind are not shown here; the summary and --json list them"
    more = Problem(rule="outcome", level=level, title=f"ratchet: {left_out} more", message=note)
    return [_command(one) for one in (*found[: PER_LEVEL - 1], more)]


def _command(problem: Problem) -> str:
    properties = {"title": line(problem.title)}
    if problem.location is not None:
        place = {"file": line(problem.location.path, 1000), "line": str(max(1, problem.location.line))}
        properties = {**place, **properties}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{problem.level} {written}::{_data(lines(problem.message)[:_LONGEST_MESSAGE])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
