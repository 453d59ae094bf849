"""The base of a task is what lies in the working tree, and taking it changes nothing there."""

import hashlib
import os
import shutil
import socket
from pathlib import Path

import pytest

from agent.protocol.errors import RepositoryError
from tests.repo.project import Project


def _files(project: Project, tree: str) -> dict[str, bytes]:
    store = project.store()
    return {path: store.read(tree, path) for path in store.list(tree)}


def test_a_clean_tree_is_its_own_base(project: Project) -> None:
    snapshot = project.store().snapshot()
    head = project.git("rev-parse", "HEAD")
    assert (snapshot.head, snapshot.commit) == (head, head)
    assert snapshot.tree == project.git("rev-parse", "HEAD^{tree}")
    assert (snapshot.dirty, snapshot.branch, snapshot.warnings) == (False, "main", ())


def test_a_dirty_tree_is_taken_with_untracked_files_and_without_ignored_ones(project: Project) -> None:
    project.write("a.py", "changed\n")
    project.write("new.py", "new\n")
    project.write("secret.log", "ignored\n")
    project.write(".gitignore", "*.log\n")
    (project.root / "pkg/b.py").unlink()
    snapshot = project.store().snapshot()
    assert snapshot.dirty
    assert _files(project, snapshot.tree) == {
        "a.py": b"changed\n",
        "new.py": b"new\n",
        ".gitignore": b"*.log\n",
    }
    assert project.store().merge_base(snapshot.commit, snapshot.head) == snapshot.head


def test_the_clean_option_takes_head_whatever_lies_around(project: Project) -> None:
    project.write("a.py", "changed\n")
    snapshot = project.store().snapshot(clean=True)
    assert not snapshot.dirty
    assert snapshot.tree == project.git("rev-parse", "HEAD^{tree}")


def test_the_same_dirty_tree_gives_the_same_commit(project: Project) -> None:
    project.write("a.py", "changed\n")
    assert project.store().snapshot() == project.store().snapshot()


def test_personal_ignore_files_count(project: Project, tmp_path: Path) -> None:
    (project.root / ".git/info/exclude").write_text("*.mine\n")
    ignore = tmp_path / "home/.config/git/ignore"
    ignore.parent.mkdir(parents=True)
    ignore.write_text("*.global\n")
    project.write("x.mine", "")
    project.write("x.global", "")
    assert not project.store().snapshot().dirty
    (tmp_path / "home/.gitconfig").write_text("[core]\n\texcludesFile = ~/other\n")
    assert sorted(_files(project, project.store().snapshot().tree)) == ["a.py", "pkg/b.py", "x.global"]


def test_taking_a_snapshot_leaves_every_byte_and_time_stamp_of_the_repository(project: Project) -> None:
    project.write("staged.py", "staged\n")
    project.git("add", "staged.py")
    project.write("a.py", "changed\n")
    project.write("new.py", "new\n")
    before = project.fingerprint()
    store = project.store()
    snapshot = store.snapshot()
    store.diff(store.tree_of(snapshot.head), snapshot.tree)
    store.resolve("main")
    b"".join(store.archive(snapshot.tree))
    assert project.fingerprint() == before


def test_a_file_that_was_only_staged_can_be_read(project: Project) -> None:
    project.write("staged.py", "staged\n")
    project.git("add", "staged.py")
    project.git("update-index", "--refresh")
    os.utime(project.root / ".git/index", (2_000_000_000, 2_000_000_000))
    snapshot = project.store().snapshot()
    assert _files(project, snapshot.tree)["staged.py"] == b"staged\n"


def test_an_ignored_file_that_was_added_by_force_stays(project: Project) -> None:
    project.write(".gitignore", "*.log\n")
    project.write("kept.log", "kept\n")
    project.git("add", "-f", "kept.log")
    assert _files(project, project.store().snapshot().tree)["kept.log"] == b"kept\n"


def test_a_change_hidden_by_assume_unchanged_is_seen(project: Project) -> None:
    project.git("update-index", "--assume-unchanged", "a.py")
    project.write("a.py", "hidden change\n")
    assert _files(project, project.store().snapshot().tree)["a.py"] == b"hidden change\n"


def test_files_left_out_by_a_sparse_checkout_stay_in_the_base(project: Project) -> None:
    project.git("sparse-checkout", "set", "--no-cone", "/a.py")
    assert not (project.root / "pkg").exists()
    assert not project.store().snapshot().dirty


def test_a_split_index_is_understood(project: Project) -> None:
    project.git("update-index", "--split-index")
    project.write("a.py", "changed\n")
    before = project.fingerprint()
    assert _files(project, project.store().snapshot().tree) == {"a.py": b"changed\n", "pkg/b.py": b"x = 1\n"}
    assert project.fingerprint() == before


