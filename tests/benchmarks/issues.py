"""Texts of real fixes and what each touched: SWE-bench instances, and fix commits mined from clones."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.index.facts import CALLABLE, MODULE, Definition
from agent.index.view import View
from agent.verify.path_class import PathClass, path_class
from tests.benchmarks.mining import candidates
from tests.benchmarks.repositories import git

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+")
_TRAILER = re.compile(r"^(?:Co-authored-by|Signed-off-by|Reviewed-by|Closes|Fixes):?.*$", re.MULTILINE | re.I)
_FEWEST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Issue:
    """A text and the patch that settled it; `base` is the commit before the patch."""

    name: str
    project: str
    clone: Path
    base: str
    text: str
    patch: str


@dataclass(frozen=True, slots=True)
class Touched:
    """What a patch changes of the base: source files, and the outermost functions and methods in them."""

    files: frozenset[str]
    functions: frozenset[tuple[str, str]]


def from_swe_bench(data: Path, clones: Path) -> Iterator[Issue]:
    """Yield the instances of a file in the format of SWE-bench whose project has a clone."""
    for line in data.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        clone = clones / row["repo"].rpartition("/")[2]
        if (clone / ".git").exists():
            yield Issue(
                row["instance_id"],
                clone.name,
                clone,
                row["base_commit"],
                row["problem_statement"],
                row["patch"],
            )


def from_history(clone: Path, count: int) -> Iterator[Issue]:
    """Yield small fix commits of a clone, the message as the text; see `tests.benchmarks.mining`."""
    given = 0
    for commit in candidates(clone):
        text = _TRAILER.sub("", git(clone, "show", "-s", "--format=%B", commit.sha))
        if given < count and len(text.split()) >= _FEWEST_WORDS:
            given += 1
            patch = git(clone, "diff", "--no-renames", commit.parent, commit.sha, "--", commit.source)
            yield Issue(f"{clone.name}@{commit.sha[:10]}", clone.name, clone, commit.parent, text, patch)


def is_source(path: str) -> bool:
    """Return whether a path is Python code that is not a test: what everybody ranks here."""
    return path.endswith(".py") and path_class(path) is PathClass.SOURCE


def outermost(definitions: tuple[Definition, ...]) -> list[Definition]:
    """Return the functions and methods that are in no other function."""
    inside: set[int] = set()
    found = []
    for one in definitions:
        if one.parent != MODULE and one.parent in inside:
            inside.add(one.ordinal)
        elif one.kind in CALLABLE:
            inside.add(one.ordinal)
            found.append(one)
    return found


def touched(issue: Issue, view: View) -> Touched:
    """Return what the patch changes; new files and new functions are not there to be found."""
    files, functions = set(), set()
    for path, line, text, added in _changes(issue.patch):
        if is_source(path) and path in view.files():
            files.add(path)
            functions |= {
                (path, one.qualname)
                for one in outermost(view.definitions(path))
                if one.start_line <= line <= one.end_line
                and not (added and _after(one, line, text, view, path))
            }
    return Touched(frozenset(files), frozenset(functions))


def _after(one: Definition, line: int, text: str, view: View, path: str) -> bool:
    """Return whether a line added behind the last one of a function is outside of it, by its indentation."""
    header = view.read(path).split(b"\n")[one.start_line - 1]
    margin = len(header) - len(header.lstrip())
    return line == one.end_line and len(text) - len(text.lstrip()) <= margin


def _changes(patch: str) -> Iterator[tuple[str, int, str, bool]]:
    """Yield path, line of the base, text, and whether it is added after that line or removed."""
    path, line = "", 0
    for row in patch.splitlines():
        if row.startswith(("--- ", "+++ ", "diff --git ")):
            path = row[6:] if row.startswith("--- a/") else ("" if row.startswith("diff") else path)
        elif hunk := _HUNK.match(row):
            line = int(hunk[1]) + (1 if hunk[2] == "0" else 0)
        elif row[:1] == "+" and row[1:].strip():
            yield path, line - 1, row[1:], True
        elif row[:1] in ("-", " "):
            if row[0] == "-" and row[1:].strip():
                yield path, line, row[1:], False
            line += 1
