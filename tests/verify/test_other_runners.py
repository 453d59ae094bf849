"""unittest, shell commands with the reporter in them, JUnit files and opaque commands."""

from collections.abc import Callable

from agent.protocol.check import Check, CheckKind, RunEnd, TestStatus
from tests.verify.lab import UNITTEST, Lab, shell, statuses
from tests.verify.zoo import UNITTEST as TEXT

P, F, E, S, X = (
    TestStatus.PASSED,
    TestStatus.FAILED,
    TestStatus.ERROR,
    TestStatus.SKIPPED,
    TestStatus.XFAILED,
)
EXPECTED = {
    "test_unit.BrokenClass.test_first": E,
    "test_unit.BrokenClass.test_second": E,
    "test_unit.BrokenSetUp.test_never": F,
    "test_unit.Plain.test_fails": F,
    "test_unit.Plain.test_passes": P,
    "test_unit.Plain.test_raises": F,
    "test_unit.Plain.test_skips": S,
    "test_unit.Plain.test_xfails": X,
}


def test_unittest_reports_every_outcome_without_pytest(make_lab: Callable[..., Lab]) -> None:
    oldest = make_lab("iniconfig", pythons=("3.8", "3.9"))
    newest = make_lab("iniconfig", pythons=("3.13", "3.12"))
    for lab in (oldest, newest):
        run = lab.run({"test_unit.py": TEXT, "test_broken.py": "import nothing_there\n"}, UNITTEST)
        assert statuses(run) == {**EXPECTED, "test_broken": E}
        assert run.end is RunEnd.COMPLETE


def test_unittest_runs_a_selection_of_names_and_files(lab: Lab) -> None:
    files = {"tests/__init__.py": "", "tests/test_unit.py": TEXT, "tests/test_more.py": TEXT}
    chosen = ("tests.test_unit.Plain.test_fails", "tests/test_more.py")
    run = lab.run(files, UNITTEST, select=chosen)
    assert set(statuses(run)) == {
        "tests.test_unit.Plain.test_fails",
        *(f"tests.{name.replace('test_unit', 'test_more', 1)}" for name in EXPECTED),
    }


def test_a_shell_command_reports_every_pytest_in_it(lab: Lab) -> None:
    files = {
        "Makefile": "test:\n\tpython -m pytest -q one\n\tcd two && python -m pytest -q .\n",
        "one/test_a.py": "def test_a(): pass\n",
        "two/test_b.py": "def test_b(): assert 0\n",
    }
    run = lab.run(files, shell("make test", "make"))
    assert statuses(run) == {"one/test_a.py::test_a": P, "two/test_b.py::test_b": F, "<make>": P}
    assert (run.end, run.exit_code) == (RunEnd.COMPLETE, 2)


def test_a_runner_that_closes_descriptors_still_reports(lab: Lab) -> None:
    files = {
        "run.py": "import subprocess, sys\n"
        "sys.exit(subprocess.call([sys.executable, '-m', 'pytest', '-q'], close_fds=True))\n",
        "test_a.py": "def test_a(): assert 0\n",
    }
    run = lab.run(files, shell("python run.py", "run"))
    assert statuses(run) == {"test_a.py::test_a": F, "<run>": P}


def test_a_selection_reaches_the_pytest_inside_a_command(lab: Lab) -> None:
    files = {"test_a.py": "def test_a(): pass\ndef test_b(): pass\n"}
    run = lab.run(files, shell("python -m pytest -q", "tests"), select=("test_a.py::test_b",))
    assert statuses(run) == {"test_a.py::test_b": P, "<tests>": P}


def test_a_command_that_fails_after_its_tests_passed_failed(lab: Lab) -> None:
    files = {"test_a.py": "def test_a(): pass\n"}
    run = lab.run(files, shell("python -m pytest -q && exit 3", "tests"))
    assert statuses(run) == {"test_a.py::test_a": P, "<tests>": F}


def test_an_opaque_command_is_one_test(lab: Lab) -> None:
    passes, fails = lab.run({}, shell("true", "a")), lab.run({}, shell("echo why; exit 4", "b"))
    assert (statuses(passes), statuses(fails)) == ({"<a>": P}, {"<b>": F})
    assert (fails.tests[0].message, fails.tests[0].details) == ("exit status 4", "why\n")
    hangs = lab.run({}, shell("sleep 60", "c"), seconds=2)
    assert (statuses(hangs), hangs.end) == ({"<c>": TestStatus.TIMEOUT}, RunEnd.TIMEOUT)


XML = (
    '<testsuite><testcase classname="c" name="a"/>'
    '<testcase classname="c" name="b"><failure/></testcase></testsuite>'
)


def test_junit_files_are_read_after_the_run_and_old_ones_are_not(lab: Lab) -> None:
    check = Check(name="js", kind=CheckKind.JUNIT, argv=("sh", "run.sh"), junit="out/**/*.xml", declared=True)
    files = {"run.sh": "mkdir -p out/deep; cp new out/deep/b.xml; exit 1\n", "new": XML, "out/a.xml": XML}
    run = lab.run({**files, "out/a.xml": XML.replace('"c"', '"old"')}, check)
    assert statuses(run) == {"c::a": P, "c::b": F, "<js>": P}


def test_a_bad_junit_file_is_no_result(lab: Lab) -> None:
    check = Check(name="js", kind=CheckKind.JUNIT, argv=("sh", "-c", "echo '<' > a.xml"), junit="*.xml")
    run = lab.run({}, check)
    assert run.end is RunEnd.INTERNAL
    assert "JUnit" in run.reason
