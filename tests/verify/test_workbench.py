"""A workbench gives every run a fresh sandbox, and what goes wrong with one becomes an error of ours."""

from contextlib import closing
from pathlib import Path

import pytest

from agent.protocol.errors import EnvironmentFailed, IsolationUnavailable, RatchetError
from agent.verify.failures import sandbox_errors_mapped
from agent.verify.run_on import run_on
from sandboxes.errors import EnvironmentBroken, SandboxError, SandboxLost, SandboxUnavailable
from tests.verify.changes import Changed
from tests.verify.lab import PYTEST, Lab, statuses


def test_every_sandbox_is_fresh_and_holds_its_tree(tmp_path: Path, lab: Lab) -> None:
    changed = Changed(tmp_path, lab, {"a.txt": "old"}, {"a.txt": "new"})
    with closing(changed.workbench()) as workbench:
        with closing(workbench.open(changed.trees.base)) as first:
            first.put({"left.txt": b"behind", "a.txt": b"spoiled"})
        with closing(workbench.open(changed.trees.base)) as second:
            assert second.read("**", 1000) == {"a.txt": b"old"}
            with closing(workbench.open(changed.trees.candidate)) as third:
                assert third.read("**", 1000) == {"a.txt": b"new"}
        assert workbench.in_force.network == "none"
        assert workbench.in_force.kind == lab.backend.kind


def test_what_isolates_is_known_before_anything_ran(tmp_path: Path, lab: Lab) -> None:
    with closing(Changed(tmp_path, lab, {"a.txt": "old"}, {}).workbench()) as workbench:
        assert workbench.in_force.kind == lab.backend.kind


def test_a_run_on_a_tree_says_what_every_test_did(tmp_path: Path, lab: Lab) -> None:
    changed = Changed(tmp_path, lab, {"test_a.py": "def test_a(): pass\n"}, {})
    with closing(changed.workbench()) as workbench:
        run = run_on(workbench, changed.trees.base, PYTEST, seconds=60, test_seconds=10)
    assert statuses(run) == {"test_a.py::test_a": "passed"}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SandboxUnavailable("none", hint="install one"), IsolationUnavailable),
        (EnvironmentBroken("no numpy", hint="add it", log="tail"), EnvironmentFailed),
        (SandboxLost("gone"), IsolationUnavailable),
        (SandboxError("refused"), IsolationUnavailable),
    ],
)
def test_an_error_of_a_sandbox_keeps_its_sentence_hint_and_log(
    error: SandboxError, expected: type[RatchetError]
) -> None:
    with pytest.raises(expected) as caught, sandbox_errors_mapped():
        raise error
    assert (caught.value.message, caught.value.log) == (error.message, error.log)
    assert caught.value.hint.startswith(error.hint)
    assert caught.value.hint


def test_a_tree_that_does_not_fit_is_an_error_with_a_hint(tmp_path: Path, lab: Lab) -> None:
    from agent.verify.workbench import Workbench
    from sandboxes.sandbox import MIB, Limits

    changed = Changed(tmp_path, lab, {"big.bin": "x" * (3 * MIB)}, {})
    limits = Limits(workspace=MIB)
    workbench = Workbench(changed.store, lab.backend, lab.environment, limits, task_id="t")
    with closing(workbench), pytest.raises(IsolationUnavailable) as caught:
        workbench.open(changed.trees.base)
    assert "workspace" in caught.value.hint