def test_a_missing_index_means_that_nothing_is_hidden(project: Project) -> None:
    (project.root / ".git/index").unlink()
    assert not project.store().snapshot().dirty


def test_a_conflicted_merge_is_taken_as_it_lies_there(project: Project) -> None:
    project.git("checkout", "-q", "-b", "side")
    project.write("a.py", "side\n")
    project.commit("side")
    project.git("checkout", "-q", "main")
    project.write("a.py", "main\n")
    project.commit("main")
    with pytest.raises(AssertionError):
        project.git("merge", "side")
    before = project.fingerprint()
    snapshot = project.store().snapshot()
    assert b"<<<<<<<" in _files(project, snapshot.tree)["a.py"]
    assert any("a merge" in warning for warning in snapshot.warnings)
    assert project.fingerprint() == before


def test_line_endings_follow_the_attributes(project: Project) -> None:
    project.write(".gitattributes", "*.txt text\n*.bat text eol=crlf\n*.bin -text\n")
    project.write("a.txt", b"one\r\ntwo\r\n")
    project.write("b.bat", b"one\r\ntwo\r\n")
    project.write("c.bin", b"one\r\ntwo\r\n")
    files = _files(project, project.store().snapshot().tree)
    assert (files["a.txt"], files["b.bat"], files["c.bin"]) == (b"one\ntwo\n",) * 2 + (b"one\r\ntwo\r\n",)


def test_autocrlf_of_the_user_is_honoured(project: Project) -> None:
    project.git("config", "core.autocrlf", "true")
    project.write("a.py", b"one\r\ntwo\r\nthree\r\n")
    assert not project.store().snapshot().dirty


LFS = """version https://git-lfs.github.com/spec/v1
oid sha256:{oid}
size {size}
"""


def _with_lfs(project: Project, content: bytes) -> None:
    pointer = LFS.format(oid=hashlib.sha256(content).hexdigest(), size=len(content))
    project.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    project.write("big.bin", pointer)
    project.commit("pointer")
    project.git("config", "filter.lfs.clean", "touch /tmp/never; cat")
    project.git("config", "filter.lfs.process", "touch /tmp/never")
    project.write("big.bin", content)


def test_the_pointer_stays_when_the_working_tree_holds_its_content(project: Project) -> None:
    _with_lfs(project, b"\0big content")
    project.write("a.py", "changed\n")
    snapshot = project.store().snapshot()
    assert _files(project, snapshot.tree)["big.bin"].startswith(b"version https://git-lfs")
    assert snapshot.warnings == ()


def test_a_changed_file_behind_a_filter_is_taken_as_committed_with_a_warning(project: Project) -> None:
    _with_lfs(project, b"\0big content")
    project.write("big.bin", b"\0other content")
    project.write("new.bin", b"\0new")
    snapshot = project.store().snapshot()
    files = _files(project, snapshot.tree)
    assert files["big.bin"].startswith(b"version https://git-lfs")
    assert "new.bin" not in files
    assert len(snapshot.warnings) == 2


def test_a_removed_file_behind_a_filter_is_removed(project: Project) -> None:
    _with_lfs(project, b"\0big content")
    (project.root / "big.bin").unlink()
    snapshot = project.store().snapshot()
    assert "big.bin" not in _files(project, snapshot.tree)
    assert snapshot.warnings == ()


def test_a_conflict_behind_a_filter_is_taken_as_it_lies_there(project: Project) -> None:
    _with_lfs(project, b"\0big content")
    head = project.git("rev-parse", "HEAD:big.bin")
    stages = "".join(f"100644 {head} {stage}\tbig.bin\n" for stage in (1, 2, 3))
    project.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\tbig.bin\n{stages}".encode())
    assert _files(project, project.store().snapshot().tree)["big.bin"] == b"\0big content"


def test_a_filter_that_the_user_never_configured_changes_nothing(project: Project) -> None:
    project.write(".gitattributes", "*.ipynb filter=nbstripout\n")
    project.write("n.ipynb", "{}\n")
    assert _files(project, project.store().snapshot().tree)["n.ipynb"] == b"{}\n"


def test_links_and_modes_are_kept_and_odd_files_are_left_out(project: Project) -> None:
    (project.root / "link").symlink_to("/etc/passwd")
    (project.root / "loop").symlink_to("loop")
    project.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    os.mkfifo(project.root / "pipe")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(project.root / "socket"))
        snapshot = project.store().snapshot()
    listing = project.store().list(snapshot.tree)
    assert (listing["link"].mode, listing["loop"].mode, listing["run.sh"].mode) == (
        "120000",
        "120000",
        "100755",
    )
    assert not {"pipe", "socket"} & listing.keys()
    assert project.store().read(snapshot.tree, "link") == b"/etc/passwd"


