import json
import os
import subprocess
from collections.abc import Callable

import pytest

from agent.protocol.event import parse_event
from agent.protocol.state import fold
from tests.e2e.conftest import CART, Ratchet, Repository
from tests.kill.repositories import PRICE, SECOND_FAILURE

MakeRepository = Callable[..., Repository]
FAILING = "test_cart.py::test_discount_is_taken_off"


def without(files: dict[str, bytes], branch: str) -> dict[str, bytes]:
    """Return files without those by which git knows a branch."""
    return {name: text for name, text in files.items() if not name.endswith(f"refs/heads/{branch}")}


@pytest.mark.parametrize("sandbox", ["docker", pytest.param("bubblewrap", marks=pytest.mark.long)])
def test_fix_delivers_a_proven_branch_and_leaves_the_checkout_as_it_was(
    cart: Repository, ratchet: Ratchet, sandbox: str
) -> None:
    cart.git("config", "user.name", "Grace")
    cart.git("config", "user.email", "grace@example.org")
    before = cart.fingerprint()

    report = ratchet.json("fix", "-C", str(cart.path), "--sandbox", sandbox, "--branch", "fix/discount")

    assert (report["outcome"], report["exit"]) == ("verified", 0), report
    assert report["verdict"]["fixed"] == [FAILING]
    assert report["verdict"]["passed"] == 2
    assert report["sandbox"]["kind"] == sandbox
    assert report["sandbox"]["network"] == "none"
    assert report["files"] == ["cart.py"]
    assert without(cart.fingerprint(), "fix/discount") == before
    shown = cart.git("show", "-s", "--format=%an <%ae>%n%B", "fix/discount")
    assert shown.startswith("Grace <grace@example.org>")
    assert f"Ratchet-Task: {report['task_id']}" in shown
    assert cart.git("rev-parse", "fix/discount~1") == cart.git("rev-parse", "main")
    cart.git("checkout", "-q", str(report["branch"]))
    plain = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    assert subprocess.run(["python3", "-m", "pytest", "-q"], cwd=cart.path, env=plain).returncode == 0


def test_apply_merges_into_the_working_tree_and_undo_takes_it_back(
    cart: Repository, ratchet: Ratchet
) -> None:
    before = (cart.path / "cart.py").read_text()

    report = ratchet.json("fix", "-C", str(cart.path), "--apply", "--test", FAILING)

    assert report["outcome"] == "verified", report
    assert report["applied"] is True
    assert (cart.path / "cart.py").read_text() != before
    assert cart.git("symbolic-ref", "--short", "HEAD") == "main"
    undone = ratchet.run("undo", "-C", str(cart.path))
    assert undone.returncode == 0, undone.stderr
    assert (cart.path / "cart.py").read_text() == before


def test_uncommitted_work_is_the_base_of_a_fix_and_survives_it(cart: Repository, ratchet: Ratchet) -> None:
    added = CART["cart.py"] + "\n\ndef first(prices):\n    return prices[1]\n"
    cart.write(
        {
            "cart.py": added,
            "test_first.py": "from cart import first\n\n\ndef test_first():\n"
            "    assert first([7, 8]) == 7\n    assert first([3, 9, 4]) == 3\n",
        }
    )

    report = ratchet.json("fix", "-C", str(cart.path), "--test", "test_first.py")

    assert report["outcome"] == "verified_with_preexisting", report
    assert report["verdict"]["fixed"] == ["test_first.py::test_first"]
    assert report["verdict"]["still_failing"] == [FAILING]
    assert (cart.path / "cart.py").read_text() == added


@pytest.mark.long
def test_two_unrelated_failures_become_two_tasks(make_repository: MakeRepository, ratchet: Ratchet) -> None:
    repository = make_repository(PRICE | SECOND_FAILURE)

    report = ratchet.json("fix", "-C", str(repository.path))

    assert report["outcome"] == "verified_with_preexisting", report
    assert len({task["task_id"] for task in report["tasks"]}) == 2
    assert sorted(task["files"] for task in report["tasks"]) == [["price.py"], ["size.py"]]


@pytest.mark.long
def test_events_fold_to_the_state_that_the_report_shows(cart: Repository, ratchet: Ratchet) -> None:
    done = ratchet.run("fix", "-C", str(cart.path), "--events")

    events = [parse_event(json.loads(line)) for line in done.stdout.splitlines()]
    state = fold(events)
    assert state.finished is not None
    assert state.finished.outcome == "verified"
    assert [event.body.type for event in events] == [
        "TaskSubmitted",
        "SnapshotTaken",
        "BaselineMeasured",
        "GroupsSplit",
        "LocationsRanked",
        "ProposalMade",
        "EditsApplied",
        "VerdictReached",
        "PatchDelivered",
        "TaskFinished",
    ]


def test_a_person_sees_the_verdict_the_diff_and_one_sentence(cart: Repository, ratchet: Ratchet) -> None:
    done = ratchet.run("fix", "-C", str(cart.path))

    assert done.returncode == 0, done.stderr
    for expected in ("Verdict (full check", FAILING, "-    return amount + discount", "verified", "branch"):
        assert expected in done.stdout
    assert "search" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_dry_run_names_what_would_happen_and_runs_nothing(cart: Repository, ratchet: Ratchet) -> None:
    before = cart.fingerprint()

    seen = ratchet.json("fix", "-C", str(cart.path), "--dry-run")

    assert seen["dry_run"] is True
    assert any("pytest" in check for check in seen["checks"])
    assert any("pytest" in line for line in seen["leaves_the_machine"])
    assert cart.fingerprint() == before
