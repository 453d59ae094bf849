"""A failed step is done again in a real sandbox."""

import re
from collections.abc import Mapping

from agent.protocol.check import Run, TestStatus
from agent.protocol.forge import RunEvidence
from agent.verify.workflows.evidence import evidence_of
from agent.verify.workflows.known import RunFacts
from agent.verify.workflows.located import locate
from agent.verify.workflows.plan import Plan, plan
from agent.verify.workflows.signature import failing_again, same_failure
from tests.verify.lab import Lab, shell, statuses
from tests.verify.workflows.job_log import Ran, job_log
from tests.verify.workflows.shop import FILES

FACTS = RunFacts(repository="acme/shop", event="push", head="a" * 40, branch="main", workflow="checks")
PATH = ".github/workflows/checks.yml"


def planned(job: str, failing: int, files: Mapping[str, str] = FILES) -> Plan:
    """Return the plan for a failed step when all before it ran."""

    def read(path: str) -> bytes | None:
        return files[path].encode() if path in files else None

    there = locate(PATH, job, FACTS, read)
    return plan(there.workflow, there.chosen, failing, [True] * failing, FACTS, there.scope, read)


def again(lab: Lab, command: str, files: Mapping[str, str] = FILES) -> Run:
    """Run a command on the tree in a sandbox."""
    return lab.run(files, shell(command))


def evidence(of: Plan, output: str) -> RunEvidence:
    log = job_log(
        [Ran("pip install -e . pytest"), Ran(of.first_line, re.sub(r"(?m)^shop/", "", output), code=1)]
    )
    return evidence_of(of, workflow=PATH, job="test (3.11, ubuntu)", log=log)


def test_a_step_fails_again_with_the_same_tests_in_the_surroundings_of_the_run(lab: Lab) -> None:
    made = planned("test (3.11, ubuntu)", 5)
    assert not made.refused and made.python == "3.11"
    run = again(lab, made.command)
    assert statuses(run) == {
        "shop/tests/test_till.py::test_total_has_tax[names0-3]": TestStatus.FAILED,
        "shop/tests/test_till.py::test_total_has_tax[names1-8]": TestStatus.FAILED,
        "shop/tests/test_till.py::test_surroundings_are_those_of_the_run": TestStatus.PASSED,
        "<command>": TestStatus.PASSED,
    }
    told = evidence(made, run.output_tail)
    assert told.failing == (
        "tests/test_till.py::test_total_has_tax[names0-3]",
        "tests/test_till.py::test_total_has_tax[names1-8]",
    )
    assert same_failure(told, [run]) == ""
    assert len(failing_again(told, [run])) == 2
    assert "assert 2 == 3" in told.excerpt and "2026-11-22T" not in told.excerpt


def test_a_step_that_succeeds_here_is_environment_or_flake_with_what_both_had(lab: Lab) -> None:
    made = planned("test (3.11, ubuntu)", 5)
    told = evidence(made, "FAILED tests/test_till.py::test_total_has_tax[names0-3] - KeyError: 'tea'")
    mended = {**FILES, "shop/till.py": FILES["shop/till.py"].replace("(100 - int", "(100 + int")}
    run = again(lab, made.command, mended)
    assert run.exit_code == 0, run.output_tail
    said = same_failure(told, [run])
    assert said.startswith("environment or flake: the run says that tests/test_till.py::test_total_has_tax")
    assert "the step succeeds (3 tests reported)" in said


def test_what_was_left_out_is_said_step_by_step() -> None:
    assert planned("test (3.11, ubuntu)", 5).skipped == (
        "Step 'Install': what it installs comes from the environment that Ratchet builds.",
        "Step 'Run ruff check .': it only checks something else, and is left out.",
        "Step 'Tests': it lacks TOKEN (secrets.TOKEN), which is not known here.",
        "Step 'Tests': what it installs or fetches is left out; the environment of Ratchet stands for it.",
    )


def test_a_job_of_another_system_is_refused() -> None:
    assert (
        planned("test (3.11, windows)", 5).refused
        == "its job ran on windows-latest, and the sandbox is Linux"
    )
