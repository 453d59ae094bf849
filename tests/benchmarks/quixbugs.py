"""QuixBugs as forty small git repositories, and the judge of what a fix is worth.

The suite (Lin et al., SPLASH 2017) is a folder given on the command line; none of it is kept here.
"""

import ast
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandboxes.choose import choose
from sandboxes.guest_files import GUEST_DIR
from sandboxes.sandbox import Command, Mount, SandboxSpec
from tests.benchmarks.repositories import git, new_repository

INPUTS = 300
_DIFFERENTIAL = Path(__file__).parent / "data" / "differential.py"


@dataclass(frozen=True, slots=True)
class Program:
    """One buggy program of the suite."""

    name: str
    suite: Path

    @property
    def reference(self) -> str:
        """Return the source of the corrected program."""
        return (self.suite / "correct_python_programs" / f"{self.name}.py").read_text()


def programs(suite: Path) -> Iterator[Program]:
    """Yield every Python program that has a test."""
    for test in sorted((suite / "python_testcases").glob("test_*.py")):
        yield Program(test.stem.removeprefix("test_"), suite)


def make_repository(program: Program, target: Path) -> Path:
    """Lay out one program with its test and data as a repository of its own."""
    for name in _files(program):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(program.suite / name, target / name)
    new_repository(target)
    return target


def _files(program: Program) -> list[str]:
    names = [
        "conftest.py",
        f"python_programs/{program.name}.py",
        "python_programs/node.py",
        f"python_testcases/test_{program.name}.py",
        "python_testcases/load_testdata.py",
        "python_testcases/node.py",
        f"json_testcases/{program.name}.json",
    ]
    return [name for name in names if (program.suite / name).is_file()]


def fixed_source(repository: Path, branch: str, program: Program) -> str:
    """Return the program as the delivered branch has it."""
    return git(repository, "show", f"{branch}:python_programs/{program.name}.py")


def identical(source: str, reference: str) -> bool:
    """True when both are the same syntax tree, docstrings and comments aside."""
    return _tree(source) == _tree(reference)


def _tree(source: str) -> str:
    module = ast.parse(source)
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
            ]
    return ast.dump(module)


def behaves_alike(program: Program, source: str, state: Path) -> bool | None:
    """True when no generated input tells the fix from the reference; None without recorded inputs.

    Inputs are seeded mutations of the suite's own; those the reference itself does not answer
    within its time are left out. At least a tenth of them must remain for an answer.
    """
    cases = program.suite / "json_testcases" / f"{program.name}.json"
    if not cases.is_file():
        return None
    recorded = [json.loads(line)[0] for line in cases.read_text().splitlines() if line.strip()]
    generator = random.Random(program.name)
    inputs = [_mutated(generator, generator.choice(recorded)) for _ in range(INPUTS)]
    files = {
        "fixed/program.py": source.encode(),
        "reference/program.py": program.reference.encode(),
        "inputs.json": json.dumps(inputs).encode(),
        "differential.py": _DIFFERENTIAL.read_bytes(),
    }
    backend, _ = choose("auto", state)
    root = None
    if backend.kind == "docker":
        from sandboxes.roots import base_root

        root = base_root(state)
    sandbox = backend.open(SandboxSpec(root=root, mounts=(Mount(GUEST_DIR, "/opt/ratchet"),)))
    try:
        sandbox.put(files)
        done = sandbox.run(
            Command(("/usr/bin/python3", "differential.py", program.name), seconds=120, report=True)
        )
    finally:
        sandbox.close()
    answers = json.loads(done.report or b"{}")
    if answers.get("compared", 0) < INPUTS // 10:
        return None
    return bool(answers["different"] == 0)


def _mutated(generator: random.Random, value: object) -> object:
    """Return a value of the same shape; what was sorted stays sorted, so that preconditions hold."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return max(0, value + generator.randint(-3, 3)) if value >= 0 else value + generator.randint(-3, 3)
    if isinstance(value, list):
        return _mutated_list(generator, value)
    return value


def _mutated_list(generator: random.Random, value: list[object]) -> list[object]:
    kept = [_mutated(generator, one) for one in value]
    numbers = all(isinstance(one, int) for one in kept)
    if numbers and len(kept) > 2 and generator.random() < 0.5:
        kept.pop(generator.randrange(len(kept)))
    if numbers and value == sorted(value):  # type: ignore[type-var]
        kept.sort()  # type: ignore[call-overload]
    return kept
