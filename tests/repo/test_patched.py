"""A diff on a tree: exactly what it says, or refused, and never near a checkout."""

import pytest

from agent.protocol.errors import PatchRefused
from agent.repo.store import Store
from tests.repo.project import Project

ADDED = (
    "diff --git a/{path} b/{path}\nnew file mode {mode}\n"
    "--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+{text}\n"
)
LINK = ADDED + "\\ No newline at end of file\n"


@pytest.fixture
def store(project: Project) -> Store:
    """Return our copy of a repository, its snapshot taken."""
    opened = Store.open(project.root, project.state)
    opened.snapshot()
    return opened


def _tree(store: Store) -> str:
    return store.snapshot().tree


def test_the_diff_between_two_trees_leads_from_one_to_the_other_whatever_it_holds(store: Store) -> None:
    changes = {
        "a.py": b"one\r\nzwei\r\n\xe4\x00three",
        "pkg/b.py": None,
        "new/\u00e4 b.txt": b"no newline at the end",
        "data.bin": bytes(range(256)) * 20,
        "latin.txt": b"caf\xe9\n",
    }
    base = _tree(store)
    wanted = store.write(base, changes)

    assert store.patched(base, store.diff(base, wanted).diff) == wanted


def test_changed_modes_and_renames_are_taken(store: Store) -> None:
    diff = (
        "diff --git a/a.py b/a.py\nold mode 100644\nnew mode 100755\n"
        "diff --git a/pkg/b.py b/pkg/c.py\nsimilarity index 100%\nrename from pkg/b.py\nrename to pkg/c.py\n"
    )
    made = store.list(store.patched(_tree(store), diff))

    assert made["a.py"].mode == "100755"
    assert sorted(made) == ["a.py", "pkg/c.py"]


def test_a_diff_of_blanks_changes_nothing(store: Store) -> None:
    assert store.patched(_tree(store), " \n") == _tree(store)


def test_neither_the_working_tree_nor_an_index_is_touched(store: Store, project: Project) -> None:
    project.write("a.py", "one\ntwo\nedited\n")
    before = project.git("status", "--porcelain")
    index = (project.root / ".git" / "index").read_bytes()
    ours = sorted(store.objects.ours.git_dir.iterdir())

    base = store.snapshot().tree
    store.patched(base, ADDED.format(path="n.py", mode="100644", text="x"))

    assert project.git("status", "--porcelain") == before
    assert (project.root / ".git" / "index").read_bytes() == index
    assert (project.root / "a.py").read_text() == "one\ntwo\nedited\n"
    assert sorted(store.objects.ours.git_dir.iterdir()) == ours


@pytest.mark.parametrize(
    ("diff", "said"),
    [
        ("no diff at all\n", "does not apply"),
        ("--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n one\n-four\n+five\n", "a.py"),
        ("--- a/none.py\n+++ b/none.py\n@@ -1 +1 @@\n-x\n+y\n", "none.py"),
        ("--- a/a.py\n+++ b/a.py\n@@ -1,9 +1,9 @@\n one\n", "does not apply"),
        (ADDED.format(path="a.py", mode="100644", text="x"), "a.py"),
    ],
)
def test_a_diff_that_does_not_fit_is_refused_with_git_s_reason(store: Store, diff: str, said: str) -> None:
    with pytest.raises(PatchRefused, match=said) as refused:
        store.patched(_tree(store), diff)
    assert refused.value.hint


@pytest.mark.parametrize(
    "path",
    [".git/config", "x/.GIT/hooks/pre-commit", "../out.py", "/etc/out.py", ".git\u200c/config", "git~1/x"],
)
def test_no_diff_reaches_git_s_directory_or_leaves_the_tree(store: Store, path: str) -> None:
    with pytest.raises(PatchRefused):
        store.patched(_tree(store), ADDED.format(path=path, mode="100644", text="x"))


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "..", "../../x", "pkg/../../x", "pkg/../a.py", ".git/config", "a/./../.git"]
)
def test_a_link_that_leads_out_of_the_tree_is_refused(store: Store, target: str) -> None:
    with pytest.raises(PatchRefused, match="link"):
        store.patched(_tree(store), LINK.format(path="link", mode="120000", text=target))


@pytest.mark.parametrize("target", ["a.py", "../a.py", "./b.py", "../pkg/b.py"])
def test_a_link_within_the_tree_is_taken(store: Store, target: str) -> None:
    made = store.patched(_tree(store), LINK.format(path="pkg/link", mode="120000", text=target))

    assert store.read(made, "pkg/link") == target.encode()


def test_a_file_cannot_be_put_behind_a_link_of_the_same_diff(store: Store) -> None:
    diff = LINK.format(path="deep", mode="120000", text="pkg") + ADDED.format(
        path="deep/x.py", mode="100644", text="x"
    )
    with pytest.raises(PatchRefused):
        store.patched(_tree(store), diff)


def test_a_submodule_cannot_be_changed(store: Store) -> None:
    diff = (
        "diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n"
        f"@@ -0,0 +1 @@\n+Subproject commit {'1' * 40}\n"
    )
    with pytest.raises(PatchRefused, match="submodule"):
        store.patched(_tree(store), diff)
