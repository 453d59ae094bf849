"""Say changes in an edit format, read the text back, and compare every byte."""

from agent.patches.render import render
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat
from tests.patches.applying import applied, python_definitions, python_spans
from tests.patches.cases import changes


def round_trips(case: tuple[EditFormat, int, int]) -> tuple[int, int]:
    """Make (format, seed, count) round trips; return how many there were, all exact, and how many were not.


    The others were refused before anything was written; see `render` for what a format cannot say.
    """
    format, seed, count = case
    done = refused = 0
    for number, (before, after) in enumerate(changes(seed, count)):
        try:
            text = render(format, before, after, python_definitions)
        except PatchRefused:
            refused += 1
            continue
        assert applied(format, text, before, python_spans) == after, (format, seed, number)
        done += 1
    return done, refused
