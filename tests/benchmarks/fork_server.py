"""How many candidates a second each tier tries: `python -m tests.benchmarks.fork_server [docker bubblewrap]`.

The test of the edited function takes less than a millisecond. Next to the rate stands what the machine
was doing besides, since a busy one shows lower figures.
"""

import itertools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from agent.config import state_dir
from agent.planners.planner import Problem
from agent.planners.search.candidate import Candidate
from agent.planners.search.evaluation import Evaluator
from agent.verify.environment import discover_environment
from sandboxes.choose import all_backends
from sandboxes.environments import Environments
from sandboxes.sandbox import Backend, SandboxKind
from tests.planners.bench import Bench, Files, replaced
from tests.repo.project import Project

LIMIT = 150
"""Candidates a second in tier 1."""
COUNTS = {1: 600, 2: 80, 3: 10}
SPAWN = "    import subprocess, sys\n    subprocess.run([sys.executable, '-c', ''])\n"
FILES = {
    "requirements.txt": "pytest\n",
    "lib.py": "LIMIT = 1\n\n\ndef largest(values):\n    found = values[0]\n    for value in values:\n"
    "        if value < found:\n            found = value\n    return found\n",
    "test_lib.py": "from lib import LIMIT, largest\n\n\ndef test_largest():\n    assert LIMIT\n"
    "    assert largest([1, 3, 2]) == 3\n",
}
EDITS = {
    1: ("value < found", "value == {}"),
    2: ("LIMIT = 1", "LIMIT = -{}"),
    3: ("value < found", "value == {}"),
}


def main() -> None:
    """Print one line for each backend and tier."""
    wanted = sys.argv[1:]
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load {load:.1f} before the start; the limit holds for tier 1")
    print(f"{'backend':<12}{'tier':>5}{'start s':>9}{'candidates':>12}{'per second':>12}  limit")
    for backend in all_backends(state_dir()):
        if backend.kind is not SandboxKind.PROCESS and (not wanted or backend.kind in wanted):
            probe = backend.probe()
            if not probe.available:
                print(f"{backend.kind:<12} NOT MEASURED: {probe.detail}")
                continue
            measure(backend)


def measure(backend: Backend) -> None:
    """Print the tiers of one backend."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "repo", Path(folder) / "state").init()
        for path, content in FILES.items():
            project.write(path, content)
        project.commit()
        store = project.store()
        snapshot = store.snapshot()
        spec = discover_environment(store, snapshot.tree, snapshot.commit, {})
        # One trust domain for all runs of this benchmark, so that the environment is built once.
        spec = replace(spec, trust="benchmark-fork-server")
        environment = Environments(state_dir(), backend).build(spec, store.archive(snapshot.tree))
        bench = Bench(Path(folder) / "bench", backend, environment)
        (Path(folder) / "bench").mkdir()
        for tier in COUNTS:
            files = (
                FILES
                if tier < 3
                else {**FILES, "test_lib.py": FILES["test_lib.py"].replace("    assert LIMIT\n", SPAWN)}
            )
            with bench.problem(files, seconds=600) as problem:
                print(row(backend, problem, files, tier), flush=True)


def row(backend: Backend, problem: Problem, files: Files, tier: int) -> str:
    """Measure one tier."""
    began = time.monotonic()
    with (
        closing(problem.workbench),
        Evaluator(problem, tuple(test.id for test in problem.failing)) as evaluator,
    ):
        start = time.monotonic() - began
        list(evaluator.evaluate(candidates(files, tier, 10)))
        began, tiers = time.monotonic(), set()
        for evaluation in evaluator.evaluate(candidates(files, tier, COUNTS[tier])):
            tiers.add(evaluation.tier)
        rate = COUNTS[tier] / (time.monotonic() - began)
    said = f"{tiers}" if tiers != {tier} else ""
    limit = f"{LIMIT} {'ok' if rate >= LIMIT else 'MISSED'}" if tier == 1 else "-"
    return f"{backend.kind:<12}{tier:>5}{start:9.2f}{COUNTS[tier]:12d}{rate:12.1f}  {limit} {said}"


def candidates(files: Files, tier: int, count: int) -> Iterator[Candidate]:
    """Yield candidates that compile and fail, all different."""
    old, new = EDITS[tier]
    for number in itertools.islice(itertools.count(10), count):
        yield replaced(files, "lib.py", old, new.format(number), number)


if __name__ == "__main__":
    main()
