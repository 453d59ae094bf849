import re

import pytest

from agent.ci.annotations import PER_LEVEL, annotations
from agent.ci.problem import Level, Problem, problems
from agent.protocol.check import Location
from tests.ci.reports import HOSTILE, SECRET, hostile

COMMAND = re.compile(
    r"::(?:error|warning|notice) (?:file=[^,:]*,line=[1-9]\d*,)?title=[^,:]*::[^\r\n]*", re.ASCII
)


def problem(number: int, level: Level = Level.ERROR) -> Problem:
    place = Location(path="a.py", line=number)
    return Problem(rule="broken", level=level, title=f"t{number}", message="m", location=place)


def test_what_a_command_acts_on_is_escaped() -> None:
    place = Location(path="a,b:c%.py", line=0)
    told = Problem(rule="broken", level=Level.ERROR, title="a::b, c", message="50%\nnext", location=place)
    shown = annotations([told])
    assert shown == "::error file=a%2Cb%3Ac%25.py,line=1,title=a%3A%3Ab%2C c::50%25%0Anext\n"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_begins_a_command_of_its_own(text: str) -> None:
    shown = annotations(problems([hostile(text)]))
    assert shown.endswith("\n") and SECRET not in shown
    for command in shown.splitlines():
        assert COMMAND.fullmatch(command), command


def test_the_last_of_too_many_says_how_many_are_left_out() -> None:
    many = [problem(n) for n in range(1, 31)] + [problem(n, Level.WARNING) for n in range(1, 11)]
    shown = annotations(many).splitlines()
    errors = [one for one in shown if one.startswith("::error")]
    assert len(errors) == PER_LEVEL and "title=t9::" in errors[8]
    assert "title=ratchet%3A 21 more" in errors[9]
    assert sum(one.startswith("::warning") for one in shown) == 10
