"""Whatever branches, titles, files, users and steps are called: nothing is done but what was asked for."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agent.protocol.errors import RepositoryError
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from agent.repo.forge.open import open_forge
from agent.repo.mirror import Mirror
from tests.publishing import stories
from tests.security.bot_at_work import (
    AtWork,
    Processes,
    assert_only_ours,
    at_work,
    fingerprint,
    marks,
    proven,
)
from tests.security.hostile_names import FEW, NAMES, branch_like, is_file, is_ref, pairs

Group = tuple[str, ...]
PROCESSES = Processes()
SEVERAL = 24
"""Names that share a pull request, each in a place of its own."""
_LONGEST_LOGIN = 100
_NO_NAME = "that is no name of anything on a forge"
"""Of a user called `...`, for whom the forge is not asked: the address would be that of another thing."""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    with at_work(tmp_path_factory.mktemp("work")) as running:
        yield running


def happen(work: AtWork, names: Group) -> None:
    """Let everything happen in whose name a stranger has a say, for one pull request and one issue."""
    shop, everything = work.shop, "\n".join(names)
    workflow = f".github/workflows/{names[0] if is_file(names[0]) and '/' not in names[0] else 'x'}.yml"
    files = {name: name for name in names if is_file(name)}
    head = shop.commit(branch_like(names[0]), {**files, workflow: _workflow(names)}, everything, onto="main")
    number = shop.open_pull(branch_like(names[0]), author="ann", title=names[-1], body=everything)
    issue = shop.open_issue(names[0], everything, author="ann")
    work.deliver("pull_request", "opened", number=number)
    for label in (names[0], f"ratchet:{names[-1]}"):
        work.deliver("pull_request", "labeled", number=number, label=label, sender="ann")
    _commented(work, number, issue, names)
    log = "\n".join(f"2026-11-22T10:00:00.1Z {line}" for name in names for line in name.splitlines())
    run = shop.fail_run(workflow, names[-1], names[1], log, head, name=names[0], actor="ann")
    work.deliver("workflow_run", "completed", run=run)


def _commented(work: AtWork, number: int, issue: int, names: Group) -> None:
    words = [" ".join(name.split()) for name in names]
    commands = (
        f"fix {words[0]} {words[1]}",
        f"explain {words[-1]}",
        words[0],
        "help",
        f"do {' '.join(words)}",
    )
    said = work.shop.comment(number, "ann", "\n".join(f"/ratchet {one}" for one in commands))
    work.deliver("issue_comment", "created", comment=said)
    said = work.shop.comment(issue, "ann", f"/ratchet do {names[-1]}\n/ratchet {words[1]}")
    work.deliver("issue_comment", "created", comment=said)
    for login in [name for name in names if name.strip() and len(name) <= _LONGEST_LOGIN][:2]:
        said = work.shop.comment(number, login, "/ratchet help")
        work.deliver("issue_comment", "created", comment=said)


def _workflow(names: Group) -> str:
    steps = [{"name": names[1], "run": names[0]}, {"uses": names[-1]}]
    job = {"name": names[-1], "runs-on": "ubuntu-latest", "steps": steps}
    return json.dumps({"name": names[0], "on": "push", "jobs": {"test": job}})


def press(work: AtWork, names: Group) -> None:
    """Press buttons of our check runs that have strange names, and one that has none."""
    check = work.shop.checks()[-1]
    for identifier in (*names[:2], "verify"):
        work.deliver("check_run", "requested_action", check=check.id, identifier=identifier, sender="ann")


def prove(work: AtWork, names: Group, each: int) -> None:
    """Let everything happen with names, and fail when anything but what a bot may do is done."""
    shop, before = work.shop, fingerprint(work.folder / "home", work.folder / "here")
    groups, pulls, others = pairs(names, each), len(work.shop.pulls()), _not_ours(work)
    with PROCESSES.noted():
        for group in groups:
            happen(work, group)
            work.work()
            work.show()
            press(work, group)
            # What others are called may need the place of this one.
            shop.delete_branch(branch_like(group[0]))
    assert _not_ours(work) == others
    assert fingerprint(work.folder / "home", work.folder / "here") == before
    assert marks(work.folder) == [] and work.fake.violations == []
    assert_only_ours(work, pulls + len(groups))
    seen = [word for command, _ in PROCESSES.started for word in command]
    assert seen and not any(key in word for word in seen for key in work.keys)
    assert len(shop.checks()) >= len(groups)
    ended = [one.finished for one in work.states() if one.finished is not None]
    assert ended and {one.reason for one in ended if one.outcome is Outcome.ERROR} <= {_NO_NAME}


def _not_ours(work: AtWork) -> Mapping[str, str]:
    return {name: at for name, at in work.shop.branches().items() if not name.startswith("ratchet/")}


def test_some_names_of_each_kind_do_nothing(work: AtWork) -> None:
    prove(work, FEW, SEVERAL)


@pytest.mark.long
def test_more_than_200_names_do_nothing(tmp_path: Path) -> None:
    assert len(NAMES) >= 200
    with at_work(tmp_path) as work:
        prove(work, NAMES, 3)


def delivered(work: AtWork, name: str) -> None:
    """Let a fix be proven whose tests, patch, models and messages are all called that; it is pushed."""
    work.shop.commit(f"topic-{len(work.shop.pulls())}", {"x.py": name}, name, onto="main")
    number = work.shop.open_pull(f"topic-{len(work.shop.pulls())}", author="ann", title=name, body=name)
    said = work.shop.comment(number, "ann", "/ratchet fix")
    (task,) = work.deliver("issue_comment", "created", comment=said)
    fixed = proven(work, task, stories.story(TaskKind.FIX, "pull", Outcome.VERIFIED, name))
    assert work.shop.branches()[f"ratchet/{task}"] == fixed


def prove_delivered(work: AtWork, names: Group) -> None:
    """Let fixes be delivered; fail when more than their branches is pushed, or what is said does anything."""
    work.work()
    pulls = len(work.shop.pulls())
    for name in names:
        delivered(work, name)
    assert marks(work.folder) == [] and work.fake.violations == []
    assert_only_ours(work, pulls + len(names))


def test_a_proven_fix_pushes_its_own_branch_whatever_its_parts_are_called(work: AtWork) -> None:
    prove_delivered(work, ("--receive-pack=$(touch x)\n::error::x", "@ann\nfixes #1 ```"))


@pytest.mark.long
def test_more_than_200_proven_fixes_push_their_own_branches(tmp_path: Path) -> None:
    with at_work(tmp_path) as work:
        prove_delivered(work, tuple(name for name in NAMES if "\x00" not in name))


def prove_pushes(work: AtWork, names: Group) -> None:
    """Try to push to branches of such names, and below ours; fail when anything else is pushed."""
    forge = open_forge(work.fake.bot_config(), None)
    access, mirror = forge.git_access("acme/shop"), Mirror.at(work.state, "acme/shop")
    main = work.shop.branches()["main"]
    mirror.fetch(access, [main])
    before = _not_ours(work)
    for name in names:
        for branch in (name, f"ratchet/../{name}"):
            if not branch.removeprefix("refs/heads/").startswith("ratchet/") or ".." in branch:
                with pytest.raises(RepositoryError):
                    mirror.push(access, branch, main)
    for branch in (f"ratchet/{name}" for name in names[::12]):
        if is_ref(f"refs/heads/{branch}"):
            assert mirror.push(access, branch, main) == main
            assert work.shop.branches()[branch] == main
    assert _not_ours(work) == before and marks(work.folder) == [] and work.fake.violations == []


@pytest.mark.parametrize("names", [FEW[::2], pytest.param(NAMES, marks=pytest.mark.long)])
def test_nothing_is_pushed_but_below_our_own_name(work: AtWork, names: Group) -> None:
    prove_pushes(work, names)


def test_a_branch_that_looks_like_the_end_of_ours_keeps_nothing_from_being_pushed(work: AtWork) -> None:
    forge, main = open_forge(work.fake.bot_config(), None), work.shop.branches()["main"]
    access, mirror = forge.git_access("acme/shop"), Mirror.at(work.state, "acme/shop")
    mirror.fetch(access, [main])
    for end in ("\u2028", "\u2029", "\x85", "\u202e"):
        work.shop.move(f"x{end}/refs/heads/ratchet/t1", main)
    assert mirror.tip(access, "ratchet/t1") is None
    assert mirror.push(access, "ratchet/t1", main) == mirror.tip(access, "ratchet/t1") == main
