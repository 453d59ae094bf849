"""A branch is one ref update, an apply replaces only what it has seen, and undo brings it back."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.protocol.edit import Create, Delete, Edit, Splice
from agent.protocol.errors import DeliveryRefused
from agent.protocol.patch import Patch, Snapshot
from agent.repo import delivery
from agent.repo.delivery import apply_to_checkout, deliver, free_branch, plan_apply, undo, write_plan
from agent.repo.store import Store
from agent.repo.tree import Entry
from tests.repo.project import Project

MakeProject = Callable[[str], Project]
FIX = Splice(path="a.py", start=4, old=b"two", new=b"TWO")


def _prepared(project: Project, *edits: Edit, clean: bool = False) -> tuple[Store, Snapshot, Patch]:
    store = project.store()
    snapshot = store.snapshot(clean)
    return store, snapshot, store.diff(snapshot.tree, store.apply(snapshot.tree, edits or [FIX]))


def _deliver(store: Store, snapshot: Snapshot, patch: Patch, branch: str = "ratchet/t1") -> str:
    return deliver(store, snapshot, patch, branch=branch, message="Fix it\n\nBecause.", task_id="t1")


def test_a_branch_holds_one_commit_on_head_in_the_users_name(project: Project) -> None:
    store, snapshot, patch = _prepared(project)
    commit = _deliver(store, snapshot, patch)
    assert project.git("rev-parse", "ratchet/t1", "ratchet/t1~1") == f"{commit}\n{snapshot.head}"
    assert project.git("show", "ratchet/t1:a.py") == "one\nTWO\nthree"
    assert project.git("log", "-1", "--format=%an <%ae>|%cn|%B", commit) == (
        "Ada Example <ada@example.org>|Ada Example|Fix it\n\nBecause.\n\nRatchet-Task: t1\n"
    )
    assert project.git("log", "-1", "--format=%(trailers:key=Ratchet-Task,valueonly)", commit).strip() == "t1"
    assert project.git("fsck", "--strict", "--no-dangling") == ""
    assert "ratchet: t1" in project.git("reflog", "show", "ratchet/t1")


def test_a_repository_that_keeps_no_reflog_gets_none(project: Project) -> None:
    shutil.rmtree(project.root / ".git/logs")
    project.git("config", "core.logAllRefUpdates", "false")
    _deliver(*_prepared(project))
    assert not (project.root / ".git/logs").exists()


def test_a_dirty_base_becomes_a_commit_of_its_own_below_the_fix(project: Project) -> None:
    project.write("a.py", "zero\none\ntwo\nthree\n")
    store, snapshot, patch = _prepared(project, Splice(path="a.py", start=9, old=b"two", new=b"TWO"))
    commit = _deliver(store, snapshot, patch)
    assert project.git("rev-parse", f"{commit}~1", f"{commit}~2") == f"{snapshot.commit}\n{snapshot.head}"
    assert project.git("diff", "--numstat", f"{commit}~1", commit) == "1\t1\ta.py"
    assert project.git("diff", "--numstat", f"{commit}~2", f"{commit}~1") == "1\t0\ta.py"


def test_delivering_a_branch_leaves_checkout_index_and_head_as_they_were(project: Project) -> None:
    project.write("a.py", "one\ntwo\nthree\nmore\n")
    project.git("add", "a.py")
    store, snapshot, patch = _prepared(project)
    before = project.fingerprint()
    _deliver(store, snapshot, patch)
    after = project.fingerprint()
    changed = {path for path, state in after.items() if before.get(path) != state}
    assert all(
        path.startswith((".git/objects", ".git/refs/heads", ".git/logs/refs/heads")) for path in changed
    )
    assert before.keys() <= after.keys()


def test_the_same_delivery_twice_is_one_branch(project: Project) -> None:
    store, snapshot, patch = _prepared(project)
    commit = _deliver(store, snapshot, patch)
    assert _deliver(store, snapshot, patch) == commit
    project.git("checkout", "-q", "ratchet/t1")
    assert _deliver(store, snapshot, patch) == commit


def test_a_taken_branch_is_refused_and_a_free_name_is_found(project: Project) -> None:
    store, snapshot, patch = _prepared(project)
    project.git("branch", "ratchet/t1")
    project.git("branch", "ratchet/t1-2")
    project.git("pack-refs", "--all")
    with pytest.raises(DeliveryRefused, match="exists already"):
        _deliver(store, snapshot, patch)
    assert free_branch(store, "ratchet/t1") == "ratchet/t1-3"
    assert free_branch(store, "other") == "other"
    with pytest.raises(DeliveryRefused):
        _deliver(store, snapshot, patch, "ratchet")


@pytest.mark.parametrize(
    "branch",
    ["-f", "--help", "a..b", "a b", "HEAD", "x.lock", "/x", "x/", "a\nb", "@{-1}", "", "a~1", "\x1b", "r\\x"],
)
def test_a_name_that_git_would_not_allow_is_refused(project: Project, branch: str) -> None:
    store, snapshot, patch = _prepared(project)
    with pytest.raises(DeliveryRefused):
        _deliver(store, snapshot, patch, branch)
    assert project.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_a_branch_that_some_worktree_has_checked_out_is_refused(project: Project, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    store, snapshot, patch = _prepared(project)
    project.git("worktree", "add", "-q", "--detach", str(tmp_path / "unborn"))
    project.git("symbolic-ref", "HEAD", "refs/heads/unborn", cwd=tmp_path / "unborn")
    for branch in ("main", "side", "unborn"):
        with pytest.raises(DeliveryRefused, match="checked out"):
            _deliver(store, snapshot, patch, branch)


def test_a_linked_worktree_delivers_into_the_shared_repository(project: Project, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    linked = Project(tmp_path / "linked", project.state)
    commit = _deliver(*_prepared(linked))
    assert project.git("rev-parse", "ratchet/t1") == commit


def test_a_shallow_clone_takes_a_branch(project: Project, tmp_path: Path) -> None:
    project.write("b", "")
    project.commit()
    clone = Project(tmp_path / "clone", project.state)
    project.git("clone", "-q", "--depth=1", f"file://{project.root}", str(clone.root))
    assert _deliver(*_prepared(clone)) == clone.git("rev-parse", "ratchet/t1")
    assert clone.git("fsck", "--no-dangling") == ""


@pytest.mark.parametrize(
    ("message", "subject"),
    [("", "Fix"), ("a\x1b[2J\x00b  \n\n", "a[2Jb"), ("--author=x", "--author=x"), ("\u202eevil", "evil")],
)
def test_a_message_cannot_carry_control_characters(project: Project, message: str, subject: str) -> None:
    store, snapshot, patch = _prepared(project)
    commit = deliver(store, snapshot, patch, branch="b", message=message, task_id="t")
    assert project.git("log", "-1", "--format=%s", commit) == subject


def test_the_identity_comes_from_the_environment_then_the_files_then_us(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.git("config", "--unset", "user.name")
    project.git("config", "--unset", "user.email")
    (tmp_path / "home/work").write_text("[user]\n\temail = work@example.org\n")
    (tmp_path / "home/.gitconfig").write_text(
        f'[user]\n\tname = "Ev<il>\\n"\n[includeIf "gitdir:{project.root}/"]\n\tpath = work\n'
    )

    def identity(branch: str) -> str:
        commit = _deliver(*_prepared(project), branch)
        return project.git("log", "-1", "--format=%an <%ae>", commit)

    assert identity("files") == "Evil <work@example.org>"
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace")
    assert identity("environment") == "Grace <work@example.org>"
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    (tmp_path / "home/.gitconfig").unlink()
    assert identity("ours") == "Ratchet <ratchet@localhost>"


def test_applying_to_an_unmoved_checkout_gives_the_proven_tree(project: Project) -> None:
    project.write("a.py", "one\ntwo\nthree\nlocal\n").chmod(0o640)
    store, snapshot, patch = _prepared(project, FIX, Create(path="n/e/w.py", content=b"w\n"))
    applied = apply_to_checkout(store, snapshot, patch, task_id="t1")
    assert (applied.tree, applied.exact, applied.files) == (patch.tree, True, ("a.py", "n/e/w.py"))
    assert store.snapshot().tree == patch.tree
    assert (project.root / "a.py").read_bytes() == b"one\nTWO\nthree\nlocal\n"
    assert (project.root / "a.py").stat().st_mode & 0o777 == 0o640
    assert not list(project.root.rglob(".ratchet-*"))


def test_undo_brings_back_bytes_modes_and_missing_directories(project: Project) -> None:
    project.write("run.sh", "#!/bin/sh\n").chmod(0o751)
    before = {path: state[:2] for path, state in project.fingerprint().items() if not path.startswith(".git")}
    edits = [
        FIX,
        Create(path="n/e/w.py", content=b"w\n"),
        Delete(path="pkg/b.py", old=b"x = 1\n"),
        Splice(path="run.sh", start=0, old=b"", new=b"\n"),
    ]
    store, snapshot, patch = _prepared(project, *edits)
    apply_to_checkout(store, snapshot, patch, task_id="t1")
    assert not (project.root / "pkg").exists()
    undone = undo(project.store())
    assert (undone.task_id, undone.files) == ("t1", ("a.py", "n/e/w.py", "pkg/b.py", "run.sh"))
    after = {path: state[:2] for path, state in project.fingerprint().items() if not path.startswith(".git")}
    assert after == before
    with pytest.raises(DeliveryRefused, match="nothing to undo"):
        undo(store)


def test_undo_walks_back_one_apply_at_a_time(project: Project) -> None:
    first = _prepared(project)
    apply_to_checkout(*first, task_id="t1")
    second = _prepared(project, Splice(path="a.py", start=0, old=b"one", new=b"ONE"))
    apply_to_checkout(*second, task_id="t2")
    assert undo(project.store()).task_id == "t2"
    assert undo(project.store()).task_id == "t1"
    assert (project.root / "a.py").read_bytes() == b"one\ntwo\nthree\n"


def test_undo_refuses_when_a_file_changed_since_and_keeps_everything(project: Project) -> None:
    prepared = _prepared(project, FIX, Create(path="new.py", content=b""))
    apply_to_checkout(*prepared, task_id="t1")
    project.write("a.py", "mine\n")
    with pytest.raises(DeliveryRefused, match=r"a\.py"):
        undo(project.store())
    assert (project.root / "a.py").read_bytes() == b"mine\n"
    assert (project.root / "new.py").exists()
    project.write("a.py", "one\nTWO\nthree\n")
    assert undo(project.store()).task_id == "t1"


def test_a_checkout_that_moved_elsewhere_is_merged_and_has_to_be_verified_again(project: Project) -> None:
    store, snapshot, patch = _prepared(project)
    project.write("a.py", "one\ntwo\nthree\nfour\nfive\nsix\n")
    project.write("other.py", "other\n")
    plan = plan_apply(store, snapshot, patch)
    assert not plan.exact
    assert store.read(plan.tree, "a.py") == b"one\nTWO\nthree\nfour\nfive\nsix\n"
    write_plan(store, plan, task_id="t1")
    assert store.snapshot().tree == plan.tree
    assert (project.root / "other.py").read_text() == "other\n"


def test_a_clean_base_is_merged_into_a_dirty_checkout(project: Project) -> None:
    project.write("a.py", "one\ntwo\nthree\n" + "far\n" * 9)
    project.git("checkout", "-q", "a.py")
    project.write("pkg/b.py", "x = 2\n")
    store, snapshot, patch = _prepared(project, clean=True)
    applied = apply_to_checkout(store, snapshot, patch, task_id="t1")
    assert not applied.exact
    assert (project.root / "pkg/b.py").read_text() == "x = 2\n"
    assert (project.root / "a.py").read_text() == "one\nTWO\nthree\n"


@pytest.mark.parametrize("what", ["edit", "delete", "create"])
def test_a_conflict_is_refused_and_nothing_is_written(project: Project, what: str) -> None:
    prepared = _prepared(project, FIX, Create(path="new.py", content=b"ours\n"))
    if what == "edit":
        project.write("a.py", "one\nzwei\nthree\n")
    elif what == "delete":
        (project.root / "a.py").unlink()
    else:
        project.write("new.py", "theirs\n")
    before = project.fingerprint()
    with pytest.raises(DeliveryRefused, match=r"new\.py" if what == "create" else r"a\.py"):
        apply_to_checkout(*prepared, task_id="t1")
    assert project.fingerprint() == before
    with pytest.raises(DeliveryRefused, match="nothing to undo"):
        undo(project.store())


def test_a_file_that_changes_between_plan_and_write_stops_everything(project: Project) -> None:
    edits = [
        FIX,
        Create(path="0/first.py", content=b""),
        Splice(path="pkg/b.py", start=0, old=b"x", new=b"y"),
    ]
    store, snapshot, patch = _prepared(project, *edits)
    plan = plan_apply(store, snapshot, patch)
    project.write("pkg/b.py", "x = 3\n")
    with pytest.raises(DeliveryRefused, match="changed meanwhile"):
        write_plan(store, plan, task_id="t1")
    assert (project.root / "a.py").read_bytes() == b"one\ntwo\nthree\n"
    assert (project.root / "pkg/b.py").read_bytes() == b"x = 3\n"
    assert not (project.root / "0").exists()
    with pytest.raises(DeliveryRefused, match="nothing to undo"):
        undo(store)


def test_an_apply_that_died_halfway_can_be_undone(project: Project) -> None:
    store, snapshot, patch = _prepared(project, FIX, Splice(path="pkg/b.py", start=0, old=b"x", new=b"y"))
    plan = plan_apply(store, snapshot, patch)
    delivery.journal.record(store, "t1", plan.replacements)
    first = plan.replacements[0]
    delivery.replace_file(store.root, first.path, first.before, first.after)
    assert (project.root / "a.py").read_bytes() == b"one\nTWO\nthree\n"
    assert undo(project.store()).task_id == "t1"
    assert not project.store().snapshot().dirty


def test_an_ignored_file_in_the_way_is_not_lost(project: Project) -> None:
    project.write(".gitignore", "*.log\n")
    project.write("x.log", "precious\n")
    prepared = _prepared(project, Create(path="x.log", content=b"ours\n"))
    with pytest.raises(DeliveryRefused, match="ignored"):
        apply_to_checkout(*prepared, task_id="t1")
    assert (project.root / "x.log").read_text() == "precious\n"


def test_line_endings_are_written_as_a_checkout_would(project: Project) -> None:
    project.write(".gitattributes", "*.bat text eol=crlf\n")
    project.write("r.bat", b"one\r\ntwo\r\n")
    store, snapshot, patch = _prepared(project, Splice(path="r.bat", start=4, old=b"two", new=b"TWO"))
    assert apply_to_checkout(store, snapshot, patch, task_id="t1").exact
    assert (project.root / "r.bat").read_bytes() == b"one\r\nTWO\r\n"
    undo(store)
    assert (project.root / "r.bat").read_bytes() == b"one\r\ntwo\r\n"


def test_a_directory_swapped_for_a_link_is_not_followed(project: Project, tmp_path: Path) -> None:
    store, snapshot, patch = _prepared(project, Splice(path="pkg/b.py", start=0, old=b"x", new=b"y"))
    plan = plan_apply(store, snapshot, patch)
    outside = tmp_path / "outside"
    (project.root / "pkg").rename(outside)
    (project.root / "pkg").symlink_to(outside)
    with pytest.raises(DeliveryRefused):
        write_plan(store, plan, task_id="t1")
    assert (outside / "b.py").read_text() == "x = 1\n"
    with pytest.raises(DeliveryRefused):
        apply_to_checkout(store, snapshot, patch, task_id="t1")
    assert (outside / "b.py").read_text() == "x = 1\n"


def test_a_file_swapped_for_a_link_is_not_followed(project: Project, tmp_path: Path) -> None:
    store, snapshot, patch = _prepared(project)
    plan = plan_apply(store, snapshot, patch)
    outside = tmp_path / "outside"
    (project.root / "a.py").rename(outside)
    (project.root / "a.py").symlink_to(outside)
    with pytest.raises(DeliveryRefused):
        write_plan(store, plan, task_id="t1")
    assert outside.read_text() == "one\ntwo\nthree\n"


def test_a_file_behind_a_filter_is_not_applied(project: Project) -> None:
    project.write(".gitattributes", "a.py filter=secret\n")
    project.git("config", "filter.secret.clean", "false")
    store, snapshot, patch = _prepared(project, clean=True)
    with pytest.raises(DeliveryRefused, match="filter"):
        apply_to_checkout(store, snapshot, patch, task_id="t1")


def test_a_patch_that_adds_a_link_is_not_applied(project: Project, tmp_path: Path) -> None:
    store = project.store()
    snapshot = store.snapshot()
    blob = store.list(store.write(snapshot.tree, {"t": str(tmp_path).encode()}))["t"].blob
    tree = store.write(snapshot.tree, {"link": Entry("120000", blob), "a.py": b"x"})
    with pytest.raises(DeliveryRefused):
        apply_to_checkout(store, snapshot, store.diff(snapshot.tree, tree), task_id="t1")
    assert not (project.root / "link").is_symlink()


@pytest.mark.parametrize("path", [".git/hooks/post-checkout", ".GIT/config", "x/.git/config"])
def test_a_tree_that_names_gits_own_files_is_not_applied(project: Project, path: str) -> None:
    store = project.store()
    snapshot = store.snapshot()
    blob = store.list(store.write(snapshot.tree, {"t": b"evil"}))["t"].blob
    tree = _evil_tree(store, path.split("/"), blob)
    with pytest.raises(DeliveryRefused):
        apply_to_checkout(store, snapshot, store.diff(snapshot.tree, tree), task_id="t1")
    assert not (project.root / ".git/hooks/post-checkout").exists()


def _evil_tree(store: Store, parts: list[str], blob: str) -> str:
    ours = store.objects.ours
    made = ours.text("mktree", stdin=f"100755 blob {blob}\t{parts[-1]}\n".encode())
    for part in reversed(parts[:-1]):
        made = ours.text("mktree", stdin=f"040000 tree {made}\t{part}\n".encode())
    return made


@pytest.mark.long
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2, 0.4])
def test_an_apply_that_is_killed_at_any_moment_can_be_undone(project: Project, delay: float) -> None:
    for number in range(300):
        project.write(f"d{number % 7}/f{number}.py", f"{number}\n")
    project.commit()
    code = (
        "import sys; from pathlib import Path; from agent.repo.store import Store;"
        "from agent.repo.delivery import plan_apply, write_plan;"
        "s = Store.open(Path(sys.argv[1]), Path(sys.argv[2])); b = s.snapshot();"
        "t = s.write(b.tree, {p: b'new' for p in s.list(b.tree)});"
        "p = plan_apply(s, b, s.diff(b.tree, t)); print('go', flush=True); write_plan(s, p, task_id='t')"
    )
    argv = [sys.executable, "-c", code, str(project.root), str(project.state)]
    with subprocess.Popen(argv, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"go\n"
        time.sleep(delay)
        process.kill()
    try:
        undo(project.store())
    except DeliveryRefused as refused:
        assert "nothing to undo" in refused.message
    assert not list(project.root.rglob(".ratchet-*"))
    assert not project.store().snapshot().dirty
