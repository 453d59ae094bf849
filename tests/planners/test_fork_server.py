"""What the fork server does with every shape of edit, and with candidates that misbehave."""

import ast
import json
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from agent.planners.planner import Problem
from agent.planners.search.fork_client import FORK, SWAP, Answer, ForkServer, Job
from agent.planners.search.pace import Pace
from agent.protocol.check import TestStatus
from agent.protocol.edit import Splice
from agent.verify.run_check import run_check
from sandboxes.sandbox import MIB
from tests.planners.bench import Bench, replaced
from tests.planners.shapes import FIXES, SHAPES, Shape

PACE = Pace(wall=3.0, cpu=1.0, start=20.0, start_cpu=20.0)
TEST = "test_shapes.py::"


class Line:
    """A fork server for one problem, asked one job at a time."""

    def __init__(self, problem: Problem, memory: int = 512 * MIB) -> None:
        self.sandbox = problem.workbench.open(problem.tree)
        ids = tuple(test.id for test in problem.baseline.tests)
        self.contents = {
            path: problem.store.read(problem.tree, path) for path in problem.store.list(problem.tree)
        }
        self.server = ForkServer(
            self.sandbox, problem.workbench.python, problem.check, {"all": ids}, workers=2, memory=memory
        )
        self.server.wait(60, problem.cancel)
        self.number = 0

    def ask(self, splices: tuple[Splice, ...] = (), *tests: str, tier: int = SWAP, **job: object) -> Answer:
        """Run tests, all when none is named, on an edited tree."""
        self.number += 1
        files: dict[str, tuple[tuple[int, int, bytes], ...]] = {}
        for splice in splices:
            files[splice.path] = (*files.get(splice.path, ()), (splice.start, splice.end, splice.new))
        chosen = {"ids": tests} if tests else {"members": "all"}
        self.server.submit([Job(self.number, PACE, tier, files, **{**chosen, **job})], self.contents)
        while True:
            for answer in self.server.answers(30):
                if answer.id == self.number:
                    return answer

    def close(self) -> None:
        """End the server and its sandbox."""
        self.server.close()
        self.sandbox.close()


@pytest.fixture(scope="module")
def problem(bench: Bench) -> Iterator[Problem]:
    with bench.problem(SHAPES) as made:
        yield made


@pytest.fixture(scope="module")
def line(problem: Problem) -> Iterator[Line]:
    with closing(Line(problem)) as opened:
        yield opened


def fix(shape: Shape) -> tuple[Splice, ...]:
    return replaced(SHAPES, "shapes.py", shape.old, shape.new).splices


def body(code: str) -> tuple[Splice, ...]:
    """Return the edit that makes `plain` run some code."""
    return replaced(SHAPES, "shapes.py", "return a - b", code).splices


def outcomes(answer: Answer) -> dict[str, TestStatus]:
    return {test.id: test.status for test in answer.tests}


@pytest.mark.parametrize("shape", FIXES, ids=lambda shape: shape.name)
def test_an_edit_takes_effect_in_the_cheapest_tier_that_can_hold_it(line: Line, shape: Shape) -> None:
    assert outcomes(line.ask((), TEST + shape.test)) == {TEST + shape.test: TestStatus.FAILED}
    answer = line.ask(fix(shape), TEST + shape.test)
    assert (answer.end, answer.tier) == ("done", shape.tier), answer.reason
    assert outcomes(answer) == {TEST + shape.test: TestStatus.PASSED}


@pytest.mark.parametrize("tier", [SWAP, FORK])
def test_unchanged_code_behaves_as_in_a_fresh_process(line: Line, problem: Problem, tier: int) -> None:
    answer = line.ask(tier=tier, stop=False, exact=True)
    assert outcomes(answer) == {test.id: test.status for test in problem.baseline.tests}


def test_a_tier_that_cannot_hold_an_edit_says_why_when_no_other_may_be_tried(line: Line) -> None:
    shape = next(shape for shape in FIXES if shape.name == "module constant")
    answer = line.ask(fix(shape), TEST + shape.test, exact=True)
    assert (answer.end, answer.reason) == ("tier", "code at module level changed")


def test_a_run_stops_at_the_first_failure_when_asked(line: Line) -> None:
    assert len(line.ask().tests) == 1
    assert len(line.ask(stop=False).tests) > 20


def test_tests_that_do_not_exist_are_named(line: Line) -> None:
    assert line.ask((), TEST + "test_nothing").missing == (TEST + "test_nothing",)


def test_what_does_not_compile_is_invalid(line: Line) -> None:
    assert line.ask(body("return (")).end == "invalid"


