"""How many real fixes the templates can make: `python -m tests.benchmarks.template_coverage CLONES...`.

A fix is a commit that changes at most ten lines of one source file, and a test file. The search is
told the changed function, so the figure is about templates and their order, not about localization.
"""

import argparse
import ast
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.planners.search.order import Place, SourceFile, places, stream
from agent.planners.search.validity import apply
from agent.protocol.proposal import Suspect
from agent.verify.path_class import PathClass, path_class
from tests.benchmarks.repositories import git

MOST_LINES = 10
_LAYOUT = str.maketrans({**dict.fromkeys(" \t\r\n(),", None), "'": '"'})
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fix:
    """A small change of one source file."""

    project: str
    sha: str
    before: str
    after: str
    lines: tuple[int, ...]
    hunks: int


def fixes(clone: Path) -> Iterator[Fix]:
    """Yield the small fixes of a project, the newest first."""
    log = git(clone, "log", "--no-merges", "--numstat", "--format=@%H")
    for entry in log.split("@")[1:]:
        sha, *changed = (line for line in entry.splitlines() if line.strip())
        rows = [line.split("\t") for line in changed if line.endswith(".py") and line.count("\t") == 2]
        sources = [
            row for row in rows if path_class(row[2]) is PathClass.SOURCE and not row[2].startswith("docs")
        ]
        tested = any(path_class(row[2]) is PathClass.TEST for row in rows)
        if len(sources) != 1 or not tested or sources[0][0] == "-" or "=>" in sources[0][2]:
            continue
        if int(sources[0][0]) + int(sources[0][1]) <= MOST_LINES:
            yield _fix(clone, sha, sources[0][2])


def _fix(clone: Path, sha: str, path: str) -> Fix:
    diff = git(clone, "diff", "-U0", f"{sha}^", sha, "--", path)
    lines: set[int] = set()
    hunks = _HUNK.findall(diff)
    for start, count in hunks:
        first, long = int(start), int(count or 1)
        lines.update(range(first, first + max(1, long) + (0 if long else 1)))
    before, after = git(clone, "show", f"{sha}^:{path}"), git(clone, "show", f"{sha}:{path}")
    return Fix(_name(clone), sha, before, after, tuple(sorted(lines)), len(hunks))


def _name(clone: Path) -> str:
    return clone.parent.name if clone.name in ("repo", ".git") else clone.name


def reached(fix: Fix, most: int, seconds: float) -> tuple[int, str] | None:
    """Return how many candidates it takes to make the fix, and by which template; None when it is not."""
    source, wanted = fix.before.encode(), _Shape(fix.before, fix.after)
    began = time.monotonic()
    for count, candidate in enumerate(stream(_oracle(fix, source)), 1):
        if count > most or time.monotonic() - began > seconds:
            return None
        edited = apply(source, [(one.start, one.end, one.new) for one in candidate.splices])
        if wanted.matches(edited.decode()):
            return count, candidate.template
    return None


def _oracle(fix: Fix, source: bytes) -> tuple[Place, ...]:
    """Return all statements of the changed functions, equally suspicious."""
    file = SourceFile("source.py", source)
    lines: set[int] = set()
    for line in fix.lines:
        around = file.syntax.functions_at(line)
        lines.update((line - 1, line, line + 1))
        if around:
            lines.update(range(around[-1].first_line, around[-1].last_line + 1))
    suspects = [Suspect(path="source.py", line=line, score=1.0) for line in sorted(lines)]
    return tuple(Place(one.file, one.statement, 1.0) for one in places(suspects, lambda path: file))


class _Shape:
    """The program that is wanted, whatever its blanks, brackets and quotes."""

    def __init__(self, before: str, after: str) -> None:
        self._letters = after.translate(_LAYOUT)
        self._tree = _tree(after)
        self._changed = self._tree != _tree(before)

    def matches(self, edited: str) -> bool:
        # Parsing is slow: texts that differ in letters differ in more than layout.
        return self._changed and edited.translate(_LAYOUT) == self._letters and _tree(edited) == self._tree


def _tree(source: str) -> str:
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError):
        return ""
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [
                one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
            ]
            node.body = kept  # type: ignore[attr-defined]
    return ast.dump(module)


def main() -> None:
    """Print one line a fix that is reached, and the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=4000, help="candidates for each fix")
    parser.add_argument("--seconds", type=float, default=30.0, help="time for each fix")
    parser.add_argument("--count", type=int, default=40, help="fixes of each project, the newest first")
    chosen = parser.parse_args()
    kinds: Counter[str] = Counter()
    total, single, ranks = 0, 0, []
    for clone in chosen.clones:
        for fix, _ in zip(fixes(clone), range(chosen.count), strict=False):
            total += 1
            single += fix.hunks == 1
            found = reached(fix, chosen.most, chosen.seconds)
            if found is not None:
                ranks.append(found[0])
                kinds[found[1]] += 1
                print(f"{fix.project:<28}{fix.sha[:10]}  candidate {found[0]:>5}  {found[1]}", flush=True)
    print(f"{len(ranks)} of {total} fixes are reached ({single} of them are a single hunk); {dict(kinds)}")
    print(f"candidates needed: {sorted(ranks)}")


if __name__ == "__main__":
    main()
