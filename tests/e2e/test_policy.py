"""What the user's rules make of a real fix."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Ratchet, Repository


@pytest.fixture
def allowed(ratchet: Ratchet, tmp_path: Path) -> Path:
    """The user's configuration file."""
    file = tmp_path / "config.toml"
    ratchet.environ["RATCHET_CONFIG"] = str(file)
    return file


def test_a_fix_that_nobody_could_allow_is_denied_with_its_patch_and_no_branch(
    cart: Repository, ratchet: Ratchet, allowed: Path
) -> None:
    allowed.write_text('[policy]\npath = ["ask cart.py"]\n')
    before = cart.fingerprint()

    report = ratchet.json("fix", "-C", str(cart.path), "--apply")

    assert (report["outcome"], report["exit"]) == ("denied", 50), report
    assert "cart.py" in report["reason"]
    assert "-    return amount + discount" in report["patch"]
    assert (report["branch"], report["applied"]) == (None, False)
    assert cart.git("branch", "--list", "ratchet/*") == ""
    assert cart.fingerprint() == before


def test_a_command_that_is_denied_never_runs(cart: Repository, ratchet: Ratchet, allowed: Path) -> None:
    allowed.write_text('[policy]\ncommand = ["deny *"]\n')
    report = ratchet.json("verify", "-C", str(cart.path), "--test", "python -m pytest -q")
    assert (report["outcome"], report["exit"]) == ("denied", 50), report
    assert "python -m pytest -q" in report["reason"]
    assert report["sandbox"] is None


def test_hosts_are_no_question_where_nothing_has_to_be_fetched(
    cart: Repository, ratchet: Ratchet, allowed: Path
) -> None:
    command = ("verify", "HEAD..HEAD", "-C", str(cart.path))
    assert ratchet.json(*command)["exit"] == 0
    allowed.write_text('[policy]\nnetwork = ["deny *"]\n')
    report = ratchet.json(*command)
    assert (report["outcome"], report["exit"]) == ("verified_with_preexisting", 0), report


def test_a_repository_that_allows_itself_something_is_refused(cart: Repository, ratchet: Ratchet) -> None:
    cart.commit({".ratchet.toml": '[policy]\npath = ["allow .github/*"]\n'})
    report = ratchet.json("fix", "-C", str(cart.path))
    assert (report["outcome"], report["exit"]) == ("usage", 2)
    assert ".ratchet.toml" in report["reason"]


def test_what_the_organization_pins_cannot_be_asked_around(
    cart: Repository, ratchet: Ratchet, tmp_path: Path
) -> None:
    (tmp_path / "organization.toml").write_text('[sandbox]\nkind = "docker"\n')
    ratchet.environ["RATCHET_ORGANIZATION"] = str(tmp_path / "organization.toml")
    report = ratchet.json("fix", "-C", str(cart.path), "--sandbox", "process")
    assert (report["outcome"], report["exit"]) == ("usage", 2)
    assert "organization" in report["reason"]


def test_a_deadline_that_has_passed_ends_a_task_before_it_begins(cart: Repository, ratchet: Ratchet) -> None:
    report = ratchet.json("fix", "-C", str(cart.path), "--deadline", "2020-01-01T00:00")
    assert (report["outcome"], report["exit"]) == ("budget", 40), report
    assert report["base_commit"] == ""


def test_a_task_cannot_be_left_to_nobody(cart: Repository, ratchet: Ratchet) -> None:
    report = ratchet.json("fix", "-C", str(cart.path), "--foreground", "--detach")
    assert (report["outcome"], report["exit"]) == ("usage", 2)


@pytest.mark.parametrize("when", ["soon", "30", "-5m", "2026-13-01"])
def test_a_deadline_that_says_nothing_is_a_usage_error(cart: Repository, ratchet: Ratchet, when: str) -> None:
    done = ratchet.run("fix", "-C", str(cart.path), f"--deadline={when}")
    assert done.returncode == 2
    assert "30m" in done.stderr