def test_the_next_set_runs_in_a_fork_of_its_own_once_the_first_passes(line: Line) -> None:
    answer = line.ask((), TEST + "test_fine", then="all", stop=False)
    assert answer.members == "all"
    assert len(answer.tests) > 20


MISCHIEF = {
    "leaves": ("import os; os._exit(0)", "crashed"),
    "loops": ("while True: pass", "timeout"),
    "sleeps": ("import time; time.sleep(60)", "timeout"),
    "leaves a daemon": (
        "import os, time\n    if os.fork() == 0: os.setsid(); time.sleep(600)\n    return 0",
        "done",
    ),
    "segfaults": ("import ctypes; ctypes.string_at(0)", "crashed"),
    "raises SystemExit": ("raise SystemExit(0)", "done"),
    "ends the session": ("import pytest; pytest.exit('bye', 0)", "crashed"),
    "writes over every descriptor": (
        "import os\n    for fd in range(3, 64):\n"
        "        try: os.write(fd, b'\\xff' * 64)\n        except OSError: pass\n    return 0",
        "crashed",
    ),
    "closes every descriptor": ("import os; os.closerange(0, 99)", "crashed"),
    "prints a lot": ("print('x' * 10**7); return 0", "done"),
}


@pytest.mark.parametrize("mischief", MISCHIEF)
def test_a_candidate_that_misbehaves_harms_only_itself(line: Line, mischief: str) -> None:
    code, end = MISCHIEF[mischief]
    answer = line.ask(body(code), TEST + "test_plain[two words]")
    assert answer.end == end, answer.reason
    assert TestStatus.PASSED not in outcomes(answer).values()
    good = fix(FIXES[0])
    assert (
        outcomes(line.ask(good, TEST + "test_plain[two words]"))[TEST + "test_plain[two words]"] == "passed"
    )


def test_a_candidate_that_hoards_memory_gets_a_memory_error(line: Line) -> None:
    answer = line.ask(body("return [0] * 10**9"), TEST + "test_plain[two words]")
    assert [(test.status, test.error) for test in answer.tests] == [("failed", "MemoryError")]


def test_a_candidate_that_ends_the_warm_process_is_told_apart_and_the_process_comes_back(line: Line) -> None:
    answer = line.ask(
        body("import os, signal; os.kill(os.getppid(), signal.SIGKILL)"), TEST + "test_plain[two words]"
    )
    assert answer.end == "lost"
    assert line.ask(fix(FIXES[0]), TEST + "test_plain[two words]").tier == SWAP


def test_module_state_is_fresh_for_every_candidate(line: Line) -> None:
    code = "LIST.append(1); return len(LIST) + a"
    splices = (*body(code), *replaced(SHAPES, "shapes.py", "LIMIT = 3", "LIMIT = 3; LIST = []").splices)
    for _ in range(3):
        assert (
            outcomes(line.ask(splices, TEST + "test_plain[two words]"))[TEST + "test_plain[two words]"]
            == "passed"
        )


def test_results_agree_with_a_fresh_process_for_generated_candidates(line: Line, problem: Problem) -> None:
    assert_agreement(line, problem, list(generated())[::4])


@pytest.mark.long
def test_results_agree_with_a_fresh_process_for_every_generated_candidate(
    line: Line, problem: Problem
) -> None:
    assert_agreement(line, problem, list(generated()))


def assert_agreement(line: Line, problem: Problem, candidates: list[Splice]) -> None:
    """Compare warm and fresh outcomes of every test for each candidate."""
    assert len(candidates) >= 10
    content = SHAPES["shapes.py"].encode()
    with closing(problem.workbench.open(problem.tree)) as sandbox:
        for splice in candidates:
            edited = content[: splice.start] + splice.new + content[splice.end :]
            sandbox.put({"shapes.py": edited})
            fresh = run_check(
                sandbox, problem.check, python=problem.workbench.python, seconds=60, test_seconds=2
            )
            answer = line.ask((splice,), stop=False)
            expected = {test.id: test.status for test in fresh.tests}
            assert outcomes(answer) == expected, f"{splice.old!r} -> {splice.new!r} at {splice.start}"


def generated() -> Iterator[Splice]:
    """Yield edits of operators, constants, returned values and statements all over the file."""
    text = SHAPES["shapes.py"]
    starts = [0]
    for row in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    for node in ast.walk(ast.parse(text)):
        new = _mutated(node)
        if new is None or not isinstance(node, ast.expr | ast.stmt):
            continue
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        yield Splice(path="shapes.py", start=start, old=text.encode()[start:end], new=new.encode())


