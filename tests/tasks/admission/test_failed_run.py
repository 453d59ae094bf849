"""From a failed workflow run on a fake GitHub to the step that a sandbox can do again."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import pytest

from agent.protocol.forge import Happened, Permission, RunEvidence, Trigger, Verb
from agent.repo.forge.errors import NotOnForge
from agent.repo.forge.open import open_forge
from agent.tasks.admission.failed_run import failed_run
from tests.forge.fake import FakeForge
from tests.forge.faults import Fault
from tests.forge.repository import Repository
from tests.verify.workflows.job_log import Ran, job_log
from tests.verify.workflows.shop import FILES

PATH = ".github/workflows/checks.yml"
LINE = "FAILED tests/test_till.py::test_total_has_tax[names0-3] - assert 2 == 3"
OUTPUT = f"E   assert 2 == 3\n{LINE}\n1 failed in 0.1s"
STEPS = [
    ("Set up job", "success"),
    ("Run actions/checkout@v5", "success"),
    ("Run actions/setup-python@v6", "success"),
    ("Install", "success"),
    ("Prices", "success"),
    ("Run ruff check .", "success"),
    ("Tests", "failure"),
    ("Post Run actions/setup-python@v6", "success"),
    ("Complete job", "success"),
]
RAN = [
    Ran("pip install -e . pytest"),
    Ran("ruff check ."),
    Ran("python -m pip install --upgrade pip", OUTPUT, 1),
]


@dataclasses.dataclass
class Ci:
    """A repository with a workflow on a fake forge."""

    fake: FakeForge
    repository: Repository

    def fail(
        self,
        job: str,
        steps: Sequence[tuple[str, str]] = STEPS,
        *,
        path: str = PATH,
        output: str = OUTPUT,
        **more: str,
    ) -> int:
        """Let a run fail."""
        head = self.repository.branches()["main"]
        log = job_log([*RAN[:2], Ran(RAN[2].script, output, 1)])
        return self.repository.fail_run(
            path, job, "Tests", log, head, actor="ada", steps=steps, branch="main", **more
        )

    def ask(
        self, run: int | None, read: Callable[[str], bytes | None] | None = None, attempt: int = 1
    ) -> RunEvidence | str:
        """Ask what can be done again of a run."""
        trigger = Trigger(
            happened=Happened.RUN,
            verb=Verb.FIX,
            repository="acme/shop",
            actor="ada",
            run=run,
            attempt=attempt,
        )
        return failed_run(trigger, open_forge(self.fake.bot_config(), None), read or _file)


def _file(path: str) -> bytes | None:
    return FILES[path].encode() if path in FILES else None


@pytest.fixture(scope="module")
def ci(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ci]:
    with FakeForge(tmp_path_factory.mktemp("forge")) as fake:
        made = fake.add_repository("acme/shop")
        made.grant("ada", Permission.WRITE)
        made.commit("main", FILES)
        yield Ci(fake, made)


def test_a_failed_step_is_found_with_what_failed_in_it(ci: Ci) -> None:
    found = ci.ask(ci.fail("test (3.11, ubuntu)"))
    assert isinstance(found, RunEvidence)
    assert (found.workflow, found.job, found.step) == (PATH, "test (3.11, ubuntu)", "Tests")
    assert found.failing == ("tests/test_till.py::test_total_has_tax[names0-3]",)
    assert (
        found.python == "3.11" and "python -m pytest -q" in found.command and "export TAX=20" in found.command
    )
    assert found.excerpt.endswith("1 failed in 0.1s\nerror: Process completed with exit code 1.")
    assert "Step 'Install': what it installs comes from the environment that Ratchet builds." in found.skipped


def test_the_first_job_that_can_be_done_again_is_taken_and_the_others_are_named(ci: Ci) -> None:
    run = ci.fail("test (3.11, windows)")
    jobs = ci.repository.hosted.runs[run].attempts[-1]
    jobs.append(dataclasses.replace(jobs[0], id=jobs[0].id + 50_000, name="test (3.10, ubuntu)"))
    jobs.append(dataclasses.replace(jobs[0], id=jobs[0].id + 50_001, name="other\x1b[2J"))
    found = ci.ask(run)
    assert isinstance(found, RunEvidence) and found.job == "test (3.10, ubuntu)"
    assert found.skipped[-1] == (
        "Other jobs failed, too, and are not looked at for this: test (3.11, windows), other\\x1b[2J."
    )


def test_the_jobs_of_the_named_attempt_count(ci: Ci) -> None:
    run = ci.fail("test (3.11, ubuntu)")
    again = ci.repository.rerun(run, job_log([*RAN[:2], Ran(RAN[2].script, "FAILED a.py::other", 1)]))
    second = ci.ask(run, attempt=again)
    assert isinstance(second, RunEvidence) and second.failing == ("a.py::other",)
    first = ci.ask(run)
    assert isinstance(first, RunEvidence) and first.failing != second.failing


REFUSED = {
    "test (3.11, windows)": "step 'Tests': its job ran on windows-latest, and the sandbox is Linux",
    "nobody": "step 'Tests': the workflow file has no job of the name that failed",
    "lint": "step 'Tests': none of its steps in the workflow file is the one that failed",
}


@pytest.mark.parametrize("job", REFUSED)
def test_a_run_of_which_nothing_can_be_done_again_is_refused_with_the_reason(ci: Ci, job: str) -> None:
    found = ci.ask(ci.fail(job, output="something else"))
    assert found == f"Nothing of the run can be done again here: job '{job}', {REFUSED[job]}."


@pytest.mark.parametrize("job", REFUSED)
def test_tests_that_a_log_names_are_looked_for_with_the_checks_of_the_repository(ci: Ci, job: str) -> None:
    found = ci.ask(ci.fail(job))
    assert isinstance(found, RunEvidence)
    assert (found.command, found.step) == ("", "Tests")
    assert found.failing == ("tests/test_till.py::test_total_has_tax[names0-3]",)
    why = REFUSED[job].partition(": ")[2]
    assert found.skipped[0] == (
        f"The step itself is not run: {why}. The repository's own checks are run instead."
    )


def test_a_step_that_can_be_done_again_goes_before_one_that_only_names_tests(ci: Ci) -> None:
    run = ci.fail("test (3.11, windows)")
    jobs = ci.repository.hosted.runs[run].attempts[-1]
    jobs.append(dataclasses.replace(jobs[0], id=jobs[0].id + 60_000, name="test (3.10, ubuntu)"))
    found = ci.ask(run)
    assert isinstance(found, RunEvidence) and found.job == "test (3.10, ubuntu)" and found.command


def test_a_step_that_installs_or_uses_an_action_is_not_done_again(ci: Ci) -> None:
    for failing, why in ((3, "it only prepares the environment"), (2, "it uses an action")):
        steps = [(name, "failure" if n == failing else how) for n, (name, how) in enumerate(STEPS[:6])]
        steps += [(name, "skipped") for name, _ in STEPS[6:7]]
        found = ci.ask(ci.fail("test (3.11, ubuntu)", steps, output="no such package"))
        assert isinstance(found, str) and why in found


def test_a_run_without_a_readable_workflow_file_is_refused(ci: Ci) -> None:
    run = ci.fail("test (3.11, ubuntu)")
    for data, why in (
        (None, "is not in the commit"),
        (b"jobs: [", "is no YAML"),
        (b"x" * 300_000, "larger than"),
    ):
        found = ci.ask(run, lambda _, given=data: given)
        assert isinstance(found, RunEvidence) and why in found.skipped[0]
    other = ci.ask(ci.fail("analyze", path="dynamic/github-code-scanning/codeql"))
    assert other == "The run belongs to no workflow file of this repository."


def test_a_run_that_is_not_there_or_did_not_fail_is_refused(ci: Ci) -> None:
    assert ci.ask(None) == "No workflow run is named."
    with pytest.raises(NotOnForge):
        ci.ask(999)
    assert (
        ci.ask(ci.fail("test (3.11, ubuntu)", conclusion="success")) == "No job of the workflow run failed."
    )


def test_a_pull_request_is_said_to_have_run_as_a_merge(ci: Ci) -> None:
    found = ci.ask(ci.fail("test (3.11, ubuntu)", event="pull_request"))
    assert isinstance(found, RunEvidence)
    assert found.skipped[0] == "The run looked at the merge with the base branch; here it is the head alone."
    assert "GITHUB_SHA" not in found.command


JUNIT = (
    "<testsuite>"
    '<testcase classname="tests.test_till" name="test_total_has_tax[names0-3]"><failure/></testcase>'
    '<testcase classname="tests.test_till" name="test_change"><error message="x"/></testcase>'
    '<testcase classname="tests.test_till" name="test_fine"/></testsuite>'
)


def test_reports_name_the_tests_that_a_log_does_not(ci: Ci) -> None:
    run = ci.fail("test (3.11, ubuntu)", output="quiet")
    ci.repository.add_artifact(run, "reports", {"junit/report.xml": JUNIT})
    found = ci.ask(run)
    assert isinstance(found, RunEvidence) and found.command
    assert found.failing == ("tests.test_till::test_total_has_tax[names0-3]", "tests.test_till::test_change")


def test_a_test_that_log_and_report_name_is_named_once(ci: Ci) -> None:
    run = ci.fail("test (3.11, ubuntu)")
    ci.repository.add_artifact(run, "reports", {"report.xml": JUNIT})
    found = ci.ask(run)
    assert isinstance(found, RunEvidence)
    assert found.failing == (
        "tests/test_till.py::test_total_has_tax[names0-3]",
        "tests.test_till::test_change",
    )


def test_reports_suffice_where_no_step_can_be_done_again_and_the_log_is_silent(ci: Ci) -> None:
    run = ci.fail("test (3.11, windows)", output="quiet")
    ci.repository.add_artifact(run, "reports", {"report.xml": JUNIT})
    found = ci.ask(run)
    assert isinstance(found, RunEvidence)
    assert not found.command and found.failing[-1] == "tests.test_till::test_change"
    assert found.skipped[0].endswith("The repository's own checks are run instead.")


def test_reports_suffice_where_the_log_is_gone(ci: Ci) -> None:
    run = ci.fail("test (3.11, ubuntu)")
    ci.repository.add_artifact(run, "reports", {"report.xml": JUNIT})
    ci.fake.faults.add(Fault.NOT_FOUND, path="*/logs", times=9)
    found = ci.ask(run)
    ci.fake.faults.clear()
    assert isinstance(found, RunEvidence)
    assert found.command and found.excerpt == "" and len(found.failing) == 2


def test_reports_of_an_earlier_attempt_say_nothing_of_this_one(ci: Ci) -> None:
    run = ci.fail("test (3.11, ubuntu)", output="quiet")
    ci.repository.add_artifact(run, "reports", {"report.xml": JUNIT})
    kept = ci.repository.hosted.runs[run]
    kept.artifacts[0].at = "2020-01-01T00:00:00Z"
    found = ci.ask(run)
    assert isinstance(found, RunEvidence) and found.failing == ()


def test_a_forge_that_shows_no_artifacts_has_its_log_read_all_the_same(ci: Ci) -> None:
    run = ci.fail("test (3.11, ubuntu)")
    ci.fake.faults.add(Fault.NOT_FOUND, path="*/artifacts")
    found = ci.ask(run)
    assert isinstance(found, RunEvidence) and len(found.failing) == 1