def test_a_tracked_file_that_became_a_pipe_is_taken_as_committed(project: Project) -> None:
    (project.root / "a.py").unlink()
    os.mkfifo(project.root / "a.py")
    snapshot = project.store().snapshot()
    assert _files(project, snapshot.tree)["a.py"] == b"one\ntwo\nthree\n"
    assert any("special files" in warning for warning in snapshot.warnings)


def test_a_file_that_became_a_directory_and_back(project: Project) -> None:
    (project.root / "a.py").unlink()
    project.write("a.py/inner.py", "inner\n")
    shutil.rmtree(project.root / "pkg")
    project.write("pkg", "a file now\n")
    assert _files(project, project.store().snapshot().tree) == {
        "a.py/inner.py": b"inner\n",
        "pkg": b"a file now\n",
    }


def test_names_that_some_systems_take_for_the_git_directory_are_left_out(project: Project) -> None:
    project.write("git~1/config", "[core]\n")
    project.write("pkg/.git./config", "[core]\n")
    snapshot = project.store().snapshot()
    assert not snapshot.dirty
    assert "git~1/config" in snapshot.warnings[0]


def test_a_file_that_cannot_be_encoded_stops_with_its_name_and_a_hint(project: Project) -> None:
    project.write(".gitattributes", "*.u working-tree-encoding=UTF-16\n")
    project.write("x.u", b"no byte order mark")
    with pytest.raises(RepositoryError, match=r"x\.u") as caught:
        project.store().snapshot()
    assert "--clean" in caught.value.hint


def test_a_sparse_index_is_understood(project: Project) -> None:
    project.write("other/c.py", "c\n")
    project.commit()
    project.git("sparse-checkout", "set", "--cone", "--sparse-index", "pkg")
    project.write("pkg/b.py", "changed\n")
    assert _files(project, project.store().snapshot().tree)["other/c.py"] == b"c\n"


def test_a_file_that_is_only_intended_to_be_added_is_taken(project: Project) -> None:
    project.write("n.py", "new\n")
    project.git("add", "-N", "n.py")
    assert _files(project, project.store().snapshot().tree)["n.py"] == b"new\n"


def test_attributes_of_the_user_count_without_running_their_filters(project: Project, tmp_path: Path) -> None:
    attributes = tmp_path / "home/.config/git/attributes"
    attributes.parent.mkdir(parents=True)
    attributes.write_text("*.txt text\n*.bin filter=lfs\n")
    (tmp_path / "home/.gitconfig").write_text('[filter "lfs"]\n\tclean = false\n')
    project.write("a.txt", b"one\r\n")
    project.write("b.bin", b"two")
    files = _files(project, project.store().snapshot().tree)
    assert (files["a.txt"], "b.bin" in files) == (b"one\n", False)


def test_a_huge_file_is_left_out(project: Project) -> None:
    with project.write("huge.bin", b"").open("wb") as file:
        file.truncate(101 * 1024 * 1024)
    snapshot = project.store().snapshot()
    assert not snapshot.dirty
    assert snapshot.warnings == ("files above 100 MB are left out: huge.bin",)


@pytest.mark.parametrize(
    "name", ["-rf", "new\nline", "esc\x1b[2J", "tab\t", "ünïcode", "quote\"'", "a b", ":(glob)**", "\u2028"]
)
def test_odd_names_are_only_names(project: Project, name: str) -> None:
    project.write(name, "content\n")
    store = project.store()
    snapshot = store.snapshot()
    assert store.read(snapshot.tree, name) == b"content\n"
    assert store.diff(store.tree_of(snapshot.head), snapshot.tree).files == (name,)


def test_names_that_are_not_utf8_are_kept(project: Project) -> None:
    (project.root / os.fsdecode(b"caf\xe9")).write_bytes(b"x")
    store = project.store()
    snapshot = store.snapshot()
    assert store.read(snapshot.tree, os.fsdecode(b"caf\xe9")) == b"x"
    assert store.diff(store.tree_of(snapshot.head), snapshot.tree).files == ("caf\\xe9",)


def test_names_that_differ_in_case_only_are_two_files(project: Project) -> None:
    project.write("A.py", "upper\n")
    project.write("PKG/B.py", "upper\n")
    files = _files(project, project.store().snapshot().tree)
    assert (files["a.py"], files["A.py"], files["PKG/B.py"]) == (b"one\ntwo\nthree\n", b"upper\n", b"upper\n")
