"""What a task is asked for in words: the user's own, and what they are about as quoted data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

from agent.untrusted.clean import clean
from agent.untrusted.delimit import delimit
from lsp.showing.plain import one_line

_INSTRUCTION = re.compile(
    r"^\s*(?:\#|//|--|;|%|/\*|<!--|\*|\"|')[\#/;%!*-]*\s*ratchet:\s*(?P<told>.+?)\s*(?:\*/|-->)?\s*$",
    re.IGNORECASE,
)
_LONGEST_MESSAGE = 2_000
_LONGEST_PASSAGE = 16_000
_DOCUMENT = "Document this code where it lacks it, in the style of the code around it; change nothing else."
_EXPLAIN = "Explain this code: what it does, what calls it, and why it is as it is."
_REMOVE = "Remove the comment `ratchet: …` that says so."


@dataclass(frozen=True, slots=True)
class Passage:
    """Some lines of a file as the editor has them, counted from 0; the end is exclusive."""

    path: str
    """Below the top of the repository, with slashes."""
    start: int
    end: int
    lines: Sequence[str]
    """Those of the whole file."""

    @property
    def text(self) -> str:
        """Return the lines that are meant, as they stand."""
        return "".join(self.lines[self.start : self.end])

    @property
    def instruction(self) -> str:
        """Return what comments `ratchet: …` in the lines, or right above them, ask for; empty without any.

        LSP has no question that a user answers with text, so that the text itself has to say it.
        """
        above = self.start
        while above > 0 and _told(self.lines[above - 1]):
            above -= 1
        return "\n".join(filter(None, map(_told, self.lines[above : self.end])))


def change_goal(passage: Passage | None, instruction: str) -> str:
    """Return the goal of a change that the user describes."""
    comment = bool(passage and passage.instruction)
    return _about(passage, "\n\n".join((instruction, _REMOVE) if comment else (instruction,)))


def document_goal(passage: Passage | None) -> str:
    """Return the goal of documenting some lines."""
    return _about(passage, _DOCUMENT)


def explain_goal(passage: Passage | None, question: str = "") -> str:
    """Return a question about some lines."""
    return _about(passage, question or _EXPLAIN)


def complaint_goal(path: str, complaint: types.Diagnostic) -> str:
    """Return the goal of fixing what some other server complains about; its words are data."""
    who = one_line(complaint.source or "a tool", 40)
    what = f"{complaint.code}: {complaint.message}" if complaint.code is not None else complaint.message
    place = f"{path}:{complaint.range.start.line + 1}"
    quoted = delimit(clean(what).text[:_LONGEST_MESSAGE], f"{who} on {place}")
    return (
        f"Fix what {who} reports for {one_line(place, 300)}. Change nothing that it is not about.\n\n"
        f"The report, as data:\n{quoted}"
    )


def _about(passage: Passage | None, wish: str) -> str:
    if passage is None:
        return wish
    place = f"{passage.path}:{passage.start + 1}-{max(passage.end, passage.start + 1)}"
    quoted = delimit(clean(passage.text).text[:_LONGEST_PASSAGE], place)
    return f"{wish}\n\nThis is about {one_line(place, 300)}, which the user's editor shows as:\n{quoted}"


def _told(line: str) -> str:
    found = _INSTRUCTION.match(line.rstrip("\r\n")[:_LONGEST_MESSAGE])
    return found["told"] if found else ""
