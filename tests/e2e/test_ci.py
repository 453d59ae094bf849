import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agent.cli.ci.quiet_text import QuietText
from tests.e2e.conftest import CART, Ratchet, Repository

FIXED = CART["cart.py"].replace("amount + discount", "amount - discount")
BROKEN = CART["cart.py"].replace("len(prices)", "len(prices) + 1")
HOSTILE = (
    "import pytest\n\nfrom cart import count\n\n\n"
    '@pytest.mark.parametrize("n", [pytest.param(2, id="##[add-mask]a`b|c @octocat")])\n'
    "def test_hostile(n):\n"
    '    assert count([1, 2]) == n, "::stop-commands::x"\n'
)


class Job:
    """A job of GitHub Actions as far as its environment goes."""

    def __init__(self, folder: Path, ratchet: Ratchet) -> None:
        self.summary, self.outputs, self._event = (folder / name for name in ("summary", "outputs", "event"))
        self._ratchet = ratchet
        ratchet.environ |= {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(self._event),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.outputs),
            "GITHUB_BASE_REF": "",
        }

    def pushed(self, before: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `ratchet ci` in a job about what was pushed after a commit."""
        self._event.write_text(json.dumps({"before": before}))
        return self._ratchet.run("ci", *arguments)

    def told(self) -> dict[str, str]:
        """Return the outputs of the step."""
        return dict(line.split("=", 1) for line in self.outputs.read_text().splitlines())


@pytest.fixture
def job(tmp_path: Path, ratchet: Ratchet) -> Job:
    return Job(tmp_path, ratchet)


def test_a_job_shows_what_its_change_breaks_and_obeys_no_name(
    cart: Repository, job: Job, tmp_path: Path
) -> None:
    before = cart.commit({"test_hostile.py": HOSTILE})
    cart.commit({"cart.py": BROKEN})
    cart.git("checkout", "-q", "--detach")
    cart.git("branch", "-q", "-D", "main")
    xml, sarif = tmp_path / "out" / "junit.xml", tmp_path / "out" / "ratchet.sarif"
    done = job.pushed(before, "verify", "-C", str(cart.path), "--junit", str(xml), "--sarif", str(sarif))
    assert done.returncode == 21, done.stderr
    lines = (done.stdout + done.stderr).splitlines()
    commands = [line for line in lines if line.lstrip().startswith("::")]
    assert [line.partition(",title")[0] for line in commands if "error" in line.split(" ")[0]] == [
        *("::error file=test_cart.py,line=14", "::error file=test_hostile.py,line=8")
    ]
    assert not [line for line in lines if "##[" in line and line not in commands]
    summary = job.summary.read_text()
    assert (
        "| broken | 2 |" in summary and "``test_hostile.py::test_hostile[##[add-mask]a`b|c @octo" in summary
    )
    assert (job.told()["outcome"], job.told()["exit_code"]) == ("broken", "21")
    assert ElementTree.parse(xml).getroot()[0].get("failures") == "2"
    assert {one["ruleId"] for one in json.loads(sarif.read_text())["runs"][0]["results"]} >= {"broken"}


def test_a_shallow_clone_is_told_what_to_do(cart: Repository, job: Job, tmp_path: Path) -> None:
    before = cart.git("rev-parse", "HEAD")
    cart.commit({"cart.py": FIXED})
    shallow = tmp_path / "shallow"
    cart.git("clone", "-q", "--depth", "1", f"file://{cart.path}", str(shallow))
    done = job.pushed(before, "verify", "-C", str(shallow), "--json")
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert before in document["reason"] and "fetch-depth: 0" in document["hint"]
    assert "\n::error title=ratchet::" in f"\n{done.stderr}"
    assert "fetch-depth: 0" in job.summary.read_text() and job.told()["exit_code"] == "2"


def test_a_file_that_cannot_be_written_is_told_before_anything_runs(
    cart: Repository, job: Job, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    done = job.pushed("HEAD", "fix", "-C", str(cart.path), "--patch", str(tmp_path / "taken" / "x"))
    assert done.returncode == 2
    assert "::error title=ratchet::" in done.stdout and "cannot be written" in done.stderr


def test_what_is_printed_passes_through_the_quiet_stream(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        stream = QuietText(file)
        stream.write("::error::x\nplain ##[group]\n")
        stream.detach()
    assert (tmp_path / "log").read_bytes() == b": :error::x\nplain # #[group]\n"


@pytest.mark.long
def test_a_job_of_gitlab_gets_the_fix_as_a_patch(cart: Repository, ratchet: Ratchet, tmp_path: Path) -> None:
    ratchet.environ["GITLAB_CI"] = "true"
    patch, quality = tmp_path / "fix.patch", tmp_path / "quality.json"
    arguments = ("-C", str(cart.path), "--patch", str(patch), "--code-quality", str(quality))
    report = ratchet.json("ci", "fix", *arguments)
    assert (report["outcome"], report["exit"]) == ("verified", 0), report
    cart.git("apply", str(patch))
    assert (cart.path / "cart.py").read_text() == FIXED
    assert json.loads(quality.read_text()) == []


@pytest.mark.long
def test_the_hook_of_the_recipes_stops_a_push_that_breaks_a_test(
    make_repository: Callable[..., Repository], ratchet: Ratchet, tmp_path: Path
) -> None:
    project = make_repository(CART)
    project.git("init", "-q", "--bare", str(tmp_path / "remote"))
    project.git("remote", "add", "origin", str(tmp_path / "remote"))
    project.git("push", "-q", "origin", "main")
    hook = project.path / ".git" / "hooks" / "pre-push"
    hook.write_text(_recipe("# .git/hooks/pre-push"))
    hook.chmod(0o755)
    ratchet.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for text, pushed in ((BROKEN, False), (FIXED, True)):
        project.commit({"cart.py": text})
        done = _push(project, ratchet)
        assert (done.returncode == 0) is pushed, done.stderr
    assert project.git("rev-parse", "origin/main") == project.git("rev-parse", "main")
    # To delete a branch is no change to judge.
    project.git("-C", str(tmp_path / "remote"), "branch", "side", "main")
    assert _push(project, ratchet, ":side").returncode == 0


def _recipe(first: str) -> str:
    text = (Path(__file__).parents[2] / "docs" / "ci.md").read_text()
    (block,) = (part for part in text.split("```")[1::2] if first in part)
    return block.partition(f"{first}\n")[2]


def _push(project: Repository, ratchet: Ratchet, what: str = "main") -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(project.path), "push", "-q", "origin", what]
    return subprocess.run(command, env=ratchet.environ, capture_output=True, text=True, check=False)
