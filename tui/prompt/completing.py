"""What is being written at the cursor, as far as it can be completed; pure."""

import re
from dataclasses import dataclass
from enum import Enum, auto

_COMMAND = re.compile(r"/(?P<part>[A-Za-z?]*)")
_ARGUMENT = re.compile(r"/(?P<name>[a-z]+)\s+(?P<part>\S*)")
_AFTER_COMMAND = re.compile(r"/(?P<name>[a-z]+)\s")
_MENTION = re.compile(r"(?:^|(?<=[\s(,\[{'\"]))@(?P<part>[^\s@]{0,200})$")


class Sort(Enum):
    """What the part is a part of."""

    COMMAND = auto()
    MENTION = auto()
    TASK = auto()
    MODEL = auto()
    USAGE = auto()
    """Nothing that can be completed: a command's words are being written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of something, which begins at a column of the cursor's line."""

    sort: Sort
    part: str
    start: int


_ARGUMENTS = {
    "model": Sort.MODEL,
    "cancel": Sort.TASK,
    "pause": Sort.TASK,
    "resume": Sort.TASK,
    "retry": Sort.TASK,
}


def wanted(line: str, *, first: bool) -> Wanted | None:
    """Return what is being written at the end of a line, which goes up to the cursor.

    Commands stand in the first line only. None when there is nothing to complete.
    """
    mention = _MENTION.search(line)
    if mention is not None:
        return Wanted(Sort.MENTION, mention["part"], mention.start("part") - 1)
    if not first:
        return None
    command = _COMMAND.fullmatch(line)
    if command is not None:
        return Wanted(Sort.COMMAND, command["part"], 0)
    argument = _ARGUMENT.fullmatch(line)
    if argument is not None and argument["name"] in _ARGUMENTS:
        return Wanted(_ARGUMENTS[argument["name"]], argument["part"], argument.start("part"))
    after = _AFTER_COMMAND.match(line)
    return Wanted(Sort.USAGE, after["name"], 0) if after is not None else None
