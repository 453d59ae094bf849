"""Tool: lines of a file of the working tree, or of a long output by its handle."""

from collections.abc import Sequence

from pydantic import Field

from agent.protocol.errors import RepositoryError
from agent.protocol.value import Value
from agent.repo.tree import SYMLINK
from agent.tools.outputs import LONGEST_LINE, MOST, is_handle, kept
from agent.tools.overlay import Overlay
from agent.tools.report import Report, named, refusal
from agent.tools.tool import Desk, Outcome
from agent.untrusted.delimit import delimit

_MOST_LINES = 400
_LARGEST = 4 << 20
_LISTED = 200


class ReadArguments(Value):
    """Which lines."""

    path: str = Field(min_length=1, max_length=4096, description="a path, a folder, or a handle `output:…`")
    start: int = Field(default=1, ge=1, description="first line, from 1")
    end: int | None = Field(default=None, ge=1, description="last line, inclusive")


class ReadTool:
    """Numbered lines as they are now."""

    name = "read"
    description = (
        "Show lines of a file as it is now, each after its number and a tab (not part of the file), "
        f"at most {_MOST_LINES} at once. A folder is listed. A handle `output:…` reads on in a long output."
    )
    arguments = ReadArguments
    parallel = True

    def run(self, desk: Desk, arguments: ReadArguments) -> Outcome:
        """Return the lines."""
        if is_handle(arguments.path):
            return _output(desk, arguments)
        overlay = Overlay(desk)
        path = arguments.path.strip().removeprefix("./").rstrip("/")
        entry = overlay.entries.get(path)
        if entry is None:
            return _folder(desk, overlay, path)
        if entry.mode == SYMLINK:
            target = desk.store.read(desk.tree, path).decode("utf-8", "replace")
            return Report(desk).say("A symbolic link, to:").show(target, path).outcome()
        if not entry.is_file:
            return refusal(desk, "That is a submodule, whose files are not here.")
        return _file(desk, overlay, path, arguments)


def _file(desk: Desk, overlay: Overlay, path: str, arguments: ReadArguments) -> Outcome:
    content = overlay.contents([path])[path]
    if b"\0" in content[:8192]:
        return refusal(desk, f"That is a binary file of {len(content)} bytes.")
    if len(content) > _LARGEST:
        return refusal(desk, f"That file is too large to be read: {len(content)} bytes.")
    guarded = overlay.texts([path])[path]
    lines = guarded.text.split("\n")
    lines = lines[:-1] if lines[-1] == "" and len(lines) > 1 else lines
    report = Report(desk)
    report.note(path, guarded.flags)
    return _page(report, lines, arguments.start, arguments.end, path)


def _output(desk: Desk, arguments: ReadArguments) -> Outcome:
    try:
        lines, line = kept(desk.store, arguments.path)
    except RepositoryError as error:
        return refusal(desk, f"{error.message}: {error.hint}")
    start = arguments.start if arguments.start > 1 else line
    return _page(Report(desk), lines, start, arguments.end, arguments.path)


def _page(report: Report, lines: Sequence[str], start: int, end: int | None, source: str) -> Outcome:
    """Return a page of text that was guarded before."""
    if start > len(lines):
        return report.say(f"There are {len(lines)} lines only.").outcome(refused=True)
    if end is not None and end < start:
        return report.say("`end` comes before `start`.").outcome(refused=True)
    last = min(end or len(lines), len(lines), start + _MOST_LINES - 1)
    left, shown = MOST, list[str]()
    for number in range(start, last + 1):
        line = lines[number - 1]
        cut = f" [{len(line) - LONGEST_LINE} characters cut]" if len(line) > LONGEST_LINE else ""
        shown.append(f"{number}\t{line[:LONGEST_LINE]}{cut}")
        left -= len(shown[-1]) + 1
        if left < 0:
            break
    reached = start + len(shown) - 1
    report.add(delimit("\n".join(shown), f"{source}:{start}-{reached}"))
    if reached < min(end or len(lines), len(lines)):
        report.say(f"Lines {start} to {reached} of {len(lines)}; read on with start={reached + 1}.")
    return report.outcome()


def _folder(desk: Desk, overlay: Overlay, path: str) -> Outcome:
    prefix = "" if path in ("", ".") else f"{path}/"
    inside = [one.removeprefix(prefix) for one in overlay.entries if one.startswith(prefix)]
    if not inside:
        return _nearest(desk, overlay, path)
    names = sorted({f"{name.partition('/')[0]}/" if "/" in name else name for name in inside})
    report = Report(desk).show("\n".join(names[:_LISTED]), f"folder {path or '.'}")
    if len(names) > _LISTED:
        report.say(f"and {len(names) - _LISTED} more.")
    return report.outcome()


def _nearest(desk: Desk, overlay: Overlay, path: str) -> Outcome:
    name = path.rpartition("/")[2]
    alike = [one for one in overlay.entries if name and one.rpartition("/")[2] == name][:10]
    report = Report(desk).say(f"There is no {named(path)} in the tree.")
    if alike:
        report.say("Files of that name:").show("\n".join(alike), "paths")
    return report.outcome(refused=True)
