"""Runs take place side by side only where they do not take the processor from each other."""

import time
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from agent.protocol.progress import silent
from agent.verify.run_on import Order
from tests.verify.changes import Changed
from tests.verify.lab import PYTEST, Lab
from tests.verify.watched import Watched


@pytest.mark.parametrize(("processors", "at_once"), [(1, 1), (2, 1), (4, 2)])
def test_two_runs_go_on_at_once_where_each_has_two_processors(
    tmp_path: Path, lab: Lab, processors: int, at_once: int
) -> None:
    bench = Watched(9, time.monotonic() + 99, silent, Event(), processors)
    changed = Changed(tmp_path, lab, {"test_it.py": "def test_it(): assert 0\n"}, {"test_it.py": ""})
    with closing(changed.workbench()) as workbench:
        trees = changed.trees
        runs = bench.run_all(tuple(Order(workbench, tree, PYTEST) for tree in (trees.base, trees.candidate)))
    assert [len(run.tests) for run in runs] == [1, 0]
    assert (bench.runs, bench.most_at_once) == (2, at_once)
