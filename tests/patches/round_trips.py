"""Say changes in an edit format, read the text back, and compare every byte."""

from agent.patches.render import render
from agent.protocol.model import EditFormat
from tests.patches.applying import applied, python_definitions, python_spans
from tests.patches.cases import changes


def round_trips(case: tuple[EditFormat, int, int]) -> int:
    """Make (format, seed, count) round trips; return how many there were, all of them exact."""
    format, seed, count = case
    done = 0
    for number, (before, after) in enumerate(changes(seed, count)):
        text = render(format, before, after, python_definitions)
        assert applied(format, text, before, python_spans) == after, (format, seed, number)
        done += 1
    return done
