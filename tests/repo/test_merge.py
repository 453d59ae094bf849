"""A merge takes what only one side changed, joins lines, and names what both sides changed."""

import pytest

from agent.repo.merge import Merged, merge_trees
from agent.repo.store import Store
from agent.repo.tree import Changes, Entry
from tests.repo.project import Project

LINES = b"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n"


@pytest.fixture
def store(project: Project) -> Store:
    """Open a repository with a text file, a binary file and a directory."""
    project.write("t.txt", LINES)
    project.write("b.bin", b"\0binary\0")
    project.commit()
    return project.store()


def _merge(store: Store, ours: Changes, theirs: Changes) -> tuple[Merged, str]:
    base = store.snapshot().tree
    return merge_trees(store, base, store.write(base, ours), store.write(base, theirs)), base


def test_changes_of_either_side_are_joined_byte_for_byte(store: Store) -> None:
    ours = {"t.txt": LINES.replace(b"1", b"one"), "a.py": None, "n1": b"n"}
    theirs = {"t.txt": LINES.replace(b"7\r\n", b"seven"), "pkg/b.py": b"\xff", "n2": b"n"}
    merged, base = _merge(store, ours, theirs)
    expected = {
        "t.txt": b"one\r\n2\r\n3\r\n4\r\n5\r\n6\r\nseven",
        "a.py": None,
        "n1": b"n",
        "n2": b"n",
        "pkg/b.py": b"\xff",
    }
    assert merged == Merged(store.write(base, expected))


def test_the_same_change_on_both_sides_is_one_change(store: Store) -> None:
    both = {"t.txt": b"same\n", "a.py": None, "n": b"n"}
    merged, base = _merge(store, both, both)
    assert merged == Merged(store.write(base, both))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"t.txt": b"ours\n"}, {"t.txt": b"theirs\n"}),
        ({"t.txt": None}, {"t.txt": b"theirs\n"}),
        ({"t.txt": b"ours\n"}, {"t.txt": None}),
        ({"b.bin": b"\0ours\0"}, {"b.bin": b"\0theirs\0"}),
        ({"n": b"ours\n"}, {"n": b"theirs\n"}),
        ({"n/m": b"ours\n"}, {"n": b"theirs\n"}),
        ({"n": b"ours\n"}, {"n/m": b"theirs\n"}),
    ],
    ids=[
        "lines",
        "deleted here",
        "deleted there",
        "binary",
        "added twice",
        "directory here",
        "directory there",
    ],
)
def test_what_both_sides_changed_is_a_conflict_with_its_path(
    store: Store, ours: Changes, theirs: Changes
) -> None:
    merged, base = _merge(store, ours, theirs)
    assert merged == Merged(store.write(base, ours), tuple(theirs))


def test_a_mode_and_a_content_change_of_one_file_conflict(store: Store) -> None:
    executable = Entry("100755", store.list(store.snapshot().tree)["t.txt"].blob)
    merged, _ = _merge(store, {"t.txt": executable}, {"t.txt": b"theirs\n"})
    assert merged.conflicts == ("t.txt",)


def test_a_file_with_conflict_markers_of_its_own_merges(store: Store) -> None:
    text = b"<<<<<<< x\n" + LINES + b">>>>>>> y\n"
    base = store.write(store.snapshot().tree, {"t.txt": text})
    ours = store.write(base, {"t.txt": b"first\n" + text})
    theirs = store.write(base, {"t.txt": text + b"last\n"})
    assert store.read(merge_trees(store, base, ours, theirs).tree, "t.txt") == b"first\n" + text + b"last\n"
