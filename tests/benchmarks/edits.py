"""The edit cases of other agents' own tests, run against our parsers.

    python -m tests.benchmarks.edits AIDER OPENHANDS CLINE

Each argument is a clone (a work tree) of Aider-AI/aider, OpenHands/software-agent-sdk or cline/cline,
known by the test files in it. The Python tests run as they are, over modules of the peer's names that
call `agent.patches`; the messages of errors and the last newline of added files are not compared. A
case that does not come out as the peer expects is *better* (the peer refuses, and what was meant was
written), *refused* (nothing was written; the model is asked again) or *wrong* (anything else).
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.edit_peers import Outcome, run_python_test
from tests.benchmarks.edit_scripts import Script, read_scripts, run_script


@dataclass(frozen=True, slots=True)
class Suite:
    """One test file of a peer, and its tests that hold no edit for us, with the reason."""

    peer: str
    path: str
    excluded: dict[str, str]
    meant: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Cases that the peer refuses though they are clear: the file and the text that it should have."""


_NO_EDIT = "no edit in it"
SUITES = (
    Suite(
        "aider",
        "tests/basic/test_editblock.py",
        {
            "test_strip_quoted_wrapping_no_filename": _NO_EDIT,
            "test_strip_quoted_wrapping_no_wrapping": _NO_EDIT,
        },
    ),
    Suite("aider", "tests/basic/test_udiff.py", {}),
    Suite(
        "aider",
        "tests/basic/test_wholefile.py",
        {
            "test_update_files_bogus_path_prefix": "guesses another file for an unknown path",
            "test_no_files_new_file_should_ask": "asks a person",
            "test_update_files_live_diff": "shows an unfinished answer",
        },
    ),
    Suite(
        "openhands",
        "tests/tools/apply_patch/test_apply_patch_executor.py",
        {},
        # Two hunks share a line of context, which the peer has passed already.
        {"test_multi_hunk_invalid_context_error": ("multi.txt", "line1\nline2a\nline3\nline3a\nline4\n")},
    ),
    Suite("cline", "sdk/packages/core/src/extensions/tools/executors/apply-patch.test.ts", {}),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case and how it came out."""

    suite: Suite
    case: str
    outcome: Outcome
    said: str


def main(arguments: list[str]) -> int:
    """Print the table and every case that came out otherwise; 1 when something wrong was written."""
    clones = [Path(argument) for argument in arguments]
    rows = [
        row
        for suite in SUITES
        for clone in clones
        if (clone / suite.path).is_file()
        for row in _rows(suite, clone)
    ]
    if not rows:
        print(__doc__)
        return 2
    _print_table(rows)
    for row in rows:
        if row.outcome is not Outcome.SAME:
            said = row.suite.excluded.get(row.case, row.said)
            print(f"{row.outcome.value:9} {row.suite.peer} {row.case}: {said}")
    return 1 if any(row.outcome is Outcome.WRONG for row in rows) else 0


def _rows(suite: Suite, clone: Path) -> Iterator[Row]:
    file = clone / suite.path
    for case in _cases(file):
        name = case.name if isinstance(case, Script) else case
        if name in suite.excluded:
            yield Row(suite, name, Outcome.EXCLUDED, "")
        else:
            done = (
                run_script(case)
                if isinstance(case, Script)
                else run_python_test(file, case, suite.meant.get(case))
            )
            yield Row(suite, name, *done)


def _cases(file: Path) -> list[str] | list[Script]:
    if file.suffix == ".ts":
        return read_scripts(file.read_text(encoding="utf-8"))
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def _print_table(rows: list[Row]) -> None:
    print(
        "peer       test file                       found  converted  excluded  "
        "as the peer  better  refused  wrong"
    )
    for suite in dict.fromkeys(row.suite.path for row in rows):
        _print_line([row for row in rows if row.suite.path == suite], Path(suite).name)
    _print_line(rows, "all")


def _print_line(rows: list[Row], name: str) -> None:
    count = {outcome: sum(row.outcome is outcome for row in rows) for outcome in Outcome}
    peer = rows[0].suite.peer if name != "all" else ""
    excluded = f"{count[Outcome.EXCLUDED]} ({count[Outcome.EXCLUDED] / len(rows):.0%})"
    print(
        f"{peer:10} {name:30} {len(rows):6} {len(rows) - count[Outcome.EXCLUDED]:10} {excluded:>9} "
        f"{count[Outcome.SAME]:12} {count[Outcome.BETTER]:7} "
        f"{count[Outcome.REFUSED]:8} {count[Outcome.WRONG]:6}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
