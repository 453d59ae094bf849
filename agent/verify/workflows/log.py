"""The log of a job on GitHub, cut into its steps; all of it is outside text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.untrusted.clean import clean

MAX_CHARACTERS = 4 * 1024 * 1024
_MAX_LINE = 4000
_MAX_LINES = 100_000
_TAIL = 60
"""Lines of the end of a step that are kept for people."""
_BEFORE, _AFTER = 3, 6
_MOST_WINDOWS = 8
_EXCERPT = 8000

_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ?", re.MULTILINE)
_COMMAND = re.compile(
    r"^(?:##\[(?P<old>[a-z-]{1,20})\]|::(?P<new>[a-z-]{1,20})(?: [^:\n]{0,500})?::)(?P<text>.*)$"
)
_RUN = "Run "
_AFTERWARDS = "Post job cleanup."
_ENDED = re.compile(r"Process completed with exit code \d{1,3}\.?")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its time and colours; `command` is what the runner made of it, such as `error`."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What one step printed; the title is the first line of what it runs."""

    title: str
    lines: tuple[Line, ...]

    @property
    def failed(self) -> bool:
        """Say whether the runner said that it failed."""
        return any(_says_it_failed(line) for line in self.lines)

    @property
    def output(self) -> tuple[str, ...]:
        """Return what the step itself printed: neither its script nor what the runner adds."""
        return tuple(line.text for line in self.lines if not _ENDED.match(line.text))


def _says_it_failed(line: Line) -> bool:
    return line.command == "error" and _ENDED.match(line.text) is not None


def read_log(text: str) -> tuple[Section, ...]:
    """Return the steps of a job's log, of at most its last MAX_CHARACTERS characters."""
    kept = _STAMP.sub("", text[-MAX_CHARACTERS:])
    sections: list[tuple[str, list[Line]]] = [("", [])]
    heading = False
    for line in _lines(clean(kept).text):
        if line.command == "group" and line.text.startswith(_RUN):
            sections.append((line.text[len(_RUN) :].strip(), []))
            heading = True
        elif heading and line.command == "endgroup":
            heading = False
        elif not heading and line.command not in ("group", "endgroup", "debug", "command"):
            if line.text == _AFTERWARDS:
                sections.append(("", []))
            sections[-1][1].append(line)
            if _says_it_failed(line):
                sections.append(("", []))
    return tuple(Section(title, tuple(lines)) for title, lines in sections)


def _lines(text: str) -> Iterator[Line]:
    for raw in text.split("\n")[-_MAX_LINES:]:
        match = _COMMAND.match(raw[:_MAX_LINE])
        if match is None:
            yield Line(raw[:_MAX_LINE].rstrip())
        else:
            yield Line(match["text"].rstrip(), match["old"] or match["new"])


def failed_section(sections: tuple[Section, ...], first_line: str) -> Section:
    """Return the step that failed: by the first line of its script, else the first that says it failed."""
    named = [one for one in sections if first_line and one.title == first_line.strip()]
    failed = [one for one in sections if one.failed]
    both = [one for one in named if one.failed]
    everything = Section("", tuple(line for one in sections for line in one.lines))
    return next(iter([*both, *named[-1:], *failed, everything]))


def excerpt(section: Section) -> str:
    """Return what tells most of a step: where it speaks of errors, and its end; at most 8,000 characters."""
    lines = section.lines
    wanted = set(range(max(0, len(lines) - _TAIL), len(lines)))
    errors = [number for number, line in enumerate(lines) if line.command == "error"]
    for number in errors[:_MOST_WINDOWS]:
        wanted.update(range(max(0, number - _BEFORE), min(len(lines), number + _AFTER)))
    told: list[str] = []
    last = -1
    for number in sorted(wanted):
        if number != last + 1:
            told.append("…")
        told.append(_told(lines[number]))
        last = number
    return "\n".join(told).strip()[-_EXCERPT:]


def _told(line: Line) -> str:
    return f"{line.command}: {line.text}" if line.command in ("error", "warning") else line.text