def _mutated(node: ast.AST) -> str | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return f"({ast.unparse(node.right)} * {ast.unparse(node.left)})"
    if isinstance(node, ast.Compare):
        return f"not ({ast.unparse(node)})"
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return str(node.value + 1)
    if isinstance(node, ast.Return):
        return "return None"
    if isinstance(node, ast.AugAssign):
        return f"{ast.unparse(node)}; pass"
    return None


THREADED = {
    "code.py": "import threading, time\n"
    "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    "def one():\n    return 2\n",
    "conftest.py": "import sys; sys.path.insert(0, 'lib')\n",
    "test_code.py": "from lib_code import one\ndef test_one():\n    assert one() == 1\n",
}
THREADED["lib_code.py"] = THREADED.pop("code.py")


def test_threads_that_are_alive_after_collection_turn_the_first_tier_off(bench: Bench) -> None:
    with bench.problem(THREADED) as problem, closing(Line(problem)) as line:
        assert line.server.tiers == {SWAP: "threads run after collection", FORK: ""}
        answer = line.ask(replaced(THREADED, "lib_code.py", "return 2", "return 1").splices)
        assert (answer.tier, outcomes(answer)) == (FORK, {"test_code.py::test_one": TestStatus.PASSED})


def test_a_file_that_cannot_be_collected_fails_until_a_candidate_repairs_it(bench: Bench) -> None:
    files = {
        "lib.py": "value = undefined\n",
        "test_lib.py": "import lib\ndef test_value():\n    assert lib.value\n",
    }
    with bench.problem(files) as problem, closing(Line(problem)) as line:
        assert line.server.tiers[SWAP] == "test_lib.py cannot be collected"
        assert outcomes(line.ask()) == {"test_lib.py": TestStatus.ERROR}
        answer = line.ask(replaced(files, "lib.py", "undefined", "1").splices)
        assert outcomes(answer) == {"test_lib.py::test_value": TestStatus.PASSED}


OPTIONED = {
    "pytest.ini": "[pytest]\naddopts = -x -q --lf -p no:terminal\nfilterwarnings = error\n",
    "lib.py": "def one():\n    return 2\n",
    "conftest.py": "import pytest\n\n@pytest.fixture(autouse=True, scope='session')\n"
    "def ground(tmp_path_factory):\n    return tmp_path_factory.mktemp('ground')\n",
    "test_lib.py": "import unittest\nfrom lib import one\n\n\nclass TestOne(unittest.TestCase):\n"
    "    def test_one(self):\n        self.assertEqual(one(), 1)\n\n\n"
    "def test_capture(capsys, tmp_path):\n    print(one())\n    assert capsys.readouterr().out == '1\\n'\n",
}


def test_the_options_and_fixtures_of_the_repository_are_in_force(bench: Bench) -> None:
    with bench.problem(OPTIONED) as problem, closing(Line(problem)) as line:
        for tier in (SWAP, FORK):
            answer = line.ask(tier=tier, stop=False, exact=True)
            assert set(outcomes(answer).values()) == {TestStatus.FAILED}
            edit = replaced(OPTIONED, "lib.py", "return 2", "return 1").splices
            assert set(outcomes(line.ask(edit, tier=tier, stop=False)).values()) == {TestStatus.PASSED}


@pytest.mark.long
@pytest.mark.parametrize(
    ("python", "runner"),
    [("3.8", "6.2.5"), ("3.9", "7.4.4"), ("3.10", "8.3.5"), ("3.12", "8.4.2"), ("3.13", "9.0.1")],
)
def test_every_python_and_pytest_treats_the_shapes_alike(
    make_bench: Callable[..., Bench], python: str, runner: str
) -> None:
    bench = make_bench(f"pytest=={runner}", pythons=(python,))
    with bench.problem(SHAPES) as problem, closing(Line(problem)) as line:
        for shape in FIXES:
            answer = line.ask(fix(shape), TEST + shape.test)
            assert (shape.name, answer.tier, answer.end) == (shape.name, shape.tier, "done"), answer.reason
            assert outcomes(answer) == {TEST + shape.test: TestStatus.PASSED}, shape.name
        for tier in (SWAP, FORK):
            unchanged = outcomes(line.ask(tier=tier, stop=False, exact=True))
            assert unchanged == {test.id: test.status for test in problem.baseline.tests}


def test_a_job_is_plain_json() -> None:
    job = Job(7, PACE, files={"a.py": ((0, 1, b"\xff"),)}, members="all")
    assert json.loads(json.dumps(job.message()))["files"] == {"a.py": [[0, 1, "\xff"]]}
