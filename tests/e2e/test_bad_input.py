"""Each bad input ends in its own outcome, with one sentence and a hint, and loses nothing."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import CART, Ratchet, Repository

MakeRepository = Callable[..., Repository]
PASSING = {"test_a.py": "def test_a():\n    assert True\n"}


def test_a_folder_that_is_no_repository_is_named(tmp_path: Path, ratchet: Ratchet) -> None:
    report = ratchet.json("fix", "-C", str(tmp_path))
    assert (report["outcome"], report["exit"]) == ("usage", 2)
    assert "not inside a git repository" in report["reason"]
    assert report["hint"]


def test_an_empty_repository_asks_for_a_first_commit(
    make_repository: MakeRepository, ratchet: Ratchet
) -> None:
    report = ratchet.json("fix", "-C", str(make_repository().path))
    assert (report["outcome"], report["exit"]) == ("usage", 2)
    assert "commit" in report["reason"] + report["hint"]


def test_nothing_fails_means_nothing_to_fix(make_repository: MakeRepository, ratchet: Ratchet) -> None:
    report = ratchet.json("fix", "-C", str(make_repository(PASSING).path))
    assert (report["outcome"], report["exit"]) == ("not_reproduced", 30), report
    assert report["hint"]


def test_a_repository_without_tests_cannot_be_fixed(
    make_repository: MakeRepository, ratchet: Ratchet
) -> None:
    report = ratchet.json("fix", "-C", str(make_repository({"a.py": "x = 1\n"}).path))
    assert report["exit"] in (2, 20), report
    assert "test" in report["reason"] + report["hint"]


def test_tests_that_cannot_be_collected_are_an_environment_problem(
    make_repository: MakeRepository, ratchet: Ratchet
) -> None:
    files = {"test_a.py": "import no_such_module_anywhere\n\n\ndef test_a():\n    pass\n"}
    report = ratchet.json("fix", "-C", str(make_repository(files).path))
    assert (report["outcome"], report["exit"]) == ("environment", 61), report
    assert "no_such_module_anywhere" in report["log"]


def test_a_dependency_that_does_not_exist_is_an_environment_problem(
    make_repository: MakeRepository, ratchet: Ratchet
) -> None:
    files = {**PASSING, "requirements.txt": "ratchet-no-such-package-x9==1.0\n"}
    report = ratchet.json("fix", "-C", str(make_repository(files).path))
    assert (report["outcome"], report["exit"]) == ("environment", 61), report
    assert "ratchet-no-such-package-x9" in report["reason"] + report["log"]


def test_a_test_that_hangs_is_a_failure_not_a_hang(make_repository: MakeRepository, ratchet: Ratchet) -> None:
    files = {
        "wait.py": "def wait(n):\n    while n > 0:\n        n = n + 1\n    return n\n",
        "test_wait.py": "from wait import wait\n\n\ndef test_wait():\n    assert wait(3) == 0\n",
        ".ratchet.toml": "[limits]\ntest_seconds = 1\n",
    }
    repository = make_repository(files)
    report = ratchet.json("fix", "-C", str(repository.path), "--timeout", "8")
    assert report["outcome"] in ("verified", "budget", "no_patch"), report
    assert report["seconds"] < 40


def test_a_test_name_that_does_not_exist_is_a_usage_error(cart: Repository, ratchet: Ratchet) -> None:
    report = ratchet.json("fix", "-C", str(cart.path), "--test", "test_cart.py::test_nothing_of_the_kind")
    assert report["exit"] == 2, report
    assert "test_nothing_of_the_kind" in report["reason"]


def test_without_any_sandbox_nothing_of_the_repository_runs(
    make_repository: MakeRepository, ratchet: Ratchet, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    files = {"test_a.py": f"open({str(marker)!r}, 'w')\n\n\ndef test_a():\n    assert False\n"}
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "git").symlink_to("/usr/bin/git")
    ratchet.environ["PATH"] = str(tools)
    ratchet.environ["DOCKER_HOST"] = f"unix://{tmp_path}/no.sock"
    report = ratchet.json("fix", "-C", str(make_repository(files).path))
    assert (report["outcome"], report["exit"]) == ("sandbox", 60), report
    assert report["hint"]
    assert not marker.exists()


def test_an_unknown_section_in_the_repositorys_configuration_is_refused(
    make_repository: MakeRepository, ratchet: Ratchet
) -> None:
    files = {**CART, ".ratchet.toml": "[models.mine]\nbase_url = 'http://localhost'\n"}
    report = ratchet.json("fix", "-C", str(make_repository(files).path))
    assert (report["outcome"], report["exit"]) == ("usage", 2)
    assert "models" in report["reason"]


def test_a_revision_that_does_not_exist_is_named(cart: Repository, ratchet: Ratchet) -> None:
    report = ratchet.json("verify", "no-such-branch..HEAD", "-C", str(cart.path))
    assert report["exit"] == 2
    assert "no-such-branch" in report["reason"]


def test_a_branch_that_exists_is_refused_before_any_work(cart: Repository, ratchet: Ratchet) -> None:
    report = ratchet.json("fix", "-C", str(cart.path), "--branch", "main")
    assert (report["outcome"], report["exit"]) == ("usage", 2), report
    assert "main" in report["reason"]
    assert report["sandbox"] is None
