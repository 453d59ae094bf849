"""Complaints of compilers, type checkers and linters: read from output, base compared with candidate."""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable

from agent.protocol.check import Check, Location
from agent.protocol.verdict import Diagnostic
from agent.repo.store import Store
from agent.verify.runners.commands import REPORTER
from sandboxes.sandbox import WORKSPACE, Command, Ending, Result, Sandbox

COMPILE = "compile"
_PLACES = (
    re.compile(r"^(?P<path>[^\s:()]*[./][^:()\n]*):(?P<line>\d+)(?::\d+)?(?::\s*|\s+)(?P<message>\S.*)$"),
    re.compile(r"^(?P<path>[^\s:()]*[./][^()\n]*)\((?P<line>\d+)(?:,\d+)?\)(?::\s*|\s+)(?P<message>\S.*)$"),
)
_ARROW = re.compile(r"^\s*-->\s+(?P<path>[^\s:][^:\n]*):(?P<line>\d+)(?::\d+)?\s*$")
_CODE_LAST = re.compile(r"\s*\[(?P<code>[a-z][\w-]*)\]$")
_CODE_FIRST = re.compile(r"^(?:error|warning)?:?\s*(?P<code>[A-Z]{1,6}\d{2,5})\b:?\s*(?:\[\*\]\s*)?")
_NOT_A_COMPLAINT = re.compile(r"^\s*(note|info|help|hint)\b", re.IGNORECASE)


def compile_files(
    sandbox: Sandbox, python: str, paths: Iterable[str], seconds: float
) -> tuple[Diagnostic, ...]:
    """Byte-compile Python files of the workspace; returns what cannot be compiled."""
    listed = "\n".join(path for path in paths if path.endswith(".py"))
    if not listed:
        return ()
    command = Command(
        argv=(python, "-I", "-S", f"{REPORTER}/compile_files.py"),
        stdin=listed.encode("utf-8", "surrogateescape"),
        seconds=seconds,
    )
    return parse_diagnostics(COMPILE, sandbox.run(command).stdout.text)


def diagnose(sandbox: Sandbox, check: Check, seconds: float) -> tuple[Diagnostic, ...]:
    """Run a build, type or lint command; a failure that names no line is one complaint about the tree."""
    result = sandbox.run(Command(argv=check.argv, seconds=seconds))
    text = f"{result.stdout.text}\n{result.stderr.text}"
    found = parse_diagnostics(check.name, text)
    if result.ok or found:
        return found if not result.ok else ()
    nowhere = Location(path=".", line=1)
    return (Diagnostic(tool=check.name, location=nowhere, message=_failure(result, text), code="failed"),)


def _failure(result: Result, text: str) -> str:
    if result.ending is not Ending.EXITED:
        return f"the command ended as {result.ending}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:500] if lines else f"exit status {result.exit_code}"


def parse_diagnostics(tool: str, text: str) -> tuple[Diagnostic, ...]:
    """Read `path:line[:column]: message`, `path(line,column): message` and arrows below a message."""
    found = []
    last = ""
    for line in text.splitlines():
        arrow = _ARROW.match(line)
        match = next((m for m in (pattern.match(line) for pattern in _PLACES) if m), None)
        if arrow is not None:
            found.append(_diagnostic(tool, arrow["path"], arrow["line"], last))
        elif match is not None and not _NOT_A_COMPLAINT.match(match["message"]):
            found.append(_diagnostic(tool, match["path"], match["line"], match["message"]))
        last = line.strip() or last
    return tuple(found)


def _diagnostic(tool: str, path: str, line: str, message: str) -> Diagnostic:
    code = ""
    for pattern in (_CODE_LAST, _CODE_FIRST):
        match = pattern.search(message)
        if match is not None:
            code, message = match["code"], (message[: match.start()] + message[match.end() :]).strip()
            break
    path = path.removeprefix(f"{WORKSPACE}/").removeprefix("./")
    return Diagnostic(
        tool=tool, location=Location(path=path, line=int(line)), message=message[:500], code=code
    )


def new_diagnostics(
    before: Iterable[Diagnostic], after: Iterable[Diagnostic], came_from: Callable[[str, int], int | None]
) -> tuple[Diagnostic, ...]:
    """Return the complaints that are more than before, as multisets; `came_from` maps a line back.

    Where a file has more of one kind than before, those on lines that did not have it are the new ones.
    """
    old = list(before)
    left = Counter(_kind(diagnostic) for diagnostic in old)
    places = Counter((_kind(diagnostic), diagnostic.location.line) for diagnostic in old)
    unplaced: list[Diagnostic] = []
    for diagnostic in after:
        kind = _kind(diagnostic)
        line = came_from(diagnostic.location.path, diagnostic.location.line)
        if line is not None and places[kind, line] > 0:
            places[kind, line] -= 1
            left[kind] -= 1
        else:
            unplaced.append(diagnostic)
    found = []
    for diagnostic in unplaced:
        kind = _kind(diagnostic)
        if left[kind] > 0:
            left[kind] -= 1
        else:
            found.append(diagnostic)
    return tuple(found)


def _kind(diagnostic: Diagnostic) -> tuple[str, str, str, str]:
    return (diagnostic.tool, diagnostic.location.path, diagnostic.code, diagnostic.message)


def line_origins(store: Store, base: str, head: str) -> Callable[[str, int], int | None]:
    """Return a function that maps a line of a file in `head` to its line in `base`, None when it is new."""
    known: dict[str, dict[int, int]] = {}

    def origin(path: str, line: int) -> int | None:
        if path not in store.list(base) or path not in store.list(head):
            return None
        if store.list(base)[path] == store.list(head)[path]:
            return line
        if path not in known:
            known[path] = _line_map(store.read(base, path), store.read(head, path))
        return known[path].get(line)

    return origin


def _line_map(old: bytes, new: bytes) -> dict[int, int]:
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    return {
        block.b + offset + 1: block.a + offset + 1
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
