"""Mutants of the changed lines say how much of a change its tests would notice."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.index.syntax import has_errors
from agent.protocol.progress import silent
from agent.protocol.verdict import Strength, Verdict
from agent.verify.mutants import measure_strength, mutants
from agent.verify.mutations import mutations
from agent.verify.run_on import Bench
from tests.verify.changes import Change, Changed
from tests.verify.lab import PYTEST, Lab

SOURCE = b"""import os
def sign(x: int = 1) -> int:
    \"\"\"Doc.\"\"\"
    if x < 0:
        return -1
    total = x + 1
    print(total)
    return True and x is not None
"""


def changes(*lines: int) -> list[str]:
    return [one.change for one in mutations(SOURCE, lines)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, []),
        (3, []),
        (4, ["`x < 0` -> `(not (x < 0))`", "`<` -> `<=`", "`0` -> `1`"]),
        (5, ["`return -1` -> `return None`", "`1` -> `2`", "`1` -> `0`"]),
        (6, ["`total = x + 1` -> `pass`", "`+` -> `-`", "`1` -> `2`", "`1` -> `0`"]),
        (7, ["`print(total)` -> `pass`"]),
        (
            8,
            [
                "`return True and x is not None` -> `return None`",
                "`and` -> `or`",
                "`True` -> `False`",
                "`is not` -> `is`",
            ],
        ),
    ],
)
def test_a_line_has_these_faults(line: int, expected: list[str]) -> None:
    assert changes(line) == expected


def test_every_fault_parses_and_changes_its_line_only() -> None:
    for one in mutations(SOURCE, range(1, 9)):
        mutated = one.apply(SOURCE)
        assert not has_errors(mutated)
        differing = [
            number
            for number, pair in enumerate(zip(SOURCE.splitlines(), mutated.splitlines(), strict=True), 1)
            if pair[0] != pair[1]
        ]
        assert differing == [one.line]


def test_broken_source_has_no_faults_to_add() -> None:
    assert mutations(b"def f(:\n    return 1 +\n", [1, 2]) == []


@pytest.fixture
def make(tmp_path: Path, lab: Lab) -> Callable[[Change, Change], Changed]:
    return lambda base, change: Changed(tmp_path, lab, base, change)


BASE: Change = {"code_of.py": "def keep(x):\n    return x + 0\n", "tests/test_code.py": ""}
ADDED = "\ndef grown(x):\n    return x > 3\n"


def test_only_changed_lines_of_source_are_mutated_and_not_more_than_asked(make) -> None:
    changed = make(
        BASE,
        {"code_of.py": f"{BASE['code_of.py']}{ADDED}", "tests/test_code.py": "def test_a(): assert 1 < 2\n"},
    )
    found = mutants(changed.store, changed.trees)
    assert {(one.path, one.mutation.line) for one in found} == {("code_of.py", 5)}
    assert len(mutants(changed.store, changed.trees, 2)) == 2


def test_mutants_are_spread_over_the_lines_when_there_are_too_many(make) -> None:
    long = "".join(f"x{number} = {number}\n" for number in range(1, 101))
    changed = make(BASE, {"code_of.py": long})
    lines = [one.mutation.line for one in mutants(changed.store, changed.trees, 10)]
    assert lines == list(range(1, 101, 10))


def strength(changed: Changed, *tests: str, seconds: float = 60) -> Strength | None:
    bench = Bench(10, time.monotonic() + 100, silent, threading.Event())
    verdict = Verdict(tree=changed.trees.candidate, scope="full")
    with closing(changed.workbench()) as workbench:
        return measure_strength(
            workbench, changed.trees, PYTEST, verdict, bench, tests=tests, seconds=seconds, most=4
        )


def test_a_test_of_the_limit_kills_what_a_test_far_from_it_lets_live(make) -> None:
    tests = (
        "from code_of import grown\n\ndef test_far(): assert grown(9) and not grown(-9)\n"
        "def test_near(): assert grown(4) and not grown(3)\n"
    )
    changed = make(BASE, {"code_of.py": f"{BASE['code_of.py']}{ADDED}", "tests/test_code.py": tests})
    far, near = (strength(changed, f"tests/test_code.py::test_{name}") for name in ("far", "near"))
    assert far is not None and near is not None
    assert (near.killed, near.survived) == (4, 0)
    assert (far.killed, far.survived) == (1, 3)
    assert {one.change for one in far.survivors} == {"`>` -> `>=`", "`3` -> `4`", "`3` -> `2`"}
    assert {one.location.line for one in far.survivors} == {5}


def test_without_a_test_or_without_time_nothing_is_claimed(make) -> None:
    changed = make(BASE, {"code_of.py": f"{BASE['code_of.py']}{ADDED}"})
    assert strength(changed) is None
    assert strength(changed, "tests/test_code.py::test_gone") is None
