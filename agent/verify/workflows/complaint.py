"""The one line of a log that says best what went wrong, where no test is named."""

import re
from collections.abc import Sequence

_LONGEST = 500
# From the most telling to the least; of each kind the first counts, of tracebacks the last line of the last.
_PYTEST = re.compile(r"^E   +(?P<text>\S.*)$")
_RAISED = re.compile(
    r"^(?P<text>(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Warning|Exit|Interrupt|Failed)\b.*)$"
)
_PLACED = re.compile(r"^(?P<text>[^\s:]{1,300}:\d{1,7}(?::\d{1,7})?:\s.*)$")
_CODED = re.compile(r"^(?P<text>(?:[A-Z]{1,6}\d{2,5}\b|[Ww]ould reformat:?) .*)$")
_SPOKEN = re.compile(
    r"^\W{0,4}(?P<text>(?:fatal )?(?:error|failed|failure|FAILED|ERROR)\b.*)$", re.IGNORECASE
)
_EXIT = re.compile(r"Process completed with exit code \d+")

_NOISE = (
    (re.compile(r"0x[0-9a-fA-F]{4,16}"), "0x"),
    (
        re.compile(
            r"(?:/home/runner/work/[^/\s'\"]+/[^/\s'\"]+|/workspace|/github/workspace|/__w/[^/\s]+/[^/\s]+)/"
        ),
        "",
    ),
    (re.compile(r"/(?:tmp|var/folders|home/runner/work/_temp)/[^\s'\":,)]*"), "/tmp"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|sec|seconds)\b"), "0s"),
    (re.compile(r"\s+"), " "),
)


def complaint(lines: Sequence[str]) -> str:
    """Return the line that says what went wrong, "" when none does; at most 500 characters."""
    kept = [line.strip("\r") for line in lines if 0 < len(line) <= 4000]
    for pattern, last in (
        (_PYTEST, False),
        (_RAISED, True),
        (_PLACED, False),
        (_CODED, False),
        (_SPOKEN, False),
    ):
        found = [match["text"] for line in kept if (match := pattern.match(line))]
        if found:
            return found[-1 if last else 0].strip()[:_LONGEST]
    spoken = [line.strip() for line in kept if line.strip() and not _EXIT.search(line)]
    return spoken[-1][:_LONGEST] if spoken else ""


def normal(text: str) -> str:
    """Return a line or an output without what differs between two machines: addresses, folders, times."""
    for pattern, instead in _NOISE:
        text = pattern.sub(instead, text)
    return text.strip()
